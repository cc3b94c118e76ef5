/** Where an exported file starts: the page, with the runs that lie in the file itself. */
import { render } from "preact";
import { App } from "../app/app";
import { hookOf } from "../app/hook";
import { followTheme } from "../parts/theme";
import { followLanguage } from "../words/language";
import { FileHost } from "./host";

const host = new FileHost(document);
window.aevum = hookOf(host);
followTheme();
followLanguage();
render(<App host={host} />, document.getElementById("app")!);
