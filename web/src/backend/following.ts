/** A backend that asks whichever one holds at the moment: of a run after one of its epochs. */
import type { Backend } from "./backend";

type Operation = (...given: unknown[]) => Promise<unknown>;

export function following(current: () => Backend): Backend {
  const ask = (_: object, name: string | symbol): Operation | undefined => {
    // What has a then is taken for a promise where it is awaited, and asked for its value.
    if (name === "then") return undefined;
    return (...given) => {
      const backend = current() as unknown as Record<string | symbol, Operation>;
      return backend[name]!(...given);
    };
  };
  return new Proxy({}, { get: ask }) as Backend;
}
