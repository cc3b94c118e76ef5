/** What the map shows, and how. */
import { Segments, Select, Toggle } from "../parts/controls";
import { orderOf, type Plane } from "../maths/plane";
import { useAppState, useSession } from "../session/context";
import { useCell } from "../state/cell";
import { hasLabels, type About } from "../backend/backend";
import { colourable, columnOfColour, ownName } from "../state/columns";
import { LAYERS, type Colouring, type Layer } from "../state/state";
import type { Mode, Steering } from "./steering";
import { told, say } from "../words/words";

/** More layers are drawn closer. */
const MANY = 3;

interface Named {
  readonly text: string;
  readonly title: string;
}

const layerNames = (): Readonly<Record<Exclude<Layer, "prior">, Named>> => ({
  points: { text: say("Points"), title: say("The data’s rows, where the model encodes them") },
  lattice: { text: say("Lattice"), title: say("What each place decodes to (L)") },
  density: { text: say("Density"), title: say("Where points are densest: lines around 10, 30, 50, 70 and 90 % of them") },
  names: { text: say("Names"), title: say("What the colours mean, where points of one are densest") },
});

/** There is no density of points without points or on a line, and no names without words. */
function hasLayer(layer: Layer, about: About, { kind }: Plane, colour: Colouring): boolean {
  if (layer === "points") return about.rows > 0;
  if (layer === "density") return about.rows > 0 && kind !== "line";
  return layer !== "names" || (about.rows > 0 && kind !== "line" && Boolean(columnOfColour(about, colour)?.words));
}

/** The last layer by what it shows: ellipses or regions, of a prior or of where an auto-encoder's codes lie. */
export function priorNamed({ law, can_sample: prior }: About, { kind }: Plane): Named {
  const shares = kind === "line" ? say("68, 95 and 99.7 %") : say("39, 86 and 99 %");
  const densest = prior
    ? say("Where the prior is densest: regions that hold {shares} of its codes", { shares })
    : say("Where codes lie densest: regions that hold {shares} of them", { shares });
  const title = law.gaussian ? say("One, two and three deviations of the prior") : densest;
  return { text: prior ? say("Prior") : say("Spread"), title };
}

export function Toolbar({ steering, axes = true }: { steering: Steering | null; axes?: boolean }) {
  const session = useSession();
  const { about, store } = session;
  const layers = useAppState((state) => state.layers);
  const plane = useAppState((state) => state.plane);
  const named = (layer: Layer): Named => (layer === "prior" ? priorNamed(about, plane) : layerNames()[layer]);
  const colour = useAppState((state) => state.colour);
  const shown = LAYERS.filter((layer) => hasLayer(layer, about, plane, colour));
  return (
    <div class="toolbar" role="toolbar" aria-label={say("Map options")}>
      {axes && <Axes />}
      <ColourChoice />
      <div class={shown.length > MANY ? "toggles many" : "toggles"} role="group" aria-label={say("Layers")}>
        {shown.map((layer) => (
          <Toggle
            key={layer}
            on={layers.includes(layer)}
            title={named(layer).title}
            onToggle={(on) => store.dispatch({ type: "layered", layer, shown: on })}
          >
            {named(layer).text}
          </Toggle>
        ))}
      </div>
      {steering && <ModeChoice steering={steering} />}
    </div>
  );
}

function ModeChoice({ steering }: { steering: Steering }) {
  const mode = useCell(steering.mode);
  return (
    <Segments<Mode>
      label={say("What dragging does")}
      value={mode}
      choices={[
        { value: "probe", text: say("Probe"), title: say("Drag to decode") },
        { value: "pan", text: say("Pan"), title: say("Drag to move the map (H; or Shift and drag, or the right button)") },
      ]}
      onChoose={(value) => steering.mode.set(value)}
    />
  );
}

/** Only where there is more than one plane to choose. */
export function Axes() {
  const session = useSession();
  const { about, store } = session;
  const plane = useAppState((state) => state.plane);
  if (about.latent_dim <= 2) return null;
  const order = orderOf(session.evolution.run);
  const turn = (next: Plane): void => store.dispatch({ type: "turned", plane: next });
  const dims = plane.kind === "dims" ? plane : { x: order[0]!, y: order[1]! };
  const choices = order.map((d) => ({ value: String(d), text: `z[${d}]` }));
  const choose = (axis: "x" | "y", value: number): void => {
    const other = axis === "x" ? dims.y : dims.x;
    // The axis that is taken from the other one is given back to it.
    const next = { ...dims, [axis]: value, ...(value === other ? { [axis === "x" ? "y" : "x"]: dims[axis] } : {}) };
    turn({ kind: "dims", x: next.x, y: next.y });
  };
  return (
    <div class="axes" role="group" aria-label={say("Axes")}>
      {about.pca && (
        <Select
          label={say("Axes")}
          value={plane.kind === "pca" ? "pca" : "dims"}
          choices={[
            { value: "pca", text: say("Principal") },
            { value: "dims", text: say("Latents") },
          ]}
          onChoose={(value) => turn(value === "pca" ? { kind: "pca" } : { kind: "dims", x: dims.x, y: dims.y })}
        />
      )}
      {plane.kind === "dims" && (
        <>
          <Select label="x" value={String(plane.x)} choices={choices} onChoose={(value) => choose("x", Number(value))} />
          <Select label="y" value={String(plane.y)} choices={choices} onChoose={(value) => choose("y", Number(value))} />
        </>
      )}
    </div>
  );
}

function ColourChoice() {
  const { about, store } = useSession();
  const value = useAppState((state) => state.colour);
  if (about.rows === 0) return null;
  const choices = [
    ...(hasLabels(about) ? [{ value: "label", text: ownName(about, say("Label")) }] : []),
    ...colourable(about).map(({ name }) => ({ value: `column:${name}`, text: name })),
    { value: "score", text: told(about.score.name) },
    { value: "none", text: say("One colour") },
  ];
  const choose = (colour: string): void => store.dispatch({ type: "coloured", colour: colour as Colouring });
  return <Select label={say("Colour")} value={value} choices={choices} onChoose={choose} />;
}
