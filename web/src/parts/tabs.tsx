/** Tabs as the keyboard expects them: one stop, arrows between them. */
import type { ComponentChildren } from "preact";
import { useRef } from "preact/hooks";

interface Tab {
  readonly key: string;
  readonly title: string;
}

interface Props {
  readonly label: string;
  readonly tabs: readonly Tab[];
  readonly chosen: string;
  readonly onChoose: (key: string) => void;
  readonly children: ComponentChildren;
}

/** More are drawn smaller. */
const MANY = 5;

export function Tabs({ label, tabs, chosen, onChoose, children }: Props) {
  const list = useRef<HTMLDivElement>(null);
  const move = (event: KeyboardEvent): void => {
    const now = tabs.findIndex((tab) => tab.key === chosen);
    const last = tabs.length - 1;
    const next = { ArrowRight: now === last ? 0 : now + 1, ArrowLeft: now === 0 ? last : now - 1, Home: 0, End: last };
    const to = next[event.key as keyof typeof next];
    if (to === undefined) return;
    event.preventDefault();
    onChoose(tabs[to]!.key);
    list.current!.querySelectorAll<HTMLElement>("[role=tab]")[to]!.focus();
  };
  return (
    <>
      <div ref={list} class={tabs.length > MANY ? "tabs crowded" : "tabs"} role="tablist" aria-label={label} onKeyDown={move}>
        {tabs.map(({ key, title }) => (
          <button
            key={key}
            type="button"
            role="tab"
            id={`tab-${key}`}
            aria-selected={key === chosen}
            aria-controls="panel"
            tabIndex={key === chosen ? 0 : -1}
            onClick={() => onChoose(key)}
          >
            {title}
          </button>
        ))}
      </div>
      <div class="panel" id="panel" role="tabpanel" aria-labelledby={`tab-${chosen}`} tabIndex={0}>
        {children}
      </div>
    </>
  );
}
