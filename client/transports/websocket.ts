/**
 * WebSocket: for browsers, and wherever only HTTP passes. One binary frame holds whole messages.
 *
 * @module
 */

import { ConnectionError } from "../../wire/errors.ts";
import type { MessageReader } from "../../wire/msgpack/chunks.ts";
import type { Connect, TlsOptions, Transport } from "./transport.ts";

/** More unsent bytes than this hold back the next write. */
const bufferedBytesMax = 1024 * 1024;

/** A browser says nothing when its buffer drains, so one has to look. */
const lookAgainMs = 5;

const runtime = (globalThis as { Deno?: typeof Deno }).Deno;

/**
 * How to open a WebSocket at this address: `ws://host:27590/` or `wss://…`.
 * @param tls Whom to trust instead of those whom the system trusts; only Deno can be told
 */
export function webSocket(url: string, tls?: boolean | TlsOptions): Connect {
  const own = typeof tls === "object" && (tls.caCerts !== undefined || tls.cert !== undefined) ? tls : undefined;
  if (own !== undefined && runtime === undefined) {
    throw new TypeError("Here a WebSocket trusts the certificates that the system trusts, and shows none");
  }
  return async (signal) => {
    signal.throwIfAborted();
    const socket = own === undefined ? new WebSocket(url) : trusting(url, own);
    socket.binaryType = "arraybuffer";
    const frames = new FrameQueue(socket);
    await opened(socket, url, signal);
    return new WebSocketLine(socket, frames, url);
  };
}

function trusting(url: string, { caCerts, cert, key }: TlsOptions): WebSocket {
  const client = runtime!.createHttpClient({
    ...(caCerts === undefined ? {} : { caCerts: [...caCerts] }),
    ...(cert === undefined || key === undefined ? {} : { cert, key }),
  });
  const socket = new WebSocket(url, { client } as unknown as string[]);
  socket.addEventListener("close", () => client.close(), { once: true });
  return socket;
}

function opened(socket: WebSocket, url: string, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const giveUp = () => {
      reject(signal.reason);
      socket.close();
    };
    // Browsers do not say why, so that pages cannot look around in a network.
    const refused = (event: Event) => {
      const { message } = event as Partial<ErrorEvent>;
      reject(new ConnectionError(`Cannot connect to ${url}${message ? `: ${message}` : ""}`));
    };
    signal.addEventListener("abort", giveUp, { once: true });
    socket.addEventListener("error", refused);
    socket.addEventListener("close", refused);
    socket.addEventListener("open", () => {
      signal.removeEventListener("abort", giveUp);
      socket.removeEventListener("error", refused);
      socket.removeEventListener("close", refused);
      resolve();
    });
  });
}

/** What arrived and was not read yet. The reader takes all of it at once, so it holds what came in one turn. */
class FrameQueue {
  frames: Uint8Array[] = [];
  closed: Error | boolean = false;
  #wake: (() => void) | undefined;

  constructor(socket: WebSocket) {
    socket.addEventListener("message", ({ data }: MessageEvent) => {
      if (data instanceof ArrayBuffer) this.frames.push(new Uint8Array(data));
      else this.closed = new ConnectionError("The server sent a text frame, but frames are binary here");
      this.#wake?.();
    });
    socket.addEventListener("close", () => {
      this.closed ||= true;
      this.#wake?.();
    });
  }

  /** Waits until a frame is there, or none will come. */
  async ready(): Promise<void> {
    if (this.frames.length > 0 || this.closed) return;
    await new Promise<void>((resolve) => this.#wake = resolve);
    this.#wake = undefined;
  }
}

class WebSocketLine implements Transport {
  constructor(readonly socket: WebSocket, readonly queue: FrameQueue, readonly address: string) {
    socket.addEventListener("error", () => {}); // its close event follows
  }

  async read(reader: MessageReader): Promise<boolean> {
    await this.queue.ready();
    if (this.queue.closed instanceof Error) throw this.queue.closed;
    if (this.queue.frames.length === 0) return false;
    for (const frame of this.queue.frames.splice(0)) reader.push(frame);
    return true;
  }

  async write(bytes: Uint8Array): Promise<void> {
    if (this.socket.readyState !== WebSocket.OPEN) throw new ConnectionError(`${this.address} is closed`);
    this.socket.send(bytes as Uint8Array<ArrayBuffer>);
    while (this.socket.bufferedAmount > bufferedBytesMax && this.socket.readyState === WebSocket.OPEN) {
      await new Promise((resolve) => setTimeout(resolve, lookAgainMs));
    }
  }

  close(): void {
    this.socket.close();
  }
}
