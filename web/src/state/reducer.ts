/** How the state changes: one function from a state and what happened to the next state. */
import type { Colouring, Layer, Morph, Shared, State } from "./state";
import type { Plane } from "../maths/plane";
import type { Attributes } from "./attributes";
import type { View } from "../maths/view";

export type Action =
  | { readonly type: "moved"; readonly z: readonly number[] }
  | { readonly type: "jumped"; readonly z: readonly number[]; readonly row: number }
  /** A link named a row and no code: its code has come. */
  | { readonly type: "found"; readonly z: readonly number[] }
  | { readonly type: "conditioned"; readonly y: readonly number[] }
  | { readonly type: "turned"; readonly plane: Plane }
  | { readonly type: "looked"; readonly view: View | null }
  | { readonly type: "coloured"; readonly colour: Colouring }
  | { readonly type: "singled"; readonly only: readonly number[] }
  | { readonly type: "layered"; readonly layer: Layer; readonly shown: boolean }
  | { readonly type: "opened"; readonly panel: string }
  | { readonly type: "morphed"; readonly morph: Partial<Morph> }
  | { readonly type: "attributed"; readonly attributes: Attributes }
  /** The map shows the groups of the attribute in this slot. */
  | { readonly type: "emphasised"; readonly slot: number | null }
  /** A picture was drawn or brought, or taken away. */
  | { readonly type: "drawn"; readonly drawn: string | null }
  /** Another epoch's model is shown. */
  | { readonly type: "trained"; readonly epoch: number | null }
  /** The model has changed, or where its codes lie. */
  | { readonly type: "renewed" }
  | { readonly type: "compared"; readonly beside: readonly string[] }
  | { readonly type: "joined"; readonly shared: Shared }
  | { readonly type: "restored"; readonly state: State };

export function reduce(state: State, action: Action): State {
  switch (action.type) {
    case "moved":
      return same(action.z, state.z) ? state : { ...state, z: action.z, row: null };
    case "jumped":
      return { ...state, z: action.z, row: action.row };
    case "found":
      return same(action.z, state.z) ? state : { ...state, z: action.z };
    case "conditioned":
      return state.y && same(action.y, state.y) ? state : { ...state, y: action.y };
    case "turned":
      return { ...state, plane: action.plane, view: null };
    case "looked":
      return { ...state, view: action.view };
    case "coloured":
      return { ...state, colour: action.colour };
    case "singled":
      return { ...state, only: action.only };
    case "layered":
      return { ...state, layers: withLayer(state.layers, action.layer, action.shown) };
    case "opened":
      return { ...state, panel: action.panel };
    case "morphed":
      return { ...state, morph: { ...state.morph, ...action.morph } };
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
      return { ...state, beside: action.beside };
    case "joined":
      return { ...state, shared: action.shared };
    case "restored":
      return action.state;
  }
}

const NO_STEPS: readonly Action["type"][] = ["looked", "opened", "found", "emphasised", "renewed", "compared"];

/** Looking around is no step to undo. */
export function isStep({ type }: Action): boolean {
  return !NO_STEPS.includes(type);
}

/** The same values as new ones: whoever made something of them by the model makes it once more. */
function anew(state: State): State {
  return { ...state, z: [...state.z], y: state.y && [...state.y], morph: { ...state.morph } };
}

function same(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((value, i) => value === b[i]);
}

function withLayer(layers: readonly Layer[], layer: Layer, shown: boolean): readonly Layer[] {
  const others = layers.filter((other) => other !== layer);
  return shown ? [...others, layer] : others;
}
