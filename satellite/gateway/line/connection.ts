/**
 * A line over anything that reads and writes chunks of bytes.
 *
 * @module
 */

import { ByteQueue } from "./byte_queue.ts";
import { type Line, waitingBytesMax } from "./line.ts";

/** What a line is made of. */
export interface ByteConnection {
  /** The next bytes, or null at the end. */
  read(): Promise<Uint8Array | null>;
  write(bytes: Uint8Array): Promise<void>;
  close(): void;
}

/** A line over a connection. */
export class ConnectionLine implements Line {
  readonly baud = undefined;
  readonly received = new ByteQueue();
  readonly closed: Promise<string>;
  readonly #connection: ByteConnection;
  #end!: (reason: string) => void;
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  #isOpen = true;
  #isWriting = false;

  constructor(readonly description: string, connection: ByteConnection) {
    this.#connection = connection;
    this.closed = new Promise((resolve) => this.#end = resolve);
    void this.#receive();
  }

  /** Sends bytes. */
  write(bytes: Uint8Array): boolean {
    if (!this.#isOpen || this.#waitingBytes + bytes.length > waitingBytesMax) return false;
    this.#waiting.push(bytes.slice());
    this.#waitingBytes += bytes.length;
    if (!this.#isWriting) void this.#write();
    return true;
  }

  async #write(): Promise<void> {
    this.#isWriting = true;
    try {
      for (let chunk = this.#waiting.shift(); chunk !== undefined; chunk = this.#waiting.shift()) {
        await this.#connection.write(chunk);
        this.#waitingBytes -= chunk.length;
      }
    } catch (error) {
      this.#close(textOf(error));
    }
    this.#isWriting = false;
  }

  async #receive(): Promise<void> {
    try {
      for (let chunk = await this.#connection.read(); chunk !== null; chunk = await this.#connection.read()) {
        this.received.push(chunk);
      }
      this.#close("closed by the other end");
    } catch (error) {
      this.#close(textOf(error));
    }
  }

  #close(reason: string): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.received.end();
    this.#connection.close();
    this.#end(reason);
  }

  /** Ends it. */
  [Symbol.asyncDispose](): Promise<void> {
    this.#close("closed");
    return Promise.resolve();
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
