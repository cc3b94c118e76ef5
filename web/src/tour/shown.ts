/** The tour that is shown, in the words of the language that is spoken. */
import { useMemo } from "preact/hooks";
import type { About } from "../backend/backend";
import { useSession } from "../session/context";
import type { Origin } from "../session/tours";
import { useCell } from "../state/cell";
import { language } from "../words/words";
import { builtIn } from "./built-in";
import type { Tour } from "./tour";

export interface Shown {
  readonly tour: Tour;
  readonly origin: Origin;
  /** Whether all that its states are made of has come. */
  readonly ready: boolean;
}

export function useTour(runs: readonly About[]): Shown {
  const { evolution, tours, cloud } = useSession();
  const about = evolution.run;
  const here = useCell(tours.here);
  const wanted = useCell(tours.chosen);
  const labels = useCell(cloud.labels);
  const complete = useCell(cloud.complete);
  const spoken = useCell(language);
  const origin = tours.origins.find((one) => one === wanted) ?? tours.origins[0]!;
  const usual = useMemo(
    () => builtIn({ about, labels, codes: complete ? cloud.codes.value : null }, runs),
    [about, labels, complete, spoken, runs],
  );
  const tour = { here, run: tours.ofRun, usual }[origin] ?? usual;
  return { tour, origin, ready: origin !== "usual" || complete || about.rows === 0 };
}
