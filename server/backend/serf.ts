/**
 * The Serf backend: user events by way of the agent on this machine. A channel is the event's name, `moat.kv.update`. Events
 * are small (512 bytes with their name): what is larger travels in pieces, as the original cuts it.
 *
 * The agent is never told to leave its cluster; it belongs to the machine, not to the server.
 *
 * Source: `spec/server-protocol.md` 1.3; Serf's documentation of its RPC.
 *
 * @module
 */

import { FragmentJoiner } from "../../wire/message/fragment.ts";
import { splitMessage } from "../../wire/message/fragment_split.ts";
import type { Backend, BackendCounters, BackendEvent, Channel, Receiver } from "./backend.ts";
import { Backoff } from "./backoff.ts";
import { Listeners, Monitors } from "./monitors.ts";
import { encodeSerf, type SerfParameter, SerfReader, type SerfValue, textOf } from "./serf_codec.ts";

/** Where the agent is. */
export interface SerfOptions {
  readonly host: string;
  readonly port: number;
  /** The agent's RPC key. */
  readonly auth?: string;
  /** What may wait for its way out before messages are dropped. */
  readonly waitingBytesMax?: number;
  /** 0 ≤ random() < 1; default `Math.random`. */
  readonly random?: () => number;
}

const waitingBytesDefault = 4 * 1024 * 1024;
/** How long the agent has to take a server in. */
const attachMs = 10_000;
const senderLetters = 8;

/** Numbers of the requests that are answered before the connection counts. */
const seq = { handshake: 1, auth: 2, stream: 3, event: 4 } as const;

/** A connection to a Serf agent. */
export class SerfBackend implements Backend {
  readonly counters: BackendCounters = { sent: 0, received: 0, dropped: 0, connects: 0 };
  readonly description: string;
  isAttached = false;
  readonly #options: SerfOptions;
  readonly #monitors = new Monitors();
  readonly #listeners = new Listeners();
  readonly #backoff: Backoff;
  readonly #joiners = new Map<string, FragmentJoiner>();
  readonly #sender = crypto.randomUUID().slice(0, senderLetters);
  #pieces = 0;
  #conn: Deno.TcpConn | undefined;
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  #isWriting = false;
  #isDetachedTold = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isClosed = false;
  #running: Promise<void> | undefined;

  private constructor(options: SerfOptions) {
    this.#options = options;
    this.#backoff = new Backoff(250, 15_000, options.random ?? Math.random);
    this.description = `Serf agent at ${options.host}:${options.port}`;
  }

  /** Begins to connect; returns at once, whether there is an agent or not. */
  static open(options: SerfOptions): SerfBackend {
    const backend = new SerfBackend(options);
    backend.#attempt();
    return backend;
  }

  #attempt(): void {
    this.#timer = undefined;
    if (this.#isClosed) return;
    this.#running = this.#run().then((reason) => this.#ended(reason));
  }

  #ended(reason: string): void {
    this.isAttached = false;
    if (!this.#isDetachedTold && !this.#isClosed) {
      this.#isDetachedTold = true;
      this.#listeners.tell({ kind: "detached", reason });
    }
    if (!this.#isClosed) this.#timer = setTimeout(() => this.#attempt(), this.#backoff.next());
  }

  /** One connection, from its beginning to its end; returns why it ended. */
  async #run(): Promise<string> {
    const { host, port } = this.#options;
    try {
      const conn = await Deno.connect({ hostname: host, port });
      conn.setNoDelay(true);
      this.#conn = conn;
      if (this.#isClosed) return this.#close("closed");
      this.#waiting = [];
      this.#waitingBytes = 0;
      const patience = setTimeout(() => this.#close(), attachMs);
      try {
        this.#begin();
        return this.#close(await this.#receive(conn, () => clearTimeout(patience)));
      } finally {
        clearTimeout(patience);
      }
    } catch (error) {
      return this.#close(error instanceof Error ? error.message : String(error));
    }
  }

  #close(reason: string = ""): string {
    try {
      this.#conn?.close();
    } catch { /* it is closed */ }
    this.#conn = undefined;
    return reason;
  }

