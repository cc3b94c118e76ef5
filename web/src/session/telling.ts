/** What went wrong is told until the same works again. */
import type { Cell } from "../state/cell";

/** Tells the reader of one kind of failure; null takes it back, and nothing that was told of others. */
export type Tell = (sentence: string | null) => void;

export function telling(notice: Cell<string | null>): Tell {
  let told: string | null = null;
  return (sentence) => {
    if (sentence !== null || (told !== null && notice.value === told)) notice.set(sentence);
    told = sentence;
  };
}
