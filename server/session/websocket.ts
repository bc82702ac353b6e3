/**
 * A WebSocket as {@linkcode Duplex}: one binary frame holds one or more whole messages.
 *
 * @module
 */

import { ProtocolError } from "../../wire/errors.ts";
import { messageBytesMax } from "../../wire/limits.ts";
import type { MessageReader } from "../../wire/msgpack/chunks.ts";
import type { Duplex } from "./duplex.ts";

/** Frames that were received and not read yet; the platform cannot be told to wait, so beyond this the client goes. */
const queuedBytesMax: number = messageBytesMax;
/** What the platform may hold for a client before more is sent. */
const bufferedBytesMax = 256 * 1024;
/** How often to look whether it has become less. */
const pollMs = 5;

/** One WebSocket. */
export class WebSocketDuplex implements Duplex {
  readonly kind = "websocket";
  readonly peer: string;
  readonly #socket: WebSocket;
  readonly #frames: Uint8Array[] = [];
  #queuedBytes = 0;
  #error: ProtocolError | undefined;
  #isClosed = false;
  #wake: () => void = () => {};
  readonly #opened: Promise<void>;

  constructor(socket: WebSocket, peer: string) {
    this.#socket = socket;
    this.peer = peer;
    socket.binaryType = "arraybuffer";
    socket.onmessage = ({ data }) => this.#take(data);
    socket.onclose = socket.onerror = () => this.#end();
    this.#opened = new Promise((resolve) => {
      socket.onopen = () => resolve();
      if (socket.readyState !== WebSocket.CONNECTING) resolve();
    });
  }

  #take(data: unknown): void {
    if (this.#error !== undefined || this.#isClosed) return;
    if (!(data instanceof ArrayBuffer)) {
      this.#error = new ProtocolError("A text frame came, where frames are binary", 0);
    } else if (this.#queuedBytes + data.byteLength > queuedBytesMax) {
      this.#error = new ProtocolError("More was sent than can wait here", this.#queuedBytes);
      this.#frames.length = 0;
    } else {
      this.#frames.push(new Uint8Array(data));
      this.#queuedBytes += data.byteLength;
    }
    this.#wake();
  }

  #end(): void {
    this.#isClosed = true;
    this.#wake();
  }

  /**
   * Takes one frame.
   * @throws {ProtocolError} If the frame before ended inside a message, or a text frame came
   */
  async receive(reader: MessageReader): Promise<boolean> {
    if (reader.pendingBytes > 0) throw new ProtocolError("A frame ends inside a message", reader.pendingBytes);
    while (this.#frames.length === 0) {
      if (this.#error !== undefined) throw this.#error;
      if (this.#isClosed) return false;
      await new Promise<void>((wake) => this.#wake = wake);
    }
    const frame = this.#frames.shift()!;
    this.#queuedBytes -= frame.length;
    reader.push(frame);
    return true;
  }

  /** Sends one frame, then waits while the platform holds too much. */
  async send(bytes: Uint8Array): Promise<number> {
    await this.#opened;
    if (this.#isClosed) throw new Error("The WebSocket is closed");
    this.#socket.send(bytes as Uint8Array<ArrayBuffer>);
    while (this.#socket.bufferedAmount > bufferedBytesMax && !this.#isClosed) {
      await new Promise((done) => setTimeout(done, pollMs));
    }
    return bytes.length;
  }

  /** Closes it. */
  close(): void {
    if (this.#isClosed) return;
    this.#end();
    try {
      this.#socket.close(1000);
    } catch {
      // It never opened.
    }
  }
}
