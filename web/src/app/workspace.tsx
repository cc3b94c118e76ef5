/** The page of one run: the map, the decoded picture, and the panels. */
import { useEffect, useState } from "preact/hooks";
import type { About, Host } from "../backend/backend";
import { LatentMap } from "../map/map";
import { PANELS } from "../panels/panels";
import { PicturePanel } from "../panels/picture";
import { Tabs } from "../parts/tabs";
import { useAppState, useSession } from "../session/context";
import type { Session } from "../session/session";
import { isOpen } from "../session/training";
import { useCell } from "../state/cell";
import { panelFits } from "../state/panels";
import { Announcer } from "./announcer";
import { Beside, useTogether } from "./beside";
import { Header } from "./header";
import { Help } from "./help";
import { Banner, Notice } from "./notices";
import { Share } from "./share";
import { TourBar } from "./tour-bar";
import "../styles/present.css";
import { say } from "../words/words";

interface Props {
  readonly host: Host;
  readonly runs: readonly About[];
  readonly onRun: (id: string) => void;
}

/** CSS pixels of the decoded picture beside curves, which need the room. */
const SMALL = 120;

export function Workspace({ host, runs, onRun }: Props) {
  const session = useSession();
  const [help, setHelp] = useState(false);
  const [share, setShare] = useState(false);
  // All that is shown is shown anew when the run is described anew.
  useCell(session.described);
  const lost = useCell(host.status).kind === "lost";
  const beside = useAppState((state) => state.beside.length > 0);
  const presenting = useAppState((state) => state.presenting);
  const panel = useAppState((state) => state.panel);
  const touring = useAppState((state) => state.tour !== null);
  const training = useAppState(isOpen);
  const together = useTogether(host, runs);
  useKeys(session, () => setHelp(true));
  return (
    <div class={["page", `shows-${panel}`, lost && "lost", touring && "touring", presenting && "presenting"].filter(Boolean).join(" ")}>
      <Banner host={host} />
      <Header runs={runs} onRun={onRun} onHelp={() => setHelp(true)} onShare={() => setShare(true)} />
      <Notice />
      <TourBar runs={runs} />
      {beside ? (
        <Beside together={together} runs={runs} />
      ) : (
        <main class="work">
          <LatentMap />
          <div class={training ? "side teaching" : "side"}>
            <PicturePanel {...(training ? { largest: SMALL } : {})} />
            <Panels />
          </div>
        </main>
      )}
      <Announcer />
      <Help open={help} onClose={() => setHelp(false)} />
      <Share open={share} onClose={() => setShare(false)} sessions={(beside && together?.sessions) || [session]} />
    </div>
  );
}

function Panels() {
  const { about, store } = useSession();
  const asked = useAppState((state) => state.panel);
  const tabs = PANELS.filter((panel) => panelFits(panel.key, about));
  const { key, Content } = tabs.find((panel) => panel.key === asked) ?? tabs[0]!;
  return (
    <section class="panels surface" aria-label={say("Panels")}>
      <Tabs label={say("Panels")} tabs={tabs.map((tab) => ({ key: tab.key, title: say(tab.title) }))} chosen={key} onChoose={(panel) => store.dispatch({ type: "opened", panel })}>
        <Content />
      </Tabs>
    </section>
  );
}

/** Keys that mean the same everywhere, but for fields in which one types. */
function useKeys(session: Session, onHelp: () => void): void {
  useEffect(() => {
    const press = (event: KeyboardEvent): void => {
      const target = event.target as HTMLElement;
      // Behind a dialog the page rests.
      if (document.querySelector("dialog[open]")) return;
      if (target.matches("input:not([type=range]):not([type=radio]), textarea, select")) return;
      const plain = !(event.ctrlKey || event.altKey || event.metaKey);
      const { presenting } = session.store.state.value;
      const undo = (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z";
      if (undo && event.shiftKey) session.store.redo();
      else if (undo) session.store.undo();
      else if (event.key === "?") onHelp();
      else if (plain && event.key.toLowerCase() === "p") session.store.dispatch({ type: "presented", presenting: !presenting });
      else if (presenting && event.key === "Escape") session.store.dispatch({ type: "presented", presenting: false });
      else return;
      event.preventDefault();
    };
    document.addEventListener("keydown", press);
    return () => document.removeEventListener("keydown", press);
  }, [session]);
}
