/** Which rows an attribute is made of: the key to its histogram. */
import { plural } from "../maths/format";
import { Button, IconButton } from "../parts/controls";
import { useSession } from "../session/context";
import type { Found } from "../session/attributes";
import { WITH, WITHOUT } from "../maths/directions";
import { SIDES, changed, isLassoed, type Group, type Side } from "../state/attributes";

export function Groups({ found }: { found: Found }) {
  const { attribute, members } = found;
  const counts = countsOf(members);
  return (
    <ul class="groups">
      {SIDES.map((side) => (
        <li key={side}>
          <Swatch kind={side} />
          <span>{side}</span>
          <span class="group-rows">
            <span class="group-name" title={nameOf(attribute[side])}>
              {nameOf(attribute[side])}
            </span>{" "}
            <span class="hint">{plural(counts[side], "row")}</span>
          </span>
          {side === "without" && attribute.without !== "others" && <BackToOthers found={found} />}
          <LassoButton side={side} slot={attribute.slot} name={attribute.name} />
        </li>
      ))}
      {counts.neither > 0 && (
        <li>
          <Swatch kind="neither" />
          <span>neither</span>
          <span class="hint">{plural(counts.neither, "row")}</span>
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

function nameOf(group: Group): string {
  if (group === "others") return "all others";
  if (isLassoed(group)) return "lassoed";
  return /^[-+.\d]/.test(group.label) ? `label ${group.label}` : group.label;
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
  return <IconButton icon="close" label="Without: all others again" onClick={back} />;
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
      Lasso: {side}
      {name && <span class="unseen"> for {name}</span>}
    </Button>
  );
}
