/** Pictures and films as files, with what the last one looks like. */
import { useEffect, useState } from "preact/hooks";
import { rowsOf } from "../backend/arrays";
import { sentenceOf } from "../backend/backend";
import { percent } from "../maths/format";
import { Button } from "../parts/controls";
import { useSession } from "../session/context";
import { stopsOf } from "../session/evolution";
import { epochsFilm, mapFilm, morphFilm, type Told } from "../share/films";
import { pictureCanvas, stripCanvas, type Dress } from "../share/pictures";
import { pngOf, save, sizeText } from "../share/save";
import { useCell } from "../state/cell";
import { say } from "../words/words";
import { saying } from "../words/saying";

type Made =
  | { readonly kind: "making"; readonly share: number | null }
  | { readonly kind: "saved"; readonly name: string; readonly size: number; readonly address: string }
  | { readonly kind: "failed"; readonly sentence: string };

type Make = (told: Told) => Promise<Blob>;

const SHARP = 2;

export function Exports({ dress }: { dress: Dress }) {
  const session = useSession();
  const { described, decoding, morphing, snapshot } = session;
  const about = useCell(described);
  const walk = useCell(morphing.walk);
  const draw = useCell(snapshot);
  const picture = useCell(decoding.picture);
  const [made, setMade] = useState<Made | null>(null);
  useEffect(() => () => void (made?.kind === "saved" && URL.revokeObjectURL(made.address)), [made]);
  const busy = made?.kind === "making";
  const run = (ending: string, make: Make) => (): void => {
    const name = `${about.id}-${ending}`;
    setMade({ kind: "making", share: null });
    // What fails at once is told like what fails on the way.
    const making = async (): Promise<Blob> => make((share) => setMade({ kind: "making", share }));
    making().then(
      (blob) => {
        save(blob, name);
        setMade({ kind: "saved", name, size: blob.size, address: URL.createObjectURL(blob) });
      },
      (error) => setMade({ kind: "failed", sentence: sentenceOf(error) }),
    );
  };
  const gif = (film: (told: Told) => Promise<Uint8Array<ArrayBuffer>>): Make => {
    return async (told) => new Blob([await film(told)], { type: "image/gif" });
  };
  const epochs = stopsOf(about).length > 1;
  return (
    <>
      <section aria-labelledby="share-pictures">
        <h3 id="share-pictures">{say("Pictures")}</h3>
        <div class="row">
          <Button icon="download" disabled={busy || !draw} onClick={run("map.png", () => pngOf(draw!({ ratio: SHARP })))}>
            {say("Map")}
          </Button>
          <Button
            icon="download"
            disabled={busy || !picture}
            onClick={run("decoded.png", () => pngOf(pictureCanvas(picture!.x, dress)))}
          >
            {about.kind === "image" ? say("Decoded picture") : say("Decoded values")}
          </Button>
          <Button
            icon="download"
            disabled={busy || !walk}
            onClick={run("morph.png", () => pngOf(stripCanvas(rowsOf(walk!.x), dress)))}
          >
            {say("Filmstrip")}
          </Button>
        </div>
      </section>
      <section aria-labelledby="share-films">
        <h3 id="share-films">{say("Films")}</h3>
        <div class="row">
          <Button icon="download" disabled={busy || !walk} onClick={run("morph.gif", gif((told) => morphFilm(session, dress, told)))}>
            {say("Morph")}
          </Button>
          {epochs && about.rows > 0 && (
            <Button icon="download" disabled={busy || !draw} onClick={run("epochs-map.gif", gif((told) => mapFilm(session, told)))}>
              {say("Epochs, the map")}
            </Button>
          )}
          {epochs && (
            <Button icon="download" disabled={busy} onClick={run("epochs.gif", gif((told) => epochsFilm(session, dress, told)))}>
              {say("Epochs, the picture")}
            </Button>
          )}
        </div>
        {!walk && <p class="hint">{say("A filmstrip and a film of a morph need its two ends: choose A and B in Morph.")}</p>}
      </section>
      <Outcome made={made} />
    </>
  );
}

function Outcome({ made }: { made: Made | null }) {
  return (
    <div class="share-outcome" role="status">
      {made?.kind === "making" && <p class="hint">{say("Making it …")}{made.share !== null && ` ${percent(made.share)}`}</p>}
      {made?.kind === "failed" && <p class="problem">{say("It could not be made: {why}", { why: made.sentence })}</p>}
      {made?.kind === "saved" && (
        <>
          <img src={made.address} alt={say("What {name} shows", { name: made.name })} />
          <p>
            {saying("Saved as {name}, {size}", { name: <strong>{made.name}</strong>, size: sizeText(made.size) })}
          </p>
        </>
      )}
    </div>
  );
}
