/**
 * The ACLs in use, by name. What is below `:n.acl.NAME` is read when the first user of that ACL comes, and again when it has
 * changed or a rule has ended.
 *
 * @module
 */

import type { ElementKey } from "../../../wire/path/keys.ts";
import type { Store } from "../../core/store.ts";
import { RuleBook } from "./rule_book.ts";
import { type AclLetter, refuse, type Rights, type RightsListener, type WritePlace } from "./rights.ts";

/** The time of day, and a timer. */
export interface WallClock {
  /** Milliseconds since 1970. */
  nowMs(): number;
  /** Calls `run` after about `ms` milliseconds, unless the returned function is called before. */
  after(ms: number, run: () => void): () => void;
}

/** Ends of rules are looked for at least so often: the time of day may jump. */
const lookMs = 10_000;

/** See the module. */
export class Acls {
  readonly #byName = new Map<string, BoundRights>();
  readonly #changed = new Map<string, ElementKey[][]>();
  #cancel: (() => void) | undefined;

  constructor(readonly store: Store, readonly clock: WallClock) {}

  /** What the users of an ACL may do. One that does not exist allows nothing. */
  rights(name: string): Rights {
    let rights = this.#byName.get(name);
    if (rights === undefined) {
      rights = new BoundRights(this.store, name, this.clock);
      this.#byName.set(name, rights);
      this.#schedule();
    }
    return rights;
  }

  /** Whether there is such an ACL. */
  has(name: string): boolean {
    const entry = this.store.find([null, "acl", name], 3);
    return entry !== undefined && (entry.hasValue || entry.children !== null);
  }

  /** The rules of an ACL, for a look at them. */
  book(name: string): RuleBook {
    return this.#byName.get(name)?.book ?? RuleBook.read(this.store, name, this.clock.nowMs());
  }

  /** Something at `keys`, which are below `:n.acl`, has changed; {@linkcode Acls.settle} follows. */
  changed(keys: readonly ElementKey[]): void {
    const name = keys[2];
    if (typeof name !== "string" || !this.#byName.has(name)) return;
    const patterns = this.#changed.get(name);
    if (patterns === undefined) this.#changed.set(name, [keys.slice(3)]);
    else patterns.push(keys.slice(3));
  }

  /** Makes what was said to have changed count. */
  settle(): void {
    if (this.#changed.size === 0) return;
    for (const [name, patterns] of this.#changed) this.#byName.get(name)!.renew(patterns);
    this.#changed.clear();
    this.#schedule();
  }

  /** Wakes up when a rule ends, so that running watches hear of it. */
  #schedule(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    let untilMs = Infinity;
    for (const rights of this.#byName.values()) untilMs = Math.min(untilMs, rights.untilMs);
    if (untilMs === Infinity) return;
    const ms = Math.max(0, Math.min(lookMs, untilMs - this.clock.nowMs()));
    this.#cancel = this.clock.after(ms, () => {
      for (const rights of this.#byName.values()) rights.lookAtTime();
      this.#schedule();
    });
  }

  /** Ends the timer. */
  close(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }
}

/** See {@linkcode Rights}. */
class BoundRights implements Rights {
  version = 0;
  #book: RuleBook;
  readonly #listeners = new Set<RightsListener>();

  constructor(readonly store: Store, readonly name: string, readonly clock: WallClock) {
    this.#book = RuleBook.read(store, name, clock.nowMs());
  }

  get untilMs(): number {
    return this.#book.untilMs;
  }

  get book(): RuleBook {
    const { untilMs } = this.#book;
    // Whoever asks may be in the middle of something that listeners would change.
    if (untilMs !== Infinity && untilMs <= this.clock.nowMs()) queueMicrotask(this.#replace([]));
    return this.#book;
  }

  /** A rule that has ended counts no more. */
  lookAtTime(): void {
    if (this.#book.untilMs <= this.clock.nowMs()) this.renew([]);
  }

  /** Reads rules anew. */
  renew(patterns: readonly (readonly ElementKey[])[]): void {
    this.#replace(patterns)();
  }

  /** Makes the new book count; what is returned tells the listeners. */
  #replace(patterns: readonly (readonly ElementKey[])[]): () => void {
    const before = this.#book;
    const nowMs = this.clock.nowMs();
    const changed = [...patterns, ...before.ending(nowMs)];
    this.#book = before.after(this.store, changed, nowMs);
    this.version++;
    return () => {
      for (const listener of [...this.#listeners]) listener(before, changed);
    };
  }

  check(letter: AclLetter, keys: readonly ElementKey[], count: number): void {
    refuse(this.book.denial(letter, keys, count));
  }

  may(letter: AclLetter, keys: readonly ElementKey[], count: number): boolean {
    return this.book.denial(letter, keys, count) === undefined;
  }

  checkWrite(keys: readonly ElementKey[], count: number, place: WritePlace): void {
    refuse(this.book.writeDenial(keys, count, place));
  }

  onChange(listener: RightsListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
