/**
 * Reads what comes on `ROOT/update` and `ROOT/info`: joins pieces, checks, and turns it into events and facts. A malformed
 * message throws here and harms nobody else.
 *
 * @module
 */

import { ProtocolError } from "../../../wire/errors.ts";
import { FragmentJoiner } from "../../../wire/message/fragment.ts";
import { type Info, readInfo } from "../../../wire/message/info.ts";
import { RequestView, scanRequest } from "../../../wire/message/request.ts";
import { readUpdate } from "../../../wire/message/update.ts";
import { decode } from "../../../wire/msgpack/decoder.ts";
import type { Incoming } from "../../core/incoming.ts";

/** An update from somebody. */
export interface HeardUpdate {
  readonly event: Incoming;
  /** The server that sent it, if that is not who made it. */
  readonly sender: string | undefined;
}

/** Reads the messages of both channels. */
export class Reader {
  readonly #updates = new FragmentJoiner();
  readonly #infos = new FragmentJoiner();
  readonly #view = new RequestView();

  /**
   * An update; undefined if it was a piece of one.
   * @throws {KvError} If it is none
   */
  update(payload: Uint8Array, nowMs: number): HeardUpdate | undefined {
    const bytes = this.#updates.push(payload, nowMs);
    if (bytes === undefined) return undefined;
    const view = this.#view;
    if (scanRequest(bytes, 0, bytes.length, view) !== bytes.length || !view.isMap) {
      throw new ProtocolError("An update must be one map", 0);
    }
    const { keys, chain, tock, value, sender } = readUpdate(view);
    const start = value === undefined ? 0 : value.byteOffset - bytes.byteOffset;
    const end = value === undefined ? 0 : start + value.length;
    const event: Incoming = {
      keys,
      length: keys.length,
      chain: { node: chain.node, tick: chain.tick, prev: chain.prev ?? null },
      tock,
      bytes: value === undefined ? null : bytes,
      start,
      end,
    };
    return { event, sender: sender?.node };
  }

  /**
   * Facts about ticks; undefined if it was a piece of them.
   * @throws {KvError} If they are none
   */
  info(payload: Uint8Array, nowMs: number): Info | undefined {
    const bytes = this.#infos.push(payload, nowMs);
    if (bytes === undefined) return undefined;
    const info = readInfo(decode(bytes));
    if (info.node === undefined) throw new ProtocolError("An info message must have a node", 0);
    return info;
  }
}
