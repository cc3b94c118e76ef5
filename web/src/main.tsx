/** Where the page starts: its backend, its colours, and what it shows. */
import { render } from "preact";
import { App } from "./app/app";
import { takeToken } from "./app/link";
import type { Host } from "./backend/backend";
import { Server } from "./backend/socket";
import { followTheme } from "./parts/theme";
import type { Session } from "./session/session";
import { followLanguage } from "./words/language";

async function start(): Promise<void> {
  const query = new URLSearchParams(location.search);
  const token = takeToken();
  const host = await hostFor(query, token);
  // A script that measures the page asks for what it needs by this word in the address.
  const measure = query.has("measure") ? (await import("./measure/measure")).install : undefined;
  followTheme();
  followLanguage();
  const opened = (session: Session): void => measure?.(session);
  render(<App host={host} onSession={opened} />, document.getElementById("app")!);
}

async function hostFor(query: URLSearchParams, token: string | null): Promise<Host> {
  if (import.meta.env.DEV && query.has("mock")) {
    const { Mock } = await import("./backend/mock");
    return new Mock();
  }
  return new Server(new URL(".", location.href), token);
}

void start();
