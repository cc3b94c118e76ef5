/** Which rows an attribute is made of: the key to its histogram. */
import type { About } from "../backend/backend";
import { grouped } from "../maths/format";
import { Button, IconButton } from "../parts/controls";
import { useSession } from "../session/context";
import type { Found } from "../session/attributes";
import { WITH, WITHOUT } from "../maths/directions";
import { saveRows } from "../session/saving";
import { SIDES, changed, isLassoed, isQuantity, wordsOf, type Group, type Side } from "../state/attributes";
import { LABEL, ownName } from "../state/columns";
import { say } from "../words/words";

export function rowsText(count: number): string {
  return say(count === 1 ? "{count} row" : "{count} rows", { count: grouped(count) });
}

const NUMBER = /^[-+.\d]/;

const sideText = (side: Side): string => (side === "with" ? say("with") : say("without"));

export function Groups({ found }: { found: Found }) {
  const { attribute, members } = found;
  const counts = countsOf(members);
  const quantity = isQuantity(attribute.with);
  const sides = quantity ? (["with"] as const) : SIDES;
  return (
    <ul class="groups">
      {sides.map((side) => (
        <li key={side}>
          <Swatch kind={side} />
          <span>{quantity ? say("known") : sideText(side)}</span>
          <span class="group-rows">
            <GroupName group={attribute[side]} />{" "}
            <span class="hint">{rowsText(counts[side])}</span>
          </span>
          {side === "without" && attribute.without !== "others" && <BackToOthers found={found} />}
          <Csv found={found} side={side} count={counts[side]} />
          {!quantity && <LassoButton side={side} slot={attribute.slot} name={attribute.name} />}
        </li>
      ))}
      {counts.neither > 0 && (
        <li>
          <Swatch kind="neither" />
          <span>{quantity ? say("unknown") : say("neither")}</span>
          <span class="hint">{rowsText(counts.neither)}</span>
        </li>
      )}
    </ul>
  );
}

function countsOf(members: Uint8Array): Record<Side | "neither", number> {
  const counts = { with: 0, without: 0, neither: 0 };
  for (const member of members) {
    if (member & WITH) counts.with++;
    if (member & WITHOUT) counts.without++;
    if (member === 0) counts.neither++;
  }
  return counts;
}

function GroupName({ group }: { group: Group }) {
  const name = nameOf(group, useSession().about);
  return (
    <span class="group-name" title={name}>
      {name}
    </span>
  );
}

function nameOf(group: Group, about: About): string {
  if (group === "others") return say("all others");
  if (isLassoed(group)) return say("lassoed");
  if (isQuantity(group)) return group.quantity === LABEL ? ownName(about, say("the label")) : group.quantity;
  const { column, value } = wordsOf(group)!;
  if (column !== LABEL || (about.label_name && NUMBER.test(value)))
    return say("{name}: {value}", { name: column === LABEL ? ownName(about, column) : column, value });
  return NUMBER.test(value) ? say("label {label}", { label: value }) : value;
}

/** The rows of a group as a file. */
function Csv({ found: { attribute, members }, side, count }: { found: Found; side: Side; count: number }) {
  const session = useSession();
  const bit = side === "with" ? WITH : WITHOUT;
  const rows = (): number[] => Array.from(members.keys()).filter((row) => members[row]! & bit);
  if (!count) return null;
  return (
    <IconButton
      icon="download"
      label={say("Save the rows {side} {name} as CSV", { side: sideText(side), name: attribute.name })}
      onClick={() => void saveRows(session, rows(), `${attribute.name} ${side}`)}
    />
  );
}

/** As its bars look: filled, outlined, or pale. */
function Swatch({ kind }: { kind: Side | "neither" }) {
  return (
    <svg class={`bar-swatch ${kind}`} viewBox="0 0 14 12" width="14" height="12" aria-hidden="true">
      <rect x="1" y="1" width="12" height="10" />
    </svg>
  );
}

function BackToOthers({ found: { attribute } }: { found: Found }) {
  const { store } = useSession();
  const back = (): void => {
    const { attributes } = store.state.value;
    store.dispatch({ type: "attributed", attributes: changed(attributes, attribute.slot, { without: "others" }) });
  };
  return <IconButton icon="close" label={say("Without: all others again")} onClick={back} />;
}

interface LassoButtonProps {
  readonly side: Side;
  readonly slot: number | null;
  /** Of the attribute that the group belongs to. */
  readonly name?: string;
}

export function LassoButton({ side, slot, name }: LassoButtonProps) {
  const { lassoing } = useSession();
  return (
    <Button icon="lasso" onClick={() => lassoing.begin({ side, slot })}>
      {side === "with" ? say("Lasso: with") : say("Lasso: without")}
      {name && <span class="unseen"> {say("for {name}", { name })}</span>}
    </Button>
  );
}
