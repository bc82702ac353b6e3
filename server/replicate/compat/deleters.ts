/**
 * The group of the original that agrees when deletions may be forgotten: `[null, "actor", "del"]` lists its members. Ours
 * purge by another rule (DESIGN 4.5) and need no group; but as a listed member this server is a brake. It says nothing
 * (null) until no deletion older than what it would say is left here, and nothing is missing; that makes the originals wait.
 *
 * Source: `spec/server-protocol.md` 4.6.
 *
 * @module
 */

import type { ActorValue } from "../../../wire/actor/message.ts";
import { field, isMap } from "../../../wire/message/decoded_map.ts";
import { decode } from "../../../wire/msgpack/decoder.ts";
import type { Entry } from "../../core/entry.ts";
import type { Store } from "../../core/store.ts";
import { missingOf } from "../ticks.ts";

const groupKeys = [null, "actor", "del"];

/** How many turns have to pass, as in the original. */
const tagsMax = 4;

/** See the module. */
export class Deleters {
  /** How many the group has; 0 if this server is no member. */
  members = 0;
  /** The tocks of the last turns at which everything was well. */
  #tags: number[] = [];

  constructor(private readonly store: Store) {}

  /** Whether an entry holds the list. */
  isList(entry: Entry): boolean {
    return entry.key === "del" && entry === this.store.find(groupKeys, groupKeys.length);
  }

  /** Reads the list. Returns whether this server's part has changed. */
  read(): boolean {
    const before = this.members;
    const names = this.#names();
    this.members = names.includes(this.store.node) ? names.length : 0;
    this.#tags = [];
    return this.members !== before;
  }

  #names(): readonly unknown[] {
    const entry = this.store.find(groupKeys, groupKeys.length);
    if (entry === undefined || !entry.hasValue) return [];
    const list = decode(this.store.values.read(entry.value));
    const names = isMap(list) ? field(list, "nodes") : undefined;
    return Array.isArray(names) ? [...new Set(names)] : [];
  }

  /** It is this server's turn. `others`: how many have pinged lately, this one included. */
  tag(others: number): void {
    if (others < this.members) this.#tags = [];
    else this.#tags = [...this.#tags, this.store.clock].slice(-tagsMax);
  }

  /** What this server says: deletions before the first number may go. */
  get value(): ActorValue {
    const [low] = this.#tags;
    if (low === undefined || this.#tags.length < tagsMax - 1) return null;
    if (this.#isOlderLeft(low)) {
      this.#tags = [];
      return null;
    }
    return [low, this.#tags[this.#tags.length - 1]];
  }

  #isOlderLeft(tock: number): boolean {
    if (missingOf(this.store).size > 0) return true;
    for (const writer of this.store.writers.values()) {
      for (const tick of writer.tombstones) {
        if (writer.entries(tick).some((entry) => entry.isTombstone && entry.tock <= tock)) return true;
      }
    }
    return false;
  }
}
