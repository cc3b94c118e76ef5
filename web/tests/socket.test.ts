import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Server } from "../src/backend/socket";
import { readMessage } from "../src/backend/wire";

class FakeSocket {
  static made: FakeSocket[] = [];
  readyState = 0;
  binaryType = "";
  sent: unknown[] = [];

  constructor(
    readonly address: URL,
    readonly protocols: readonly string[] = [],
  ) {
    FakeSocket.made.push(this);
    queueMicrotask(() => {
      this.readyState = 1;
      this.onopen?.();
    });
  }

  onopen: (() => void) | null = null;

  send(bytes: ArrayBuffer): void {
    this.sent.push(readMessage(bytes).header.op);
  }
}

/** A server that answers requests with these statuses, by their Authorization header. */
function answering(status: (bearer: string | null) => number) {
  const asked: (string | null)[] = [];
  vi.stubGlobal("fetch", async (_: URL, { headers }: { headers: Record<string, string> }) => {
    asked.push(headers.Authorization ?? null);
    return new Response(JSON.stringify({ runs: [] }), { status: status(asked.at(-1)!) });
  });
  return asked;
}

beforeEach(() => {
  FakeSocket.made = [];
  vi.stubGlobal("WebSocket", FakeSocket);
});
afterEach(() => vi.unstubAllGlobals());

it("asks about all rows on a connection of its own, so that a drag does not wait for them", async () => {
  const backend = new Server(new URL("http://127.0.0.1:8000/"), null).backend("demo");
  void backend.scores();
  void backend.codes(0, 10);
  void backend.labels();
  void backend.about();
  const way = { a: [0, 0], b: [1, 1], n: 5 };
  void backend.path({ ...way, path: "geodesic" }, null);
  void backend.path({ ...way, path: "linear" }, null);
  void backend.decode({ data: Float32Array.of(0, 0), shape: [1, 2] }, null);
  await Promise.resolve();
  await Promise.resolve();
  const sent = FakeSocket.made.map((socket) => socket.sent);
  expect(sent).toEqual([["scores", "codes", "labels", "about"], ["path"], ["path", "decode"]]);
  expect(String(FakeSocket.made[0]!.address)).toBe("ws://127.0.0.1:8000/api/ws");
});

it("goes on by the cookie where its token is refused and the cookie is good", async () => {
  const asked = answering((bearer) => (bearer ? 401 : 200));
  const server = new Server(new URL("http://127.0.0.1:8000/"), "old");
  expect(await server.catalogue()).toEqual({ runs: [] });
  await server.catalogue();
  expect(asked).toEqual(["Bearer old", null, null]);
  void server.backend("demo").about();
  expect(FakeSocket.made[0]!.protocols).toEqual([]);
});

it("says so where both are refused, and keeps a token that is good", async () => {
  let asked = answering(() => 401);
  const address = new URL("http://127.0.0.1:8000/");
  await expect(new Server(address, "old").catalogue()).rejects.toThrow("does not know this page any more");
  expect(asked).toEqual(["Bearer old", null]);
  await expect(new Server(address, null).catalogue()).rejects.toThrow("does not know this page any more");
  expect(asked).toHaveLength(3);
  asked = answering(() => 200);
  const server = new Server(address, "good");
  await server.catalogue();
  await server.catalogue();
  expect(asked).toEqual(["Bearer good", "Bearer good"]);
  void server.backend("demo").about();
  expect(FakeSocket.made[0]!.protocols).toEqual(["aevum", "bearer.good"]);
});