  #begin(): void {
    const { auth } = this.#options;
    this.#request(seq.handshake, "handshake", { Version: 1 });
    if (auth !== undefined) this.#request(seq.auth, "auth", { AuthKey: auth });
    this.#request(seq.stream, "stream", { Type: "user" });
  }

  #request(number: number, command: string, parameters: { readonly [key: string]: SerfParameter }): void {
    for (const bytes of [encodeSerf({ Seq: number, Command: command }), encodeSerf(parameters)]) {
      this.#waiting.push(bytes);
      this.#waitingBytes += bytes.length;
    }
    if (!this.#isWriting) void this.#write();
  }

  async #write(): Promise<void> {
    this.#isWriting = true;
    const conn = this.#conn;
    try {
      while (conn !== undefined && conn === this.#conn && this.#waiting.length > 0) {
        const parts = this.#waiting;
        const bytes = new Uint8Array(this.#waitingBytes);
        let at = 0;
        for (const part of parts) bytes.set(part, at), at += part.length;
        this.#waiting = [];
        for (let done = 0; done < bytes.length;) done += await conn.write(bytes.subarray(done));
        this.#waitingBytes -= bytes.length;
      }
    } catch { /* the reader hears of it */ }
    this.#isWriting = false;
    if (this.#conn !== undefined && this.#conn !== conn && this.#waiting.length > 0) void this.#write();
  }

  async #receive(conn: Deno.TcpConn, attached: () => void): Promise<string> {
    const reader = new SerfReader();
    const buffer = new Uint8Array(64 * 1024);
    let header: ReadonlyMap<string, SerfValue> | undefined;
    for (let count; (count = await conn.read(buffer)) !== null;) {
      reader.push(buffer.subarray(0, count));
      for (let value; (value = reader.next()) !== undefined;) {
        if (!(value instanceof Map)) return "the agent sends what is no message";
        if (header !== undefined) {
          header = undefined;
          this.#event(value);
          continue;
        }
        const problem = textOf(value.get("Error"));
        const number = value.get("Seq");
        if (problem !== "" && number !== seq.event) return problem;
        if (problem !== "") this.counters.dropped++;
        if (number !== seq.stream) continue;
        if (!this.isAttached) this.#attached(attached);
        else header = value;
      }
    }
    return "the connection was closed";
  }

  #attached(tell: () => void): void {
    tell();
    this.#backoff.reset();
    this.isAttached = true;
    this.#isDetachedTold = false;
    this.counters.connects++;
    this.#listeners.tell({ kind: "attached" });
  }

  #event(event: ReadonlyMap<string, SerfValue>): void {
    const payload = event.get("Payload");
    const name = textOf(event.get("Name"));
    if (textOf(event.get("Event")) !== "user" || !(payload instanceof Uint8Array)) return;
    const joiner = this.#joiners.get(name) ?? new FragmentJoiner();
    let whole: Uint8Array | undefined;
    try {
      whole = joiner.push(payload, performance.now());
    } catch {
      return; // a piece of a strange form: nobody could make anything of it
    }
    if (joiner.pendingCount > 0) this.#joiners.set(name, joiner);
    else this.#joiners.delete(name);
    if (whole === undefined) return;
    this.counters.received++;
    this.#monitors.deliver(name.split("."), whole);
  }

  /** Sends to everybody in the agent's cluster. */
  publish(channel: Channel, payload: Uint8Array): boolean {
    if (!this.isAttached || this.#waitingBytes > (this.#options.waitingBytesMax ?? waitingBytesDefault)) {
      this.counters.dropped++;
      return false;
    }
    this.counters.sent++;
    for (const piece of splitMessage(payload, this.#sender, () => ++this.#pieces)) {
      this.#request(seq.event, "event", { Name: channel.join("."), Payload: piece, Coalesce: false });
    }
    return true;
  }

  /** Hears a channel. */
  monitor(filter: Channel, receive: Receiver): Disposable {
    return this.#monitors.add(filter, receive, () => {}, () => {});
  }

  /** Hears of coming and going. */
  watch(listener: (event: BackendEvent) => void): Disposable {
    return this.#listeners.add(listener);
  }

  /** Disconnects. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    this.isAttached = false;
    clearTimeout(this.#timer);
    this.#close();
    await this.#running;
    clearTimeout(this.#timer);
  }
}
