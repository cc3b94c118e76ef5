/** A sentence with parts of the page in its gaps, wherever a language puts them. */
import { Fragment, h, type ComponentChild, type VNode } from "preact";
import { spoken } from "./words";

type Parts = Readonly<Record<string, ComponentChild>>;

export function saying(sentence: string, parts: Parts): VNode {
  // What stands between braces is every second piece.
  const pieces = spoken(sentence).split(/\{(\w+)\}/);
  return h(Fragment, null, ...pieces.map((piece, i) => (i % 2 ? parts[piece] : piece)));
}
