/** A value that tells its readers when it changes. */
import { useLayoutEffect, useRef, useState } from "preact/hooks";

export class Cell<T> {
  #value: T;
  #readers = new Set<(value: T) => void>();

  constructor(value: T) {
    this.#value = value;
  }

  get value(): T {
    return this.#value;
  }

  set(value: T): void {
    if (Object.is(value, this.#value)) return;
    this.#value = value;
    for (const reader of [...this.#readers]) {
      // A reader has set another value, and all have been told of that one.
      if (!Object.is(value, this.#value)) return;
      reader(value);
    }
  }

  /** Calls the reader at each change, until the function that is returned is called. */
  subscribe(reader: (value: T) => void): () => void {
    this.#readers.add(reader);
    return () => void this.#readers.delete(reader);
  }
}

/** A component's view of a cell: it is drawn anew only when what it picks has changed. */
export function useCell<T>(cell: Cell<T>): T;
export function useCell<T, S>(cell: Cell<T>, pick: (value: T) => S): S;
export function useCell<T, S>(cell: Cell<T>, pick?: (value: T) => S): T | S {
  // The newest picker is read at each change: it may close over a component's other inputs.
  const read = useRef<(value: T) => T | S>((value) => value);
  if (pick) read.current = pick;
  const picked = read.current(cell.value);
  const [, redraw] = useState({});
  useLayoutEffect(() => {
    let last = picked;
    const look = (value: T): void => {
      const next = read.current(value);
      if (Object.is(next, last)) return;
      last = next;
      redraw({});
    };
    look(cell.value);
    return cell.subscribe(look);
  }, [cell, picked]);
  return picked;
}
