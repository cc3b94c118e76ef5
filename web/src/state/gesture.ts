/** Names of gestures: all changes under one name are undone together. */
import { useRef } from "preact/hooks";

let made = 0;

/** A name that no gesture has had: a control that is there once more does not go on with its gesture of before. */
export function newGesture(name: string): string {
  return `${name}-${++made}`;
}

export interface Gesture {
  readonly name: string;
  readonly begin: () => void;
}

/** The gesture of a control, which goes on until the next one begins. */
export function useGesture(name: string): Gesture {
  const now = useRef<string | null>(null);
  return {
    get name() {
      return (now.current ??= newGesture(name));
    },
    begin: () => void (now.current = newGesture(name)),
  };
}
