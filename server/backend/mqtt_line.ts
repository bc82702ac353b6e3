/**
 * The TCP connection to a broker, as the stream that MQTT.js wants, with a short way beside it: messages at QoS 0 go out
 * and come in without it. (Through MQTT.js and the runtime's `node:net` a message costs three times as much.)
 *
 * ```text
 * publish() ──────────────┐                ┌──▶ received()
 *                         ├─▶ connection ──┤
 * MQTT.js ──▶ stream ─────┘                └──▶ stream ──▶ MQTT.js      (CONNACK, SUBACK, PINGRESP …)
 * ```
 *
 * @module
 */

import type { Duplex } from "node:stream";
import { Encoder } from "../../wire/msgpack/encoder.ts";
import type { Channel } from "./backend.ts";
import { headBytesMax, PacketReader, writeMessageHead } from "./mqtt_packets.ts";

/** Where it leads, and who gets what comes in. */
export interface LineOptions {
  readonly hostname: string;
  readonly port: number;
  /** A message; its payload is the receiver's to keep. */
  readonly received: (channel: Channel, payload: Uint8Array) => void;
}

/** One connection. */
export class MqttLine {
  /** For MQTT.js. */
  readonly stream: Duplex;
  readonly #packets: PacketReader;
  #conn: Deno.TcpConn | undefined;
  /** What waits, and what is under way. */
  #waiting = new Encoder();
  #sending = new Encoder();
  #isSending = false;
  #emptied: (() => void) | undefined;
  readonly #head = new Uint8Array(headBytesMax + 0xffff);
  readonly #topics = new Map<string, Uint8Array>();

  /** Begins to connect. @param DuplexStream The class of `node:stream`, which is loaded only when there is a network */
  constructor(private readonly options: LineOptions, DuplexStream: typeof Duplex) {
    this.#packets = new PacketReader({
      message: options.received,
      other: (bytes) => void this.stream.push(bytes),
    });
    this.stream = new DuplexStream({
      allowHalfOpen: false,
      read: () => {},
      // MQTT.js writes a packet in pieces, but corks them: they come together, and no message gets between them.
      writev: (pieces: readonly { readonly chunk: Uint8Array }[], done: () => void) => {
        for (const { chunk } of pieces) this.#waiting.raw(chunk);
        this.#send();
        done();
      },
      final: (done) => {
        this.#emptied = () => void this.#conn!.closeWrite().catch(() => {}).then(() => done());
        this.#send();
      },
      destroy: (error, done) => {
        this.#close();
        done(error);
      },
    });
    void this.#run();
  }

  /** Bytes that the system did not take yet. */
  get waitingBytes(): number {
    return this.#waiting.length + this.#sending.length;
  }

  /** Sends a message. */
  publish(topic: string, payload: Uint8Array): void {
    const head = this.#head.subarray(0, writeMessageHead(this.#head, this.#topic(topic), payload.length));
    this.#waiting.raw(head);
    this.#waiting.raw(payload);
    this.#send();
  }

  #topic(topic: string): Uint8Array {
    let bytes = this.#topics.get(topic);
    if (bytes !== undefined) return bytes;
    bytes = new TextEncoder().encode(topic);
    if (this.#topics.size > 100) this.#topics.clear();
    this.#topics.set(topic, bytes);
    return bytes;
  }

  async #run(): Promise<void> {
    try {
      const conn = await Deno.connect({ hostname: this.options.hostname, port: this.options.port });
      if (this.stream.destroyed) return conn.close();
      conn.setNoDelay(true);
      this.#conn = conn;
      this.#send();
      for (let count; (count = await conn.read(this.#packets.writable())) !== null;) this.#packets.advance(count);
      this.stream.push(null);
    } catch (error) {
      this.#broke(error);
    }
  }

  /** Hands over what waits, unless something is under way (then it follows by itself). */
  #send(): void {
    if (this.#conn === undefined || this.#isSending) return;
    if (this.#waiting.length === 0) return this.#emptied?.();
    [this.#sending, this.#waiting] = [this.#waiting, this.#sending];
    this.#isSending = true;
    this.#write(0);
  }

  #write(from: number): void {
    this.#conn!.write(this.#sending.view(from)).then((count) => {
      if (from + count < this.#sending.length) return this.#write(from + count);
      this.#sending.reset();
      this.#isSending = false;
      this.#send();
    }, (error) => this.#broke(error));
  }

  /** MQTT.js tells only of errors that have a code. */
  #broke(error: unknown): void {
    const { message, code = "ECONNRESET" } = error as Error & { code?: string };
    if (!this.stream.destroyed) this.stream.destroy(Object.assign(new Error(message), { code }));
  }

  #close(): void {
    this.#waiting = new Encoder();
    try {
      this.#conn?.close();
    } catch {
      // Closed already.
    }
  }
}
