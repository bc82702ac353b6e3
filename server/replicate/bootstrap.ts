/**
 * Copies another server's state, over the protocol of clients: the tree, the internal tree, and then what that server knows
 * of everybody's ticks. Every entry is an event from elsewhere, so a copy that breaks off leaves a state that is true as far
 * as it goes, and may be begun anew, with the same server or another one.
 *
 * ```text
 * get_state {nodes}                                  is the own name known there? then this is another life of it
 * get_tree {nchain: -1, tombstones}                  → entries (an original leaves the tombstones out)
 * get_tree_internal {nchain: -1, tombstones}         → entries below `null`
 * get_state {nodes, known, present, deleted}         → a claim: what is superseded there, and all it has
 * ```
 *
 * Source: `spec/server-protocol.md` 5.3.
 *
 * @module
 */

import type { Raw, Value } from "../../wire/value.ts";
import { isMap } from "../../wire/message/decoded_map.ts";
import { readRanges } from "../../wire/message/ranges.ts";
import { ProtocolError } from "../../wire/errors.ts";
import { type ElementKey, keysOf } from "../../wire/path/keys.ts";
import type { Path } from "../../wire/path/path.ts";
import type { IncomingChain } from "../core/chain.ts";
import { tockRefusal } from "../core/incoming.ts";
import { RangeSet } from "../core/range_set.ts";
import type { Store } from "../core/store.ts";
import type { CopiedState } from "./after_join.ts";
import { addTo, copyOf, type MutableTicks } from "./ticks.ts";

/** One entry, as a tree stream has it. */
export interface TreeEntry {
  readonly path: Path;
  readonly chain: IncomingChain;
  readonly tock: number;
  /** Undefined: a tombstone. */
  readonly value: Raw | undefined;
}

/** What `get_state` answers. */
export interface PeerState {
  readonly nodes?: Value;
  readonly known?: Value;
  readonly present?: Value;
  readonly deleted?: Value;
  readonly tock?: Value;
}

/** What there is to tell of a copy. */
export interface CopyCount {
  entries: number;
  refused: number;
}

/** Takes what a copy consists of. Every call has to be made within a turn. */
export class Bootstrap {
  readonly count: CopyCount = { entries: 0, refused: 0 };
  readonly #store: Store;
  readonly #source: string;
  readonly #hasTombstones: boolean;
  readonly #renew: () => void;
  readonly #joined: (state: CopiedState) => void;

  /**
   * @param source Whose state it is
   * @param hasTombstones Whether the tree comes with its tombstones
   * @param renew Has the store write under a name that nobody ever had
   * @param joined Hears what the server had, if its word counts: an original's is no more than a hint
   */
  constructor(
    store: Store,
    source: string,
    hasTombstones: boolean,
    renew: () => void,
    joined: (state: CopiedState) => void = () => {},
  ) {
    this.#joined = joined;
    this.#store = store;
    this.#source = source;
    this.#hasTombstones = hasTombstones;
    this.#renew = renew;
  }

  /** Before anything else: a name that has a past which is not here gets another writer name. */
  begin(state: PeerState): void {
    const { local } = this.#store;
    if (local.tick === 0 && ticksOf(state.nodes).has(local.name)) this.#renew();
  }

  /** One entry. @param isInternal Whether its path is one below `null` */
  entry({ path, chain, tock, value }: TreeEntry, isInternal: boolean): void {
    const keys: ElementKey[] = isInternal ? [null, ...keysOf(path)] : keysOf(path);
    const bytes = value?.bytes ?? null;
    const incoming = { keys, length: keys.length, chain, tock, bytes, start: 0, end: bytes?.length ?? 0 };
    if (this.#store.merge(incoming).outcome === "refused") this.count.refused++;
    else this.count.entries++;
  }

  /** At the end: what its server says of ticks. @throws {ProtocolError | RangeError} If that makes no sense */
  end(state: PeerState): void {
    const store = this.#store;
    const { tock } = state;
    if (typeof tock === "number" && tockRefusal(tock, store.clock) === undefined) store.hearTock(tock);
    for (const [name, tick] of ticksOf(state.nodes)) store.hear(name, tick);
    const known = setsOf(state.known);
    const have = copyOf(known);
    addTo(have, setsOf(state.present));
    // What an original has deleted cannot be copied from it, so its word has to do.
    if (!this.#hasTombstones) { for (const sets of [known, have]) addTo(sets, setsOf(state.deleted)); }
    store.claim(this.#source, known, have);
    store.settleClaims();
    if (this.#hasTombstones) this.#joined({ have, known });
  }
}

function ticksOf(nodes: Value | undefined): Map<string, number> {
  const result = new Map<string, number>();
  for (const [name, tick] of entries(nodes)) if (typeof tick === "number" && tick > 0) result.set(name, tick);
  return result;
}

function setsOf(value: Value | undefined): MutableTicks {
  const result: MutableTicks = new Map();
  for (const [name, item] of entries(value)) {
    const set = new RangeSet();
    for (const [first, last] of readRanges(item)) set.addRange(first, last);
    if (!set.isEmpty) result.set(name, set);
  }
  return result;
}

function entries(value: Value | undefined): [string, Value][] {
  if (value === undefined || value === null) return [];
  if (!isMap(value)) throw new ProtocolError("The state of a server must be maps of names", 0);
  const all: [Value, Value][] = value instanceof Map ? [...value] : Object.entries(value);
  return all.filter((entry): entry is [string, Value] => typeof entry[0] === "string");
}
