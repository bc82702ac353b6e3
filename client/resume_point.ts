/**
 * Where a watch can go on after its connection was lost: the server's last token, and the events since.
 *
 * A token is a msgpack array `[1, scope, {writer: [life, ticks]}, …]`. Events carry only their head (writer and tick), which
 * is added to the ticks; nothing else of a token is ever looked at.
 *
 * @module
 */

import { KvError } from "../wire/errors.ts";
import { type DecodedMap, entriesOf, isMap } from "../wire/message/decoded_map.ts";
import { encodeRanges, readRanges } from "../wire/message/ranges.ts";
import { decode } from "../wire/msgpack/decoder.ts";
import { encode, Encoder } from "../wire/msgpack/encoder.ts";
import type { Value } from "../wire/value.ts";
import { bytesOf, type Reply } from "./reply.ts";

/** Heads that are kept. If there are more before the next token, the whole state will come: a token that says too little lies. */
const headsMax = 10_000;

/** Grows with a stream that has tokens; empty with a server that sends none. */
export class ResumePoint {
  #token: Uint8Array | undefined;
  #heads: [writer: string, tick: number][] = [];

  /** @param token From an earlier watch of the same path */
  constructor(token?: Uint8Array) {
    this.#token = token;
  }

  /** Where the stream stands; `undefined` if the server sends no tokens. */
  get token(): Uint8Array | undefined {
    if (this.#token === undefined || this.#heads.length === 0) return this.#token;
    return withHeads(this.#token, this.#heads);
  }

  /** Takes note of a message of the stream. */
  note(reply: Reply): void {
    if (reply.state === "resync") this.clear();
    const token = bytesOf(reply.token);
    if (token !== undefined) {
      this.#token = token;
      this.#heads = [];
    } else if (this.#token !== undefined && Array.isArray(reply.head)) {
      this.#noteHead(reply.head);
    }
  }

  #noteHead([writer, tick]: readonly Value[]): void {
    if (typeof writer !== "string" || typeof tick !== "number") return;
    if (this.#heads.length >= headsMax) return this.clear();
    this.#heads.push([writer, tick]);
  }

  /** Forgets it: the whole state will come. */
  clear(): void {
    this.#token = undefined;
    this.#heads = [];
  }
}

/** The token with these heads; as it was, if it is of a form that this client does not know. */
function withHeads(token: Uint8Array, heads: readonly [string, number][]): Uint8Array {
  try {
    const parts = decode(token);
    if (!Array.isArray(parts) || parts.length < 3 || parts[0] !== 1 || !isMap(parts[2])) return token;
    const [version, scope, writers, ...more] = parts;
    return encode([version, scope, addHeads(writers as DecodedMap, heads), ...more]);
  } catch (error) {
    if (error instanceof KvError) return token;
    throw error;
  }
}

/**
 * Of a writer that the token does not know the life is not known either. It must not be left out: a server that has less of
 * it would show what is older.
 */
function addHeads(writers: DecodedMap, heads: readonly [string, number][]): Map<Value, Value> {
  const added = new Map<Value, Value>(entriesOf(writers));
  for (const name of new Set(heads.map(([writer]) => writer))) {
    const known = added.get(name);
    const [life, before] = Array.isArray(known) ? known : [null, []];
    const ticks = heads.filter(([writer]) => writer === name).map(([, tick]) => tick);
    added.set(name, [life, rangesValue([...before as Value[], ...ticks])]);
  }
  return added;
}

/** A set of ticks in its shortest form. */
function rangesValue(ticks: readonly Value[]): Value {
  const out = new Encoder(256);
  encodeRanges(out, readRanges(ticks));
  return decode(out.view());
}
