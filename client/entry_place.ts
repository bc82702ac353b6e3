/**
 * Where an entry is in a mirrored subtree: its parent, its key, its children.
 *
 * @module
 */

import { NotFoundError, RequestError } from "../wire/errors.ts";
import { type ElementKey, keyOf } from "../wire/path/keys.ts";
import { Path, type PathElement } from "../wire/path/path.ts";
import type { Client } from "./client.ts";
import type { ClientEntry } from "./entry.ts";
import type { MirrorRoot } from "./mirror.ts";

/** A class of entries. */
export interface EntryClass<T extends ClientEntry = ClientEntry> {
  /** Makes an entry; its value comes later. */
  new (parent: ClientEntry, key: PathElement): T;
  /** The class of a child; `null`: it is not tracked, nor is anything below it. */
  childType(key: PathElement): EntryClass | null;
}

/** How {@linkcode ClientEntry.follow} treats entries that are not there. */
export interface FollowOptions {
  /** Not given: create what is missing. `false`: return `undefined`. `true`: create, and refuse one that has a value. */
  readonly create?: boolean;
  /** Whether the path may be empty. Default false. */
  readonly emptyOk?: boolean;
}

/** An entry without its value. It iterates over its children. */
export abstract class EntryPlace implements Iterable<ClientEntry> {
  /** Its last element: its name below its parent. */
  readonly key: PathElement;
  readonly #parent: ClientEntry | null;
  readonly #children = new Map<ElementKey, ClientEntry>();
  #path: Path | undefined;
  #whenRemoved: (() => void)[] = [];

  /** Called by the mirror. @param parent `null` for the root alone */
  constructor(parent: ClientEntry | null, key: PathElement) {
    this.#parent = parent;
    this.key = key;
  }

  /** Whether it has a value. */
  abstract get hasValue(): boolean;

  /** This, as the entry that it is. */
  protected abstract get entry(): ClientEntry;

  /** The entry above; the root is its own. */
  get parent(): ClientEntry {
    return this.#parent ?? this.entry;
  }

  /** The mirror's root. */
  get root(): MirrorRoot {
    return this.parent.root;
  }

  /** The client that keeps it up to date. */
  get client(): Client {
    return this.root.client;
  }

  /** Its whole path. */
  get path(): Path {
    return this.#path ??= this.parent.path.child(this.key);
  }

  /** Its path below the mirror's root. */
  get subpath(): Path {
    return this.path.slice(this.root.path.length);
  }

  /** The child of this name, or `undefined`. */
  get(key: PathElement): ClientEntry | undefined {
    return this.#children.get(keyOf(key));
  }

  /** The child of this name. @throws {NotFoundError} If there is none */
  child(key: PathElement): ClientEntry {
    const child = this.get(key);
    if (child === undefined) throw new NotFoundError(`There is no ${Path.of(key)} below ${this.path}`);
    return child;
  }

  /** The child of this name for people; the same as its key unless overridden. */
  byName(name: string): ClientEntry | undefined {
    return this.get(name);
  }

  /** Whether there is a child of this name. */
  has(key: PathElement): boolean {
    return this.#children.has(keyOf(key));
  }

  /** The number of children. */
  get size(): number {
    return this.#children.size;
  }

  /** Whether it has neither a value nor children. */
  get isEmpty(): boolean {
    return !this.hasValue && this.size === 0;
  }

  /** The children, as they are now. */
  [Symbol.iterator](): Iterator<ClientEntry> {
    return [...this.#children.values()][Symbol.iterator]();
  }

  /** All entries below that have a value, parents first. @param options.skip Says of which the subtree is left out */
  *allChildren(options: { skip?: (entry: ClientEntry) => boolean } = {}): Generator<ClientEntry, void> {
    for (const child of this) {
      if (child.hasValue) yield child;
      if (!options.skip?.(child)) yield* child.allChildren(options);
    }
  }

  /** Creates a child, here only. `undefined` if such a child is not tracked. @throws {RequestError} If there is one */
  allocate(key: PathElement, options: { exists?: boolean } = {}): ClientEntry | undefined {
    const present = this.get(key);
    if (present !== undefined && options.exists) return present;
    if (present !== undefined) throw new RequestError("request", `There is already a child ${present.path}`);
    const type = (this.constructor as typeof EntryPlace & EntryClass).childType(key);
    if (type === null) return undefined;
    const child = new type(this.entry, key);
    this.#children.set(keyOf(key), child);
    return child;
  }

  /** The entry at this path below; see {@linkcode FollowOptions}. @throws {NotFoundError} If it is not tracked */
  follow(path: Path, options: FollowOptions & { create: false }): ClientEntry | undefined;
  /** The entry at this path below, made if there is none. */
  follow(path: Path, options?: FollowOptions): ClientEntry;
  follow(path: Path, options: FollowOptions = {}): ClientEntry | undefined {
    const entry = this.trace(path, options);
    if (entry !== undefined || options.create === false) return entry;
    throw new NotFoundError(`This mirror does not track ${this.path.concat(path)}`);
  }

  /** As {@linkcode ClientEntry.follow}, but `undefined` for what is not tracked. */
  protected trace(path: Path, { create, emptyOk }: FollowOptions): ClientEntry | undefined {
    if (!(path instanceof Path)) throw new TypeError("You need a path, not a string");
    if (path.length === 0 && !emptyOk) throw new TypeError("The path is empty");
    let entry: ClientEntry | undefined = this.entry;
    for (const key of path) {
      entry = entry.get(key) ?? (create === false ? undefined : entry.allocate(key));
      if (entry === undefined) return undefined;
    }
    if (create && entry.hasValue) throw new RequestError("request", `${entry.path} has a value already`);
    return entry;
  }

  /** Runs `callback` once this entry has left the tree: it has neither a value nor children any more. */
  whenRemoved(callback: () => void): void {
    this.#whenRemoved.push(callback);
  }

  /** @ignore Takes an empty entry, and parents that are empty without it, off the tree. */
  prune(): void {
    if (!this.isEmpty || this.#parent === null) return;
    this.#parent.#children.delete(keyOf(this.key));
    for (const callback of this.#whenRemoved.splice(0)) callback();
    this.#parent.prune();
  }
}
