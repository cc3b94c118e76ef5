/** Films of what is on the page. */
import { rowOf, rowsOf, stacked, type Values } from "../backend/arrays";
import { lawOf } from "../session/law";
import type { Session } from "../session/session";
import { between, eased } from "../session/motion";
import { gifOf, thereAndBack } from "./gif";
import { exampleFrames, framesOf, type Dress, type Frames } from "./pictures";
import { say } from "../words/words";

export type Told = (share: number) => void;
type Gif = Promise<Uint8Array<ArrayBuffer>>;

const MORPH = { hundredths: 9, rest: 60 } as const;
const EPOCHS = { hundredths: 45, rest: 120 } as const;
const MAP = { hundredths: 6, rest: 120 } as const;
const BETWEEN = 5;
const MAP_SIZE = { width: 460, height: 400 } as const;

export function morphFilm({ morphing }: Session, dress: Dress, told: Told): Gif {
  return filmOf(exampleFrames(rowsOf(morphing.walk.value!.x), dress), MORPH, told);
}

/** What each epoch makes of the code, or of the row that is chosen. */
export async function epochsFilm(session: Session, dress: Dress, told: Told): Gif {
  const { evolution, store, context, about } = session;
  const { z, row } = store.state.value;
  const pictures: Values[] = [];
  for (const { stop, codes } of await evolution.everywhere()) {
    const code = row !== null && codes ? codes.data.subarray(row * about.latent_dim, (row + 1) * about.latent_dim) : z;
    pictures.push(rowOf(await evolution.backendOf(stop).decode(stacked([Array.from(code)]), context), 0));
  }
  return filmOf(exampleFrames(pictures, dress), EPOCHS, told);
}

/** The points on their way from each epoch's codes to the next. */
export async function mapFilm({ evolution, snapshot, context }: Session, told: Told): Gif {
  const draw = snapshot.value!;
  const canvases: HTMLCanvasElement[] = [];
  const found = await evolution.everywhere();
  for (const [i, { stop, about, codes }] of found.entries()) {
    const before = found[i - 1]?.codes;
    const law = await lawOf(evolution.backendOf(stop), about, context);
    for (let step = before ? 1 : BETWEEN; step <= BETWEEN; step++) {
      const shown = before && step < BETWEEN ? between(before, codes!, eased(step / BETWEEN)) : codes!;
      canvases.push(draw({ ratio: 1, size: MAP_SIZE, codes: shown, law, caption: say("epoch {epoch}", { epoch: stop.epoch }) }));
    }
    told((0.5 * i) / found.length);
    await new Promise((resume) => setTimeout(resume));
  }
  return filmOf(framesOf(canvases), MAP, (share) => told(0.5 + 0.5 * share));
}

function filmOf(frames: Frames, { hundredths, rest }: { hundredths: number; rest: number }, told: Told): Gif {
  return gifOf({ ...frames, order: thereAndBack(frames.frames.length, hundredths, rest) }, told);
}
