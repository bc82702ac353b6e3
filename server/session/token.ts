/**
 * Tokens: where a watch stands, so that it can be resumed later, at this server or at another one of the same network.
 *
 * A token says which events its owner has: of every writer, those ticks whose outcome the watch has sent. The server resumes
 * if it has all of them too, and remembers each deletion that the owner may have missed. Then it sends each entry whose
 * newest event is not in the token, once.
 *
 * The bytes are the msgpack array `[1, scope, {writer: [life, ticks]}, network]`. `scope` is a hash of what is watched, so that
 * a token is not taken for another path. `network` is the network's name (nil before its first two servers have met), and
 * `life` the writer's random life id (nil if it is not known), so that a network that began anew with the same names is not
 * taken for the old one. A client may add the `head` of each event it gets to the ticks, and nothing else.
 *
 * | `resync` says | because |
 * | --- | --- |
 * | `foreign` | the token is of another network, or is none |
 * | `scope` | it is of another path, depth, or root, or the access rules are others now |
 * | `purged` | deletions that its owner may have missed are forgotten |
 * | `behind` | this server lacks events that its owner has |
 * | `lagging` | the client did not read in time |
 *
 * @module
 */

import { KvError } from "../../wire/errors.ts";
import { type DecodedMap, entriesOf, isMap } from "../../wire/message/decoded_map.ts";
import { decode } from "../../wire/msgpack/decoder.ts";
import { encode, Encoder } from "../../wire/msgpack/encoder.ts";
import { encodeArray } from "../../wire/path/keys.ts";
import { networkId } from "../core/network_id.ts";
import type { WatchOptions } from "../action/watch.ts";
import { RangeSet } from "../core/range_set.ts";
import type { Store } from "../core/store.ts";

/** Why a watch begins anew. */
export type ResyncReason = "foreign" | "scope" | "purged" | "behind" | "lagging";

/** Ticks by writer name. */
export type Have = ReadonlyMap<string, RangeSet>;

/** A watch that wants a new token now and then. */
export interface TokenHolder {
  /** A second has passed; `isLong`: ten. */
  tokenTick(isLong: boolean): void;
}

/** Calls `run` once, after `ms`; the returned function prevents it. */
export type After = (ms: number, run: () => void) => () => void;

const afterReal: After = (ms, run) => {
  const timer = setTimeout(run, ms);
  return () => clearTimeout(timer);
};

const version = 1;
const tickMs = 1000;
const ticksOfLong = 10;

/** Makes and reads tokens. */
export class TokenIssuer {
  readonly #holders = new Set<TokenHolder>();
  /** Watches whose owners have more than this server: they look again when something has come. */
  readonly #behind = new Set<() => void>();
  #cancelTick: (() => void) | undefined;
  #ticks = 0;

  /** @param store Whose state it is about @param after Timers */
  constructor(readonly store: Store, readonly after: After = afterReal) {}

  /**
   * What a watch is about, as a hash.
   * @param rules Stands for the user's access rules, if there are any
   * @param codecs Stands for what converts its values, if anything does
   */
  scope(
    { keys, minDepth, maxDepth, empty }: WatchOptions,
    rules: number[] | null = null,
    codecs: number[] | null = null,
  ): Uint8Array {
    const out = new Encoder(256);
    encodeArray(out, keys);
    for (const part of [minDepth, Math.max(-1, maxDepth), empty, rules, codecs]) out.value(part);
    return hash(out.view());
  }

  /** The token of a watch that has sent everything there is. */
  issue(scope: Uint8Array): Uint8Array {
    const out = new Encoder(256);
    const filled = [...this.store.writers.values()].filter((writer) => !writer.have.isEmpty);
    const network = networkId(this.store);
    out.arrayHeader(4);
    out.int(version);
    out.bin(scope);
    out.mapHeader(filled.length);
    for (const writer of filled) {
      out.str(writer.name);
      out.arrayHeader(2);
      if (writer.lifeId === null) out.nil();
      else out.str(writer.lifeId);
      writer.have.encode(out);
    }
    if (network === undefined) out.nil();
    else out.str(network);
    return out.take();
  }

  /** Changes whenever a new token would say more than the last one. */
  get stamp(): number {
    let size = 0;
    for (const writer of this.store.writers.values()) size += writer.have.size;
    return size;
  }

  /** What the owner of a token has, or why it is worth nothing here. */
  read(token: Uint8Array, scope: Uint8Array): Have | ResyncReason {
    try {
      const parts = decode(token);
      if (!Array.isArray(parts) || parts.length < 3 || parts[0] !== version) return "foreign";
      const [, itsScope, writers, network = null] = parts;
      if (network !== null && network !== (networkId(this.store) ?? network)) return "foreign";
      if (!(itsScope instanceof Uint8Array) || !isMap(writers)) return "foreign";
      return equalBytes(itsScope, scope) ? this.#readTicks(writers) ?? "foreign" : "scope";
    } catch (error) {
      if (error instanceof KvError || error instanceof RangeError) return "foreign";
      throw error;
    }
  }

  #readTicks(writers: DecodedMap): Have | undefined {
    const have = new Map<string, RangeSet>();
    for (const [name, item] of entriesOf(writers)) {
      if (typeof name !== "string" || !Array.isArray(item)) return undefined;
      const [life, ticks] = item;
      const writer = this.store.writers.get(name);
      const isOther = writer !== undefined && writer.lifeId !== null && life !== null && writer.lifeId !== life;
      if (isOther) return undefined;
      have.set(name, RangeSet.fromWire(ticks));
    }
    return have;
  }

  /** Whether a watch can go on from there. */
  check(have: Have): "resume" | "purged" | "behind" {
    for (const writer of this.store.writers.values()) {
      if (writer.purgedUpTo === 0) continue;
      if (!have.get(writer.name)?.covers(RangeSet.range(1, writer.purgedUpTo))) return "purged";
    }
    for (const [name, ticks] of have) {
      if (!ticks.isEmpty && !this.store.writers.get(name)?.have.covers(ticks)) return "behind";
    }
    return "resume";
  }

  /** Calls `look` whenever something has come, until it is taken out again. */
  addBehind(look: () => void): void {
    this.#behind.add(look);
  }

  /** Takes it out. */
  removeBehind(look: () => void): void {
    this.#behind.delete(look);
  }

  /** Something has come. */
  committed(): void {
    for (const look of this.#behind) look();
  }

  /** Adds a watch that wants to be told when a second has passed. */
  hold(holder: TokenHolder): void {
    this.#holders.add(holder);
    this.#cancelTick ??= this.after(tickMs, () => this.#tick());
  }

  /** Removes it. */
  release(holder: TokenHolder): void {
    this.#holders.delete(holder);
    if (this.#holders.size > 0) return;
    this.#cancelTick?.();
    this.#cancelTick = undefined;
  }

  #tick(): void {
    this.#cancelTick = this.after(tickMs, () => this.#tick());
    const isLong = ++this.#ticks % ticksOfLong === 0;
    for (const holder of this.#holders) holder.tokenTick(isLong);
  }
}

/** FNV-1a over two lanes: 64 bits, enough to tell what honest clients watch apart. */
function hash(bytes: Uint8Array): Uint8Array {
  let a = 0x811c9dc5;
  let b = 0xcbf29ce4;
  for (const byte of bytes) {
    a = Math.imul(a ^ byte, 0x01000193);
    b = Math.imul(b ^ byte ^ (a >>> 24), 0x01000193);
  }
  return encode([a >>> 0, b >>> 0]);
}

function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
