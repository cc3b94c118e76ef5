/** What comes along with a trait: other columns that differ between its groups or go with its values, the strongest first. */
import { useState } from "preact/hooks";
import type { About, Company } from "../backend/backend";
import { fixed, percent, short } from "../maths/format";
import { Button } from "../parts/controls";
import { useAppState, useSession } from "../session/context";
import type { ReadingState } from "../session/readings";
import { added, groupOfWord, type Attribute, type Group, type Side } from "../state/attributes";
import { LABEL, ownName } from "../state/columns";
import { say } from "../words/words";

const [FIRST, DECIMALS] = [3, 2];

export function CompanyView({ state, attribute }: { state: ReadingState | undefined; attribute: Attribute }) {
  const { about } = useSession();
  const [all, setAll] = useState(false);
  if (state?.kind !== "known" || !state.answer.company.length) return null;
  const { company } = state.answer;
  return (
    <div class="company" role="group" aria-label={say("What comes along with {name}", { name: attribute.name })}>
      <p class="company-title">{say("Comes along with it")}</p>
      <ul>
        {company.slice(0, all ? undefined : FIRST).map((each) => (
          <li key={each.column}>
            <span>{sentenceOf(each, about)}</span>
            <TakeOut each={each} />
          </li>
        ))}
      </ul>
      {company.length > FIRST && (
        <button type="button" class="link" aria-expanded={all} onClick={() => setAll(!all)}>
          {all ? say("Fewer") : say("{count} more", { count: company.length - FIRST })}
        </button>
      )}
    </div>
  );
}

const columnText = (about: About, name: string): string => (name === LABEL ? ownName(about, say("label")) : name);

export function sentenceOf(each: Company, about: About): string {
  const { measure, value, word, other, with_trait: has, without_trait: lacks } = each;
  const column = columnText(about, each.column);
  const size = fixed(Math.abs(value), DECIMALS);
  switch (measure) {
    case "V":
      return say("{column} {word}: {has} of those with it, {lacks} of those without (V = {size})", {
        column, word: word ?? "", has: percent(has ?? 0), lacks: percent(lacks ?? 0), size,
      }); // prettier-ignore
    case "d":
      return say("{column}: mean {has} with it, {lacks} without (d = {size})", {
        column, has: short(has ?? 0), lacks: short(lacks ?? 0), size: fixed(value, DECIMALS),
      }); // prettier-ignore
    case "η":
      return say("{column}: mean {has} for {word}, {lacks} for {other} (η = {size})", {
        column, word: word ?? "", other: other ?? "", has: short(has ?? 0), lacks: short(lacks ?? 0), size,
      }); // prettier-ignore
    case "r":
      return say("{column} (r = {size})", { column, size: fixed(value, DECIMALS) });
  }
}

/** The other column becomes a direction of its own, and all are set at right angles. */
function TakeOut({ each }: { each: Company }) {
  const { about, store } = useSession();
  const attributes = useAppState((state) => state.attributes);
  const groups: Pick<Attribute, Side> = { with: groupOf(each), without: "others" };
  const there = attributes.list.some((other) => JSON.stringify(other.with) === JSON.stringify(groups.with));
  const column = columnText(about, each.column);
  if (there && attributes.orthogonal) return <span class="hint">{say("taken out")}</span>;
  const full = !there && attributes.list.length >= about.latent_dim;
  const take = (): void => {
    const next = there ? attributes : added(attributes, groups, about);
    store.dispatch({ type: "attributed", attributes: { ...next, orthogonal: true } });
  };
  return (
    <Button disabled={full} onClick={take}>
      {say("Take out")}
      <span class="unseen"> {column}</span>
    </Button>
  );
}

function groupOf({ column, word }: Company): Group {
  return word === null ? { quantity: column } : groupOfWord(column, word);
}
