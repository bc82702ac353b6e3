/**
 * A place in the tree. Its fields are flat, because there are millions: the value is a reference into the arena
 * ({@linkcode NO_VALUE} if there is none), the head of the chain is `writer` and `tick`.
 *
 * | | writer | value |
 * | --- | --- | --- |
 * | made on the way to another entry, or by a watch | null | NO_VALUE |
 * | has a value | set | reference |
 * | tombstone (deleted, not yet purged) | set | NO_VALUE |
 *
 * @module
 */

import type { ElementKey } from "../../wire/path/keys.ts";
import type { Path } from "../../wire/path/path.ts";
import type { Link } from "./chain.ts";
import type { Children } from "./children.ts";
import type { Change } from "./effect.ts";
import { NO_VALUE } from "./values.ts";
import type { Writer } from "./writer.ts";

/** Who wants to hear of changes at and below an entry. The session layer implements it. */
export interface Watcher {
  /** @param change What happened @param depth How many levels below the watched entry */
  notify(change: Change, depth: number): void;
}

/** A place in the tree. Only the store writes its fields (except `watchers`). */
export class Entry {
  children: Children | null = null;
  value: number = NO_VALUE;
  tock: number = 0;
  writer: Writer | null = null;
  tick: number = 0;
  older: Link | null = null;
  /** Kept by the session layer. */
  watchers: Watcher[] | null = null;

  constructor(public parent: Entry | null, readonly key: ElementKey) {}

  /** Whether a value is here. */
  get hasValue(): boolean {
    return this.value !== NO_VALUE;
  }
  /** Whether it was deleted and not yet purged. */
  get isTombstone(): boolean {
    return this.writer !== null && this.value === NO_VALUE;
  }
  /** The child of that name. */
  child(_key: ElementKey): Entry | undefined {
    throw new Error("stub");
  }
  /** Levels below the root. */
  get depth(): number {
    throw new Error("stub");
  }
  /** Writes the keys from the root down into `out`; returns their number. */
  readKeys(_out: ElementKey[]): number {
    throw new Error("stub");
  }
  /** The path, as an object. */
  path(): Path {
    throw new Error("stub");
  }
}
