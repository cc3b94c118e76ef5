/** From one picture to another: the ends, the way between them, and a filmstrip of what it decodes to. */
import { useEffect, useRef, useState } from "preact/hooks";
import { rowOf, stacked, type Values } from "../backend/arrays";
import { sentenceOf, type About, type PathKind } from "../backend/backend";
import { grouped, percent, short } from "../maths/format";
import { Button, FileButton, IconButton, Segments } from "../parts/controls";
import { dropTarget } from "../parts/drop";
import { ExampleView } from "../parts/example-view";
import { useAppState, useSession } from "../session/context";
import { sameWay, type Walk } from "../session/morphing";
import { useCell } from "../state/cell";
import { FRAMES, type End } from "../state/state";
import { Filmstrip } from "./filmstrip";
import { say } from "../words/words";
import { saying } from "../words/saying";

export function pathChoices({ law }: About): readonly { value: PathKind; text: string; title: string }[] {
  const shell = law.gaussian
    ? say("Along the shell on which the prior’s mass lies")
    : say("Along an arc around the codes’ mean, seen in their deviations");
  return [
    { value: "linear", text: say("Linear"), title: say("The straight line between the codes") },
    { value: "spherical", text: say("Spherical"), title: shell },
    { value: "geodesic", text: say("Geodesic"), title: say("The shortest way by how much the picture changes") },
  ];
}

export function MorphPanel() {
  const { about, store, morphing } = useSession();
  const morph = useAppState((state) => state.morph);
  const walk = useCell(morphing.walk);
  const finding = useCell(morphing.finding);
  const failed = useCell(morphing.failed);
  const set = (change: Partial<typeof morph>): void => store.dispatch({ type: "morphed", morph: change });
  return (
    <>
      <div class="ends">
        <EndSlot name="A" end={morph.a} onSet={(a) => set({ a })} />
        <IconButton
          icon="swap"
          label={say("Swap A and B")}
          disabled={!morph.a && !morph.b}
          onClick={() => set({ a: morph.b, b: morph.a })}
        />
        <EndSlot name="B" end={morph.b} onSet={(b) => set({ b })} />
      </div>
      <div class="row">
        <Segments label={say("Path")} choices={pathChoices(about)} value={morph.path} onChoose={(path) => set({ path })} />
        <Count n={morph.n} onSet={(n) => set({ n })} />
      </div>
      {failed && <p class="problem">{say("No way from A to B: {why}", { why: failed })}</p>}
      {walk && <Filmstrip walk={walk} busy={finding !== null} />}
      <p class="hint lengths" role="status" aria-live="polite">
        {finding === "geodesic" ? say("Finding the geodesic …") : walk && sameWay(walk.morph, morph) && <Lengths walk={walk} />}
      </p>
      {!walk && !failed && finding === null && (
        <p class="empty">
          {say("Choose A and B: point at the map and press A or B, take the current code, a random row, or a picture of yours.")}
        </p>
      )}
    </>
  );
}

function Count({ n, onSet }: { n: number; onSet: (n: number) => void }) {
  const change = (input: HTMLInputElement): void => {
    const next = Math.round(input.valueAsNumber);
    if (next >= FRAMES.fewest && next <= FRAMES.most) onSet(next);
    else input.value = String(n);
  };
  return (
    <label class="field">
      <span>{say("Frames")}</span>
      <input
        type="number"
        min={FRAMES.fewest}
        max={FRAMES.most}
        value={n}
        onChange={(event) => change(event.currentTarget)}
      />
    </label>
  );
}

function EndSlot({ name, end, onSet }: { name: string; end: End | null; onSet: (end: End) => void }) {
  const session = useSession();
  const { about, store, tellOfFile, cloud, morphing } = session;
  const complete = useCell(cloud.complete);
  const values = useDecoded(complete || !end || "z" in end ? morphing.code(end) : null);
  const current = (): void => {
    const { z, row } = store.state.value;
    onSet(row === null ? { z } : { row });
  };
  const newest = useRef(0);
  const upload = (file: File): void => {
    const asked = ++newest.current;
    session.encodeFile(file).then(
      (z) => {
        if (asked !== newest.current) return;
        tellOfFile(null);
        onSet({ z });
      },
      (error) => tellOfFile(say("The picture could not be used: {why}", { why: sentenceOf(error) })),
    );
  };
  return (
    <fieldset class="end" {...(about.kind === "image" ? dropTarget(upload) : {})}>
      <legend>
        {`${name} `}
        <span class="hint">{end ? ("row" in end ? say("row {row}", { row: grouped(end.row) }) : say("a code")) : say("not chosen")}</span>
      </legend>
      <ExampleView class="thumb" values={values} label={say("{name}, decoded", { name })} />
      <div class="stack">
        <Button icon="target" onClick={current}>
          {say("Current")}
        </Button>
        {about.rows > 0 && (
          <Button icon="dice" onClick={() => onSet({ row: Math.floor(Math.random() * about.rows) })}>
            {say("Random")}
          </Button>
        )}
        {about.kind === "image" && <FileButton label={say("Upload")} onFile={upload} />}
      </div>
    </fieldset>
  );
}

/** What a code decodes to, once that has come. */
function useDecoded(z: readonly number[] | null): Values | null {
  const { backend, context, evolution } = useSession();
  const y = useAppState((state) => state.y);
  const model = useCell(evolution.model);
  const [found, setFound] = useState<Values | null>(null);
  useEffect(() => {
    let wanted = true;
    setFound(null);
    // An end that can't be decoded stays empty; the way's own error says why.
    if (z) backend.decode(stacked([z]), context).then((x) => wanted && setFound(rowOf(x, 0)), () => undefined);
    return () => void (wanted = false);
  }, [z?.join(), y, model]);
  return found;
}

/** How long the decoded curve is, in comparison with the one over the straight line. */
function Lengths({ walk }: { walk: Walk }) {
  const { length, straight, morph } = walk;
  const ratio = straight > 0 ? length / straight : 1;
  const told = { share: percent(Math.abs(1 - ratio)), straight: short(straight) };
  const compared =
    morph.path === "linear" || Math.abs(ratio - 1) < 5e-4
      ? ""
      : ratio < 1
        ? say(" — {share} shorter than over the straight line ({straight})", told)
        : say(" — {share} longer than over the straight line ({straight})", told);
  return (
    <>
      {saying("Change along the way: {length}", { length: <strong class="number">{short(length)}</strong> })}
      {compared}
    </>
  );
}
