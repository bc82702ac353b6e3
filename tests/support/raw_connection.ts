/** A connection that sends and receives whole messages, with nothing of the client library in between. */

import { MessageReader } from "../../wire/msgpack/chunks.ts";
import { decode } from "../../wire/msgpack/decoder.ts";
import { encode } from "../../wire/msgpack/encoder.ts";
import type { Value } from "../../wire/value.ts";

/** One message. */
export type Message = { readonly [key: string]: Value };

/** A connection to a server's client port. */
export class RawConnection implements Disposable {
  readonly #connection: Deno.TcpConn;
  readonly #reader = new MessageReader();

  private constructor(connection: Deno.TcpConn) {
    this.#connection = connection;
  }

  /** Connects; the greeting is the first message. */
  static async open(port: number): Promise<RawConnection> {
    return new RawConnection(await Deno.connect({ hostname: "127.0.0.1", port }));
  }

  /** Sends messages in one piece. */
  async send(messages: readonly Message[]): Promise<void> {
    const parts = messages.map((message) => encode(message));
    const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of parts) bytes.set(part, at), at += part.length;
    for (at = 0; at < bytes.length;) at += await this.#connection.write(bytes.subarray(at));
  }

  /** The next message; `undefined` when the server is gone. */
  async receive(): Promise<Message | undefined> {
    while (!this.#reader.next()) {
      const room = this.#reader.writable();
      const length = await this.#connection.read(room).catch(() => null);
      if (length === null) return undefined;
      this.#reader.advance(length);
    }
    return decode(this.#reader.bytes, this.#reader.start, this.#reader.end) as Message;
  }

  [Symbol.dispose](): void {
    this.#connection.close();
  }
}
