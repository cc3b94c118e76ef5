/** What went wrong, where the reader sees it and can do something about it. */
import { useEffect } from "preact/hooks";
import { Button, IconButton } from "../parts/controls";
import { Icon } from "../parts/icon";
import type { Host } from "../backend/backend";
import { useSession } from "../session/context";
import { useCell } from "../state/cell";
import { say } from "../words/words";
import "../styles/messages.css";

/** Over the whole page, while there is no connection. */
export function Banner({ host }: { host: Host }) {
  const status = useCell(host.status);
  return (
    <div class="banner-room" role="alert">
      {status.kind === "lost" && (
        <div class="banner">
          <Icon name="warning" />
          <span>{status.sentence} {say("Trying again …")}</span>
          <Button onClick={() => host.retry()}>{say("Try now")}</Button>
        </div>
      )}
    </div>
  );
}

/** One thing that failed while the rest works, until it works again or the reader has seen it. */
export function Notice() {
  const { notice } = useSession();
  const sentence = useCell(notice);
  useEffect(() => {
    if (sentence === null) return;
    const press = ({ key }: KeyboardEvent): void => void (key === "Escape" && notice.set(null));
    document.addEventListener("keydown", press);
    return () => document.removeEventListener("keydown", press);
  }, [sentence]);
  return (
    <div class="notice-room" role="alert">
      {sentence && (
        <div class="notice">
          <Icon name="warning" />
          <span>{sentence}</span>
          <IconButton icon="close" label={say("Dismiss")} keys="Esc" onClick={() => notice.set(null)} />
        </div>
      )}
    </div>
  );
}
