import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Server } from "../src/backend/socket";
import { readMessage } from "../src/backend/wire";

class FakeSocket {
  static made: FakeSocket[] = [];
  readyState = 0;
  binaryType = "";
  sent: unknown[] = [];

  constructor(readonly address: URL) {
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
  void backend.decode({ data: Float32Array.of(0, 0), shape: [1, 2] }, null);
  await Promise.resolve();
  await Promise.resolve();
  const sent = FakeSocket.made.map((socket) => socket.sent);
  expect(sent).toEqual([["scores", "codes", "labels", "about"], ["decode"]]);
  expect(String(FakeSocket.made[0]!.address)).toBe("ws://127.0.0.1:8000/api/ws");
});
