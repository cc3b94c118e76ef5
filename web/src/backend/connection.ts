/**
 * A socket that comes back. Every operation can be asked again without harm, so what was not answered when the
 * connection broke is sent again when it is back: callers wait, and never see the break.
 */
import { Cell } from "../state/cell";
import type { Arrays } from "./arrays";
import { BackendError, type Status } from "./backend";
import { readMessage, writeMessage, type Message } from "./wire";
import { say } from "../words/words";

const FIRST_WAIT = 400;
const LONGEST_WAIT = 8000;

interface Pending {
  readonly bytes: ArrayBuffer;
  readonly answered: (message: Message) => void;
  readonly failed: (error: BackendError) => void;
}

export interface Question {
  readonly run: string;
  readonly op: string;
  readonly args: Readonly<Record<string, unknown>>;
  readonly arrays: Arrays;
}

export class Connection {
  readonly status = new Cell<Status>({ kind: "connecting" });
  #open: () => WebSocket;
  #explain: () => Promise<string>;
  #socket: WebSocket | null = null;
  #pending = new Map<number, Pending>();
  #last = 0;
  #wait = FIRST_WAIT;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** `explain` finds the sentence that tells the reader why there is no connection. */
  constructor(open: () => WebSocket, explain: () => Promise<string>) {
    this.#open = open;
    this.#explain = explain;
  }

  ask(question: Question): Promise<Message> {
    const id = ++this.#last;
    const { run, op, args, arrays } = question;
    return new Promise((answered, failed) => {
      const bytes = writeMessage({ header: { id, run, op, args }, arrays });
      this.#pending.set(id, { bytes, answered, failed });
      if (this.#socket?.readyState === 1) this.#socket.send(bytes);
      else this.#connect();
    });
  }

  retry(): void {
    clearTimeout(this.#timer);
    this.#wait = FIRST_WAIT;
    this.#connect();
  }

  #connect(): void {
    if (this.#socket && this.#socket.readyState <= 1) return;
    const socket = this.#open();
    socket.binaryType = "arraybuffer";
    socket.onopen = () => {
      this.#wait = FIRST_WAIT;
      this.status.set({ kind: "open" });
      for (const { bytes } of this.#pending.values()) socket.send(bytes);
    };
    socket.onmessage = (event: MessageEvent<ArrayBuffer>) => this.#receive(event.data);
    socket.onclose = () => this.#lost(socket);
    this.#socket = socket;
  }

  #receive(buffer: ArrayBuffer): void {
    let message: Message;
    try {
      message = readMessage(buffer);
    } catch {
      this.#unreadable();
      return;
    }
    const { id, ok, error } = message.header;
    const pending = this.#pending.get(Number(id));
    if (!pending) return;
    this.#pending.delete(Number(id));
    if (ok) pending.answered(message);
    else pending.failed(new BackendError(String(error)));
  }

  /** Whose answer it is can't be read either. */
  #unreadable(): void {
    const waiting = [...this.#pending.values()];
    this.#pending.clear();
    const error = new BackendError(say("the server's answer can't be read; are page and server of one version?"));
    for (const { failed } of waiting) failed(error);
  }

  #lost(socket: WebSocket): void {
    if (socket !== this.#socket) return;
    this.#socket = null;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#connect(), this.#wait);
    this.#wait = Math.min(this.#wait * 2, LONGEST_WAIT);
    void this.#explain().then((sentence) => {
      if (this.#socket?.readyState !== 1) this.status.set({ kind: "lost", sentence });
    });
  }
}
