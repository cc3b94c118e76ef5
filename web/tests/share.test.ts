import { describe, expect, it } from "vitest";
import type { About } from "../src/backend/backend";
import { mockAbout } from "../src/backend/mock";
import { normal, seeded } from "../src/maths/random";
import { stopsOf } from "../src/session/evolution";
import { float32Text } from "../src/share/numbers";
import { pythonOf } from "../src/share/python";
import { requestOf } from "../src/share/request";
import { choices, type Subject } from "../src/share/subject";
import { initial } from "../src/state/state";

const LATTICE = { columns: 3, rows: 2, bounds: { left: -1.5, right: 2, bottom: 0.1, top: 0.3 } };
const SERVER = "http://127.0.0.1:8000/";

function subject(about: About, change: Partial<Subject> = {}): Subject {
  const { z, y, plane } = initial(about);
  const lattice = about.latent_dim > 1 ? LATTICE : null;
  return { about, stop: stopsOf(about).at(-1)!, z, y, plane, morph: null, attribute: null, drawing: null, lattice, ...change };
}

const run = (change: Partial<About> = {}, options: Parameters<typeof mockAbout>[0] = {}): About => ({
  ...mockAbout(options),
  id: "demo",
  name: "runs/demo",
  ...change,
});

describe("numbers", () => {
  it("bring the same float32 back, and are short", () => {
    const uniform = seeded(4);
    const values = Array.from({ length: 3000 }, () => normal(uniform) * 10 ** Math.floor(20 * uniform() - 10));
    for (const value of [...values, 0, -0, 1, 0.1, -1.2, 16777217, 1e-45, 3.4028234663852886e38]) {
      expect(Math.fround(Number(float32Text(value)))).toBe(Math.fround(value));
    }
    expect(float32Text(Math.fround(0.41))).toBe("0.41");
    expect(float32Text(Math.fround(-1.2))).toBe("-1.2");
    expect(float32Text(-0)).toBe("-0.0");
  });
});

describe("Python", () => {
  it("decodes the code that is shown", () => {
    expect(pythonOf(subject(run(), { z: [0.41, -1.2] }), "picture")).toBe(
      `from aevum import load
import numpy as np

vae = load("runs/demo")
z = np.array([[0.41, -1.2]], dtype=np.float32)
x = vae.inverse_transform(z)
`,
    );
  });

  it("names a class as the model does, and mixes by weights", () => {
    const about = run({}, { conditional: true });
    const one = pythonOf(subject(about, { y: [0, 1, 0] }), "picture");
    expect(one).toContain("y = cvae.classes_[1]  # leaning\n");
    expect(one).toContain("x = cvae.inverse_transform(z, y)");
    const mix = pythonOf(subject(about, { y: [0.4, 0, 0.6] }), "lattice");
    expect(mix).toContain("y = np.array([[0.4, 0, 0.6]], dtype=np.float32)\n");
    expect(mix).toContain("x = cvae.inverse_transform(z.astype(np.float32), y)  # 2 lines of 3\n");
  });

  it("walks, and spans planes", () => {
    const morph = { a: [Math.fround(0.1), 2], b: [1, -3], n: 9, path: "geodesic" } as const;
    const way = pythonOf(subject(run(), { morph }), "morph");
    expect(way).toContain("a = np.array([0.1, 2], dtype=np.float32)\n");
    expect(way).toContain('x = vae.interpolate(a, b, 9, path="geodesic").x\n');
    const about = run({}, { latents: 3 });
    const plane = { kind: "dims", x: 2, y: 0 } as const;
    const flat = pythonOf(subject(about, { z: [1, 2, 3], plane }), "lattice");
    expect(flat).toContain(`left, right, bottom, top = -1.5, 2, 0.1, 0.3
u = left + (0.5 + np.arange(3)) * (right - left) / 3
v = top - (0.5 + np.arange(2)) * (top - bottom) / 2
u, v = np.tile(u, 2), np.repeat(v, 3)
z = np.tile(np.array([1, 2, 3], dtype=np.float64), (len(u), 1))
z[:, 2], z[:, 0] = u, v
x = vae.inverse_transform(z.astype(np.float32))  # 2 lines of 3
`);
    const axes = pythonOf(subject(about, { z: [1, 2, 3], plane: { kind: "pca" } }), "lattice");
    expect(axes).toContain("z = z + (u - 2)[:, None] * first + (v - 1)[:, None] * second\n");
    const line = pythonOf(subject(run({}, { latents: 1 }), { lattice: LATTICE }), "lattice");
    expect(line).toContain("z[:, 0] = u\n");
  });

  it("adds an attribute", () => {
    const attribute = { name: "7 rather\nthan 1", vector: [0.1, 1 / 3], question: { label: "7" } };
    const text = pythonOf(subject(run(), { attribute }), "attribute");
    expect(text).toContain("v = np.array([0.1, 0.3333333333333333])  # 7 rather than 1\n");
    expect(text).toContain("x = vae.add_attribute(z, v, 1.0)");
  });

  it("decodes a code as every class", () => {
    const about = run({}, { conditional: true });
    const text = pythonOf(subject(about, { z: [0.5, -1], y: [0, 1, 0] }), "classes");
    expect(text).toContain("y = cvae.classes_\nz = np.repeat(np.array([[0.5, -1]], dtype=np.float32), len(y), axis=0)\n");
    expect(text).toContain("x = cvae.inverse_transform(z, y)");
  });

  it("holds what was drawn", () => {
    const about = run({ event: [1, 3] });
    const text = pythonOf(subject(about, { drawing: Float32Array.of(0, 0.5, 1) }), "drawing");
    expect(text).toMatch(/^import base64\n\nfrom aevum import load\n/);
    const bytes = /b64decode\("(.*)"\), np.float32\).reshape\(1, 1, 3\)/.exec(text)![1]!;
    expect([...new Float32Array(Uint8Array.from(Buffer.from(bytes, "base64")).buffer)]).toEqual([0, 0.5, 1]);
    expect(text).toContain("mean, deviation = vae.encode(x)\nreconstruction = vae.inverse_transform(mean)\n");
    const conditional = pythonOf(
      subject({ ...about, ...run({ event: [1, 3] }, { conditional: true }) }, { drawing: Float32Array.of(0, 0, 0), y: [1, 0, 0] }),
      "drawing",
    );
    expect(conditional).toContain("cvae.encode(x, y=y)\nreconstruction = cvae.inverse_transform(mean, y)\n");
  });

  it("opens the epoch that is shown, and does not make up a folder", () => {
    const about = run({ epoch: 40, checkpoints: [{ id: "demo@16", epoch: 16 }] });
    expect(pythonOf(subject(about, { stop: stopsOf(about)[0]! }), "picture")).toContain(
      'load("runs/demo/checkpoints/epoch-00016")\n',
    );
    expect(pythonOf(subject(run({ name: "VAE" })), "picture")).toContain(
      'load("runs/…")  # the folder that the model was saved in',
    );
  });
});

