/** A new trait: a word of a column against all other rows or another word, a quantity, or points that are lassoed. */
import { useState } from "preact/hooks";
import type { About, ColumnAbout } from "../backend/backend";
import { Button, Select } from "../parts/controls";
import { useAppState, useSession } from "../session/context";
import { added, groupOfWord, type Attribute, type Group, type Side } from "../state/attributes";
import { LABEL, columnNamed, columnOfColour, ownName, titleOf, traitsOf } from "../state/columns";
import { say } from "../words/words";
import { LassoButton } from "./attributes-groups";

const OTHERS = "";

export function AddAttribute() {
  const { about } = useSession();
  const columns = traitsOf(about);
  return (
    <fieldset class="add-attribute">
      <legend>{say("Add a direction")}</legend>
      {columns.length > 0 && <FromColumns columns={columns} />}
      <div class="row">
        <LassoButton side="with" slot={null} />
        <span class="hint">{say("draw around points on the map")}</span>
      </div>
    </fieldset>
  );
}

function FromColumns({ columns }: { columns: readonly ColumnAbout[] }) {
  const { about } = useSession();
  const coloured = useAppState((state) => columnOfColour(about, state.colour)?.name ?? null);
  const [chosen, setChosen] = useState<string | null>(null);
  const column = columnNamed(about, chosen ?? coloured ?? "") ?? columns[0]!;
  const choices = columns.map((each) => ({ value: each.name, text: titleFor(about, each, say("Label")) }));
  return (
    <>
      {columns.length > 1 && (
        <div class="row wide-select">
          <Select label={say("Trait")} value={column.name} choices={choices} onChoose={setChosen} />
        </div>
      )}
      {column.words ? <FromWords key={column.name} column={column} /> : <FromQuantity key={column.name} column={column} />}
    </>
  );
}

function FromQuantity({ column }: { column: ColumnAbout }) {
  const { about } = useSession();
  const { has, add, said } = useAdding();
  const groups = { with: { quantity: column.name }, without: "others" } as const;
  return (
    <div class="row">
      <span class="hint">{say("as the codes change with {name}", { name: titleFor(about, column, say("the label")) })}</span>
      <AddButton known={has(groups)} onAdd={() => add(groups)} said={said} />
    </div>
  );
}

function FromWords({ column: { name, words } }: { column: ColumnAbout }) {
  const labels = words!;
  const adding = useAdding();
  // Of two labels the second is most often the trait: 1 rather than 0.
  const [has, setHas] = useState(labels.length === 2 ? 1 : 0);
  const [lacks, setLacks] = useState<number | null>(null);
  const without: Group = lacks === null ? "others" : groupOfWord(name, labels[lacks]!);
  const groups = { with: groupOfWord(name, labels[has] ?? ""), without };
  const choices = labels.map((text, i) => ({ value: String(i), text }));
  return (
    <div class="row">
      <Select
        label={say("With")}
        value={String(has)}
        choices={choices}
        onChoose={(value) => {
          setHas(Number(value));
          if (Number(value) === lacks) setLacks(null);
        }}
      />
      <Select
        label={say("without")}
        value={lacks === null ? OTHERS : String(lacks)}
        choices={[{ value: OTHERS, text: say("all others") }, ...choices.filter((_, i) => i !== has)]}
        onChoose={(value) => setLacks(value === OTHERS ? null : Number(value))}
      />
      <AddButton known={adding.has(groups)} onAdd={() => adding.add(groups)} said={adding.said} />
    </div>
  );
}

function AddButton({ known, onAdd, said }: { known: boolean; onAdd: () => void; said: string }) {
  return (
    <>
      <Button icon={known ? "check" : "plus"} disabled={known} onClick={onAdd}>
        {say("Add")}
      </Button>
      <span class="unseen" role="status">
        {said}
      </span>
    </>
  );
}

function titleFor(about: About, { name, unit }: ColumnAbout, usual: string): string {
  return titleOf({ name: name === LABEL ? ownName(about, usual) : name, unit });
}

function useAdding() {
  const { about, store } = useSession();
  const attributes = useAppState((state) => state.attributes);
  const [said, setSaid] = useState("");
  const has = (groups: Pick<Attribute, Side>): boolean =>
    attributes.list.some((other) => same(other.with, groups.with) && same(other.without, groups.without));
  const add = (groups: Pick<Attribute, Side>): void => {
    const next = added(attributes, groups, about);
    store.dispatch({ type: "attributed", attributes: next });
    setSaid(say("{name}: a slider was added.", { name: next.list.at(-1)!.name }));
  };
  return { has, add, said };
}

function same(a: Group, b: Group): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
