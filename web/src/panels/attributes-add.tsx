/** A new attribute: a label against all other rows or against another label, or points that are lassoed. */
import { useState } from "preact/hooks";
import { Button, Select } from "../parts/controls";
import { useAppState, useSession } from "../session/context";
import { added, type Group } from "../state/attributes";
import { LassoButton } from "./attributes-groups";

const OTHERS = "";

export function AddAttribute() {
  const { about } = useSession();
  return (
    <fieldset class="add-attribute">
      <legend>Add a direction</legend>
      {about.labels && about.labels.length > 0 && <FromLabels labels={about.labels} />}
      <div class="row">
        <LassoButton side="with" slot={null} />
        <span class="hint">draw around points on the map</span>
      </div>
    </fieldset>
  );
}

function FromLabels({ labels }: { labels: readonly string[] }) {
  const { store } = useSession();
  const attributes = useAppState((state) => state.attributes);
  // Of two labels the second is most often the trait: 1 rather than 0.
  const [has, setHas] = useState(labels.length === 2 ? 1 : 0);
  const [lacks, setLacks] = useState<number | null>(null);
  const without: Group = lacks === null ? "others" : { label: labels[lacks]! };
  const groups = { with: { label: labels[has]! }, without };
  const known = attributes.list.some((other) => same(other.with, groups.with) && same(other.without, groups.without));
  const [said, setSaid] = useState("");
  const add = (): void => {
    const next = added(attributes, groups);
    store.dispatch({ type: "attributed", attributes: next });
    setSaid(`${next.list.at(-1)!.name}: a slider was added.`);
  };
  const choices = labels.map((text, i) => ({ value: String(i), text }));
  return (
    <div class="row">
      <Select
        label="With"
        value={String(has)}
        choices={choices}
        onChoose={(value) => {
          setHas(Number(value));
          if (Number(value) === lacks) setLacks(null);
        }}
      />
      <Select
        label="without"
        value={lacks === null ? OTHERS : String(lacks)}
        choices={[{ value: OTHERS, text: "all others" }, ...choices.filter((_, i) => i !== has)]}
        onChoose={(value) => setLacks(value === OTHERS ? null : Number(value))}
      />
      <Button icon={known ? "check" : "plus"} disabled={known} onClick={add}>
        Add
      </Button>
      <span class="unseen" role="status">
        {said}
      </span>
    </div>
  );
}

function same(a: Group, b: Group): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
