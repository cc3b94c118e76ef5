/** What of a state makes sense for another run: where the reader is, and how the map looks. */
import { hasLabels, type About } from "../backend/backend";
import { defaultPlane } from "../maths/plane";
import { columnOfColour, wordsOfColour } from "./columns";
import { panelFits } from "./panels";
import { initial, type Column, type End, type State } from "./state";

/** Whether both runs show the same rows, so that a row's number means the same in both. */
export function sameRows(a: About, b: About): boolean {
  return a.rows > 0 && a.rows === b.rows && a.data === b.data && a.event.join() === b.event.join();
}

const same = (a: readonly unknown[] | null, b: readonly unknown[] | null): boolean =>
  JSON.stringify(a) === JSON.stringify(b);

export function carried(state: State, from: About, to: About): State {
  const usual = initial(to);
  const rows = sameRows(from, to);
  const seen = state.beside.find(({ run }) => run === to.id);
  const row = rows ? state.row : null;
  const codes = from.latent_dim === to.latent_dim;
  const end = (given: End | null): End | null => (given && ("row" in given ? rows : codes) ? given : null);
  return {
    ...usual,
    // A row's code is another one there, and is found when it has come.
    z: row === null && codes ? state.z : usual.z,
    row,
    y: sharedContext(state, from, to) ?? usual.y,
    colour: colourThere(state.colour, to) ?? usual.colour,
    only: same(wordsOfColour(from, state.colour), wordsOfColour(to, state.colour)) ? state.only : [],
    layers: to.rows > 0 ? state.layers : usual.layers,
    panel: panelFits(state.panel, to) ? state.panel : usual.panel,
    morph: { ...state.morph, a: end(state.morph.a), b: end(state.morph.b) },
    generate: codes ? state.generate : { ...state.generate, box: null },
    inside: from.posterior?.noise === to.posterior?.noise ? state.inside : { ...state.inside, epsilon: null },
    teaching: state.teaching,
    drawn: to.kind === "image" && same(from.event, to.event) ? state.drawn : null,
    epoch: seen?.epoch ?? null,
    plane: seen?.plane ?? usual.plane,
    view: seen?.view ?? null,
    beside: state.beside.map((other) => (other === seen ? ownColumn(state, from) : other)),
    shared: state.shared,
    tour: state.tour,
    presenting: state.presenting,
  };
}

function colourThere(colour: State["colour"], to: About): State["colour"] | null {
  if (colour === "label") return hasLabels(to) ? colour : null;
  return !colour.startsWith("column:") || columnOfColour(to, colour) ? colour : null;
}

/** The run itself as a column beside another one. */
function ownColumn({ epoch, plane, view }: State, about: About): Column {
  return { run: about.id, epoch, plane: same([plane], [defaultPlane(about)]) ? null : plane, view };
}

/** What one run is conditioned on, where it means the same in the other; else null. */
export function sharedContext({ y }: State, from: About, to: About): State["y"] {
  return y && to.conditional && from.context === to.context && same(from.classes, to.classes) ? y : null;
}
