/** What the probe's code decodes to, and where it is. */
import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { Values } from "../backend/arrays";
import { fixed, given, grouped, plural, short } from "../maths/format";
import { orderOf } from "../maths/plane";
import { ExampleView } from "../parts/example-view";
import { useAppState, useSession } from "../session/context";
import { useCell } from "../state/cell";
import { Features } from "./features";
import { say } from "../words/words";
import "../styles/decoded.css";

const MOST_LISTED = 6;
const LONG_NAME = 12;
/** CSS pixels of the decoded picture. */
const LARGEST = 264;

interface PictureProps {
  readonly label?: string;
  readonly largest?: number;
  /** More of it, below where it is. */
  readonly children?: ComponentChildren;
}

export function PicturePanel({ label = say("Decoded"), largest = LARGEST, children }: PictureProps) {
  const { about, decoding } = useSession();
  const picture = useCell(decoding.picture);
  const image = about.kind === "image";
  return (
    <section class={`decoded surface ${image ? "" : "wide"}`} aria-label={label}>
      {image ? (
        <ExampleView class="large" values={picture?.x ?? null} label={say("The decoded picture")} largest={largest} />
      ) : (
        <Features picture={picture} />
      )}
      <div class="facts">
        <Position />
        <Given />
        <Near />
        <Original />
        {children}
      </div>
    </section>
  );
}

function Position() {
  const { about, evolution } = useSession();
  const z = useAppState((state) => state.z);
  const order = about.latent_dim <= MOST_LISTED ? z.map((_, d) => d) : orderOf(evolution.run).slice(0, MOST_LISTED - 1);
  return (
    <dl class="position">
      {order.map((d) => (
        <div key={d}>
          <dt>z[{d}]</dt>
          <dd>{fixed(z[d]!, 3)}</dd>
        </div>
      ))}
      {order.length < z.length && <p class="hint">{say("and {count} more", { count: z.length - order.length })}</p>}
    </dl>
  );
}

/** What a conditional model is told to decode the code as: not what lies near, which may be of another class. */
function Given() {
  const { about } = useSession();
  const y = useAppState((state) => state.y);
  if (!about.classes || !y) return null;
  return (
    <dl class="near given">
      <dt>{say("Decoded as")}</dt>
      <dd>
        <Name>{given(about.classes, y)}</Name>
      </dd>
    </dl>
  );
}

/** A long one is cut, and told whole where it is pointed at. */
function Name({ children }: { children: string }) {
  return (
    <strong class={children.length > LONG_NAME ? "name long" : "name"} title={children}>
      {children}
    </strong>
  );
}

/** The classes near the probe and those that it passed. */
function Near() {
  const { vicinity, about } = useSession();
  const found = useCell(vicinity.found);
  const passed = useCell(vicinity.passed);
  if (!found) return null;
  if (found.mean !== null) {
    return (
      <dl class="near">
        <dt>{about.label_name ? say("{name} nearby", { name: about.label_name }) : say("Label nearby")}</dt>
        <dd>
          <Name>{short(found.mean)}</Name> <span class="hint">{say("mean of {neighbours}", { neighbours: plural(found.votes, "neighbour") })}</span>
        </dd>
      </dl>
    );
  }
  if (found.label === null) {
    return (
      <dl class="near">
        <dt>{say("Nearest row")}</dt>
        <dd>{grouped(found.row)}</dd>
      </dl>
    );
  }
  return (
    <dl class="near">
      <dt>{say("Nearest class")}</dt>
      <dd>
        <Name>{found.label}</Name>{" "}
        <span class="hint">
          {say("{votes} of {asked} neighbours", { votes: found.votes, asked: found.asked })}
        </span>
      </dd>
      {passed.length > 1 && about.labels && (
        <>
          <dt>{say("Passed")}</dt>
          <dd class="passed" title={passed.join(" › ")}>
            {passed.join(" › ")}
          </dd>
        </>
      )}
    </dl>
  );
}

/** The row whose code this is, if it is one's. */
function Original() {
  const { cloud } = useSession();
  const row = useAppState((state) => state.row);
  const values = useRow(row);
  if (row === null) return null;
  const label = cloud.label(row);
  return (
    <figure class="original">
      <ExampleView values={values} label={say("The original, row {row}", { row })} />
      <figcaption>
        {say("Original")}
        <br />
        <span class="hint">
          {say("row {row}", { row: grouped(row) })}
          {label !== null && `${say(", ")}${label}`}
        </span>
      </figcaption>
    </figure>
  );
}

/** The values of a row once they have come. */
function useRow(row: number | null): Values | null {
  const { rows, notice } = useSession();
  const [found, setFound] = useState<{ row: number; values: Values } | null>(null);
  useEffect(() => {
    if (row === null) return;
    let wanted = true;
    rows.get(row).then(
      (values) => wanted && setFound({ row, values }),
      (error: Error) => wanted && notice.set(say("Row {row} could not be read: {why}", { row, why: error.message })),
    );
    return () => void (wanted = false);
  }, [row]);
  return found && found.row === row ? found.values : null;
}
