/** Where an exported file starts: the page, with the runs that lie in the file itself. */
import { render } from "preact";
import { App } from "../app/app";
import { hookOf } from "../app/hook";
import { followTheme } from "../parts/theme";
import "../styles/tokens.css";
import "../styles/base.css";
import "../styles/layout.css";
import "../styles/map.css";
import "../styles/panels.css";
import "../styles/attributes.css";
import { FileHost } from "./host";

const host = new FileHost(document);
window.aevum = hookOf(host);
followTheme();
render(<App host={host} />, document.getElementById("app")!);
