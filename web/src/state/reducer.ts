/** How the state changes: one function from a state and what happened to the next state. */
import { columnOf, type Colouring, type Column, type Generate, type Inside, type Layer, type Morph, type Shared, type State } from "./state";
import type { Plane } from "../maths/plane";
import type { Attributes } from "./attributes";
import type { Teaching } from "./teaching";
import type { View } from "../maths/view";

/** The run beside this one whose column is meant. */
interface OfRun {
  readonly run?: string;
}

export type Action =
  | { readonly type: "moved"; readonly z: readonly number[] }
  | { readonly type: "jumped"; readonly z: readonly number[]; readonly row: number }
  /** The code of the row that is chosen has come, or has moved. */
  | { readonly type: "found"; readonly z: readonly number[] }
  | { readonly type: "conditioned"; readonly y: readonly number[] }
  | ({ readonly type: "turned"; readonly plane: Plane } & OfRun)
  | ({ readonly type: "looked"; readonly view: View | null } & OfRun)
  | { readonly type: "coloured"; readonly colour: Colouring }
  | { readonly type: "singled"; readonly only: readonly number[] }
  | { readonly type: "layered"; readonly layer: Layer; readonly shown: boolean }
  | { readonly type: "opened"; readonly panel: string }
  | { readonly type: "morphed"; readonly morph: Partial<Morph> }
  /** Other noise, or another example, goes through the model. */
  | { readonly type: "noised"; readonly inside: Partial<Inside> }
  /** Other codes are drawn. */
  | { readonly type: "generated"; readonly generate: Partial<Generate> }
  /** A copy of the model learns on in another way. */
  | { readonly type: "taught"; readonly teaching: Partial<Teaching> }
  | { readonly type: "attributed"; readonly attributes: Attributes }
  /** The map shows the groups of the attribute in this slot. */
  | { readonly type: "emphasised"; readonly slot: number | null }
  /** A picture was drawn or brought, or taken away. */
  | { readonly type: "drawn"; readonly drawn: string | null }
  /** Another epoch's model is shown. */
  | ({ readonly type: "trained"; readonly epoch: number | null } & OfRun)
  /** The model has changed, or where its codes lie. */
  | { readonly type: "renewed" }
  | { readonly type: "compared"; readonly beside: readonly string[] }
  | { readonly type: "joined"; readonly shared: Shared }
  /** The tour is at another step, or ended. */
  | { readonly type: "toured"; readonly tour: number | null }
  | { readonly type: "presented"; readonly presenting: boolean }
  | { readonly type: "restored"; readonly state: State };

export function reduce(state: State, action: Action): State {
  if ("run" in action && action.run !== undefined) return inColumn(state, action.run, action);
  switch (action.type) {
    case "moved":
      return same(action.z, state.z) ? state : { ...state, z: action.z, row: null };
    case "jumped":
      return action.row === state.row && same(action.z, state.z) ? state : { ...state, z: action.z, row: action.row };
    case "found":
      return same(action.z, state.z) ? state : { ...state, z: action.z };
    case "conditioned":
      return state.y && same(action.y, state.y) ? state : { ...state, y: action.y };
    case "turned":
      return { ...state, plane: action.plane, view: null };
    case "looked":
      return { ...state, view: action.view };
    case "coloured":
      return { ...state, colour: action.colour, only: sameLabels(state.colour, action.colour) ? state.only : [] };
    case "singled":
      return { ...state, only: action.only };
    case "layered":
      return { ...state, layers: withLayer(state.layers, action.layer, action.shown) };
    case "opened":
      return { ...state, panel: action.panel };
    case "morphed":
      return { ...state, morph: { ...state.morph, ...action.morph } };
    case "noised":
      return { ...state, inside: { ...state.inside, ...action.inside } };
    case "generated":
      return { ...state, generate: { ...state.generate, ...action.generate } };
    case "taught":
      return { ...state, teaching: { ...state.teaching, ...action.teaching } };
    case "attributed":
      return { ...state, attributes: action.attributes };
    case "emphasised":
      return { ...state, attributes: { ...state.attributes, shown: action.slot } };
    case "drawn":
      return action.drawn === state.drawn ? state : { ...state, drawn: action.drawn };
    case "trained":
      return action.epoch === state.epoch ? state : { ...anew(state), epoch: action.epoch };
    case "renewed":
      return anew(state);
    case "compared":
      return { ...state, beside: action.beside.map((run) => column(state, run) ?? columnOf(run)) };
    case "joined":
      return { ...state, shared: action.shared };
    case "toured":
      return { ...state, tour: action.tour };
    case "presented":
      return { ...state, presenting: action.presenting };
    case "restored":
      return action.state;
  }
}

function inColumn(state: State, run: string, action: Action): State {
  const before = column(state, run);
  const next = before && changed(before, action);
  if (!next || JSON.stringify(next) === JSON.stringify(before)) return state;
  return { ...state, beside: state.beside.map((other) => (other === before ? next : other)) };
}

function changed(of: Column, action: Action): Column {
  switch (action.type) {
    case "turned":
      return { ...of, plane: action.plane, view: null };
    case "looked":
      return { ...of, view: action.view };
    case "trained":
      return { ...of, epoch: action.epoch };
    default:
      return of;
  }
}

/** The column of a run; none where it is not shown. */
export function column({ beside }: Pick<State, "beside">, run: string): Column | undefined {
  return beside.find((other) => other.run === run);
}

const NO_STEPS: readonly Action["type"][] = ["looked", "opened", "found", "emphasised", "renewed", "toured", "presented"];

/** Looking around is no step to undo. */
export function isStep({ type }: Action): boolean {
  return !NO_STEPS.includes(type);
}

/** The same values as new ones: whoever made something of them by the model makes it once more. */
function anew(state: State): State {
  return { ...state, z: [...state.z], y: state.y && [...state.y], morph: { ...state.morph } };
}

/** Scores and plain colours leave the labels that are singled out for when labels are back. */
function sameLabels(a: Colouring, b: Colouring): boolean {
  return a === b || ![a, b].some((colour) => colour.startsWith("column:"));
}

function same(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((value, i) => value === b[i]);
}

function withLayer(layers: readonly Layer[], layer: Layer, shown: boolean): readonly Layer[] {
  const others = layers.filter((other) => other !== layer);
  return shown ? [...others, layer] : others;
}
