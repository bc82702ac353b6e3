/**
 * Messages that arrive in pieces. The original cuts what is longer than 450 bytes: `{_p0: [node, number, index, bytes]}`,
 * index 1, 2, … and −n for the last. Pieces may come in any order.
 *
 * Source: `spec/server-protocol.md` 1.6. Unlike the original, incomplete messages are dropped after a while, and when a
 * piece comes that is there already: its sender has started anew and counts from the beginning.
 *
 * @module
 */

import { ProtocolError } from "../errors.ts";
import { decode } from "../msgpack/decoder.ts";
import type { Value } from "../value.ts";
import { field, isMap } from "./decoded_map.ts";

/** How long an incomplete message is kept. */
const keptMs = 10_000;

/** What all incomplete messages may hold; beyond it the oldest are dropped. */
const heldBytesMax = 64 * 1024 * 1024;

/** What it costs to keep a piece, besides its bytes. */
const pieceOverheadBytes = 500;

/** Pieces of one message. */
const piecesMax = heldBytesMax / pieceOverheadBytes;

/** A message of which pieces are missing. */
class Partial {
  readonly pieces = new Map<number, Uint8Array>();
  bytes = 0;
  /** The number of pieces, once the last one is here. */
  count = Infinity;

  constructor(readonly sinceMs: number) {}
}

/** Puts messages together again. One for each channel. */
export class FragmentJoiner {
  /** Oldest first. */
  readonly #partials = new Map<string, Partial>();
  #heldBytes = 0;

  /** Messages that wait for pieces. */
  get pendingCount(): number {
    return this.#partials.size;
  }

  /**
   * Takes a message from the channel. Returns it if it is whole, the joined one if it was the last missing piece of one,
   * and else undefined.
   * @param message One encoded message, not changed later
   * @param nowMs The time, from any clock that does not go back
   * @throws {ProtocolError} If it is a piece of the wrong form
   */
  push(message: Uint8Array, nowMs: number): Uint8Array | undefined {
    if (!startsWithPieceKey(message)) return message;
    const map = decode(message);
    const piece = isMap(map) ? field(map, "_p0") : undefined;
    if (piece === "") return message; // a message with such keys of its own, which mean nothing here
    this.#forgetOld(nowMs);
    return this.#add(...readPiece(piece), nowMs);
  }

  #add(key: string, index: number, bytes: Uint8Array, nowMs: number): Uint8Array | undefined {
    let partial = this.#partials.get(key);
    if (partial?.pieces.has(Math.abs(index)) || index < 0 && partial && partial.count !== Infinity) {
      this.#forget(key);
      partial = undefined;
    }
    if (partial === undefined) this.#partials.set(key, partial = new Partial(nowMs));
    partial.pieces.set(Math.abs(index), bytes);
    partial.bytes += bytes.length;
    this.#heldBytes += bytes.length + pieceOverheadBytes;
    if (index < 0) partial.count = -index;
    if (partial.pieces.size === partial.count) return this.#join(key, partial);
    this.#makeRoom();
    return undefined;
  }

  #join(key: string, { pieces, bytes, count }: Partial): Uint8Array | undefined {
    this.#forget(key);
    const joined = new Uint8Array(bytes);
    let at = 0;
    for (let i = 1; i <= count; i++) {
      const piece = pieces.get(i);
      if (piece === undefined) return undefined; // one behind the last instead: two lives of a sender were mixed
      joined.set(piece, at);
      at += piece.length;
    }
    return joined;
  }

  #forgetOld(nowMs: number): void {
    for (const [key, partial] of this.#partials) {
      if (nowMs - partial.sinceMs < keptMs) return;
      this.#forget(key);
    }
  }

  #makeRoom(): void {
    for (const key of this.#partials.keys()) {
      if (this.#heldBytes <= heldBytesMax) return;
      this.#forget(key);
    }
  }

  #forget(key: string): void {
    const partial = this.#partials.get(key);
    if (partial === undefined) return;
    this.#heldBytes -= partial.bytes + partial.pieces.size * pieceOverheadBytes;
    this.#partials.delete(key);
  }
}

/** A map whose first key is `_p0`, as the original sends it. */
function startsWithPieceKey(message: Uint8Array): boolean {
  return message.length > 5 && message[0] === 0x81 && message[1] === 0xa3 && message[2] === 0x5f &&
    message[3] === 0x70 &&
    message[4] === 0x30;
}

function readPiece(piece: Value | undefined): [key: string, index: number, bytes: Uint8Array] {
  if (!Array.isArray(piece) || piece.length !== 4) {
    throw new ProtocolError("A piece of a message must have four parts", 0);
  }
  const [node, number, index, bytes] = piece;
  if (typeof node !== "string" || !Number.isSafeInteger(number) || !(bytes instanceof Uint8Array)) {
    throw new ProtocolError("A piece of a message must name node, number, index and bytes", 0);
  }
  if (typeof index !== "number" || !Number.isSafeInteger(index) || index === 0 || Math.abs(index) > piecesMax) {
    throw new ProtocolError("A piece of a message has an index out of range", 0);
  }
  return [`${number} ${node}`, index, bytes];
}
