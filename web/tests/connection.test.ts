import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Connection } from "../src/backend/connection";
import { readMessage, writeMessage } from "../src/backend/wire";

/** A socket whose other end is the test. */
class FakeSocket {
  readyState = 0;
  binaryType = "";
  sent: Record<string, unknown>[] = [];
  onopen: (() => void) | null = null;
  onclose: (() => void) | null = null;
  onmessage: ((event: { data: ArrayBuffer }) => void) | null = null;

  send(bytes: ArrayBuffer): void {
    this.sent.push(readMessage(bytes).header);
  }

  open(): void {
    this.readyState = 1;
    this.onopen?.();
  }

  close(): void {
    this.readyState = 3;
    this.onclose?.();
  }

  answer(header: Record<string, unknown>): void {
    this.onmessage?.({ data: writeMessage({ header, arrays: {} }) });
  }
}

let sockets: FakeSocket[];
let connection: Connection;
const question = { run: "r", op: "decode", args: {}, arrays: {} };

beforeEach(() => {
  vi.useFakeTimers();
  sockets = [];
  const open = (): WebSocket => {
    sockets.push(new FakeSocket());
    return sockets.at(-1) as unknown as WebSocket;
  };
  connection = new Connection(open, async () => "The server is gone.");
});

afterEach(() => vi.useRealTimers());

it("sends what was asked before it was open, and matches answers to questions by number", async () => {
  const [first, second] = [connection.ask(question), connection.ask({ ...question, op: "encode" })];
  sockets[0]!.open();
  expect(sockets[0]!.sent.map(({ id, op }) => [id, op])).toEqual([[1, "decode"], [2, "encode"]]);
  sockets[0]!.answer({ id: 2, ok: true, args: { n: 2 } });
  sockets[0]!.answer({ id: 1, ok: true, args: { n: 1 } });
  expect((await first).header.args).toEqual({ n: 1 });
  expect((await second).header.args).toEqual({ n: 2 });
});

it("turns a refusal into an error with the server's sentence", async () => {
  const asked = connection.ask(question);
  sockets[0]!.open();
  sockets[0]!.answer({ id: 1, ok: false, error: "z must be finite" });
  await expect(asked).rejects.toThrow("z must be finite");
});

it("asks again what was not answered when the connection broke", async () => {
  const [answered, open] = [connection.ask(question), connection.ask(question)];
  sockets[0]!.open();
  sockets[0]!.answer({ id: 1, ok: true });
  await answered;
  sockets[0]!.close();
  await vi.advanceTimersByTimeAsync(0);
  expect(connection.status.value).toEqual({ kind: "lost", sentence: "The server is gone." });
  await vi.advanceTimersByTimeAsync(500);
  sockets[1]!.open();
  expect(sockets[1]!.sent.map(({ id }) => id)).toEqual([2]);
  expect(connection.status.value).toEqual({ kind: "open" });
  sockets[1]!.answer({ id: 2, ok: true });
  await open;
});

it("waits longer after each failure, and not at all when told to try now", async () => {
  void connection.ask(question);
  sockets[0]!.close();
  await vi.advanceTimersByTimeAsync(450);
  expect(sockets.length).toBe(2);
  sockets[1]!.close();
  await vi.advanceTimersByTimeAsync(450);
  expect(sockets.length).toBe(2);
  connection.retry();
  expect(sockets.length).toBe(3);
});

it("lets no one wait for an answer that can't be read", async () => {
  const asked = connection.ask(question);
  sockets[0]!.open();
  sockets[0]!.onmessage!({ data: new ArrayBuffer(2) });
  await expect(asked).rejects.toThrow("can't be read");
  const next = connection.ask(question);
  sockets[0]!.answer({ id: 2, ok: true });
  await next;
});