describe("requests", () => {
  const body = (text: string): unknown => JSON.parse(/-d '(.*)'/.exec(text)![1]!);

  it("hold the same numbers, and not the token", () => {
    const text = requestOf(subject(run(), { z: [0.41, -1.2] }), "picture", SERVER)!;
    expect(text).toContain("curl 'http://127.0.0.1:8000/api/runs/demo/decode'");
    expect(text).toContain('"Authorization: Bearer $TOKEN"');
    expect(body(text)).toEqual({ z: [[0.41, -1.2]] });
    const about = run({}, { conditional: true });
    const lattice = { columns: 2, rows: 1, bounds: { left: -1, right: 1, bottom: 0, top: 3 } };
    const asked = requestOf(subject(about, { lattice }), "lattice", SERVER)!;
    expect(body(asked)).toEqual({ z: [[-0.5, 1.5], [0.5, 1.5]], y: [[1, 0, 0]] });
  });

  it("ask for every class at once, and twice about a drawing", () => {
    const about = run({}, { conditional: true });
    expect(body(requestOf(subject(about, { z: [0.5, 1] }), "classes", SERVER)!)).toEqual({
      z: [[0.5, 1], [0.5, 1], [0.5, 1]],
      y: [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
    });
    const drawing = Float32Array.of(0, 0.1, 1, 0.5);
    const [first, second] = requestOf(subject(run({ event: [2, 2] }), { drawing }), "drawing", SERVER)!.split("\n\n");
    expect(first).toContain("/api/runs/demo/encode'");
    expect(second).toContain("/api/runs/demo/score'");
    expect(body(first!)).toEqual({ x: [[[0, Math.fround(0.1)], [1, 0.5]]] });
    expect(body(second!)).toEqual(body(first!));
  });

  it("name the epoch", () => {
    const about = run({ epoch: 40, checkpoints: [{ id: "demo@16", epoch: 16 }] });
    const stop = stopsOf(about)[0]!;
    expect(requestOf(subject(about, { stop }), "picture", SERVER)).toContain("/api/runs/demo%4016/decode");
  });

  it("are left out where no single one does the same", () => {
    const about = run({}, { latents: 3 });
    const vast = { ...LATTICE, columns: 100, rows: 100 };
    expect(requestOf(subject(about, { lattice: vast }), "lattice", SERVER)).toBeNull();
    const attribute = { name: "a", vector: [1, 0, 0], question: null };
    expect(requestOf(subject(about, { attribute }), "attribute", SERVER)).toBeNull();
  });
});

it("only what is there can be copied", () => {
  expect(choices(subject(run()))).toEqual(["picture", "lattice"]);
  expect(choices(subject(run({}, { latents: 1 })))).toEqual(["picture"]);
  const drawing = new Float32Array(576);
  const all = choices(subject(run({}, { conditional: true }), { drawing }));
  expect(all).toEqual(["picture", "lattice", "classes", "drawing"]);
  const morph = { a: [0, 0, 0], b: [1, 1, 1], n: 5, path: "linear" } as const;
  expect(choices(subject(run({}, { latents: 3 }), { morph, lattice: null }))).toEqual(["picture", "morph"]);
});
