/** Where an exported file starts: the page, with the runs that lie in the file itself. */
import { render } from "preact";
import { App } from "../app/app";
import { hookOf } from "../app/hook";
import { followTheme } from "../parts/theme";
import { followLanguage } from "../words/language";
import { FileHost } from "./host";

/** Milliseconds after which the page shows that it loads. */
const LATE = 150;

const host = new FileHost(document);
window.aevum = hookOf(host);
followTheme();
followLanguage();
// First what the first picture takes, and then the page around it: both need the one thread. A large runtime isn't waited for.
const late = new Promise((resolve) => setTimeout(resolve, LATE));
void Promise.race([host.ready((await host.catalogue()).runs[0]!.id), late]).then(() => render(<App host={host} />, document.getElementById("app")!));
