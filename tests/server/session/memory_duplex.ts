/**
 * Two ends of a connection in memory: the session holds one, the test the other.
 *
 * @module
 */

import type { Duplex } from "../../../server/session/duplex.ts";
import type { MessageReader } from "../../../wire/msgpack/chunks.ts";

/** The session's end. The test writes with `feed` and reads `sent`. */
export class MemoryDuplex implements Duplex {
  readonly kind: "memory" | "websocket";
  readonly peer = "memory";
  /** Every buffer that was sent, copied. */
  readonly sent: Uint8Array[] = [];
  isClosed = false;
  /** Bytes that are taken at once. */
  takesBytes = Infinity;
  /** While true, nothing that is sent is taken. */
  isStalled = false;
  #chunks: Uint8Array[] = [];
  #isEnded = false;
  #wakeReader: () => void = () => {};
  #wakeSender: () => void = () => {};
  #onSent: () => void = () => {};
  /** Reads that the session asked for and that got bytes. */
  reads = 0;

  constructor(kind: "memory" | "websocket" = "memory") {
    this.kind = kind;
  }

  /** Bytes for the session. */
  feed(...chunks: Uint8Array[]): void {
    this.#chunks.push(...chunks);
    this.#wakeReader();
  }

  /** The test sends no more. */
  finish(): void {
    this.#isEnded = true;
    this.#wakeReader();
  }

  /** Takes what is sent again. */
  resume(): void {
    this.isStalled = false;
    this.#wakeSender();
  }

  async receive(reader: MessageReader): Promise<boolean> {
    while (this.#chunks.length === 0) {
      if (this.#isEnded || this.isClosed) return false;
      await new Promise<void>((wake) => this.#wakeReader = wake);
    }
    this.reads++;
    reader.push(this.#chunks.shift()!);
    return true;
  }

  async send(bytes: Uint8Array): Promise<number> {
    while (this.isStalled) {
      if (this.isClosed) throw new Error("closed");
      await new Promise<void>((wake) => this.#wakeSender = wake);
    }
    if (this.isClosed) throw new Error("closed");
    // Like a socket, it does not take everything at once.
    const count = Math.min(bytes.length, this.takesBytes);
    this.sent.push(bytes.slice(0, count));
    this.#onSent();
    return count;
  }

  close(): void {
    this.isClosed = true;
    this.#wakeReader();
    this.#wakeSender();
    this.#onSent();
  }

  /** Waits until something more was sent, or the session closed. */
  more(): Promise<void> {
    return new Promise((resolve) => this.#onSent = resolve);
  }
}
