/**
 * A local copy of a subtree that is kept up to date.
 *
 * @module
 */

import { ConnectionError } from "../wire/errors.ts";
import type { Path, PathElement } from "../wire/path/path.ts";
import type { Value } from "../wire/value.ts";
import { contains, sameHead } from "./chain.ts";
import type { Client } from "./client.ts";
import { ClientEntry } from "./entry.ts";
import type { EntryClass } from "./entry_place.ts";
import { lookUp } from "./lookup.ts";
import type { Chain } from "./reply.ts";
import type { TreeItem } from "./results.ts";
import { Waiters } from "./waiters.ts";
import type { Watch, WatchItem } from "./watch.ts";

/** How a mirror is made. */
export interface MirrorSettings {
  /** What `findCfg` falls back to. */
  readonly config?: { readonly [name: string]: Value | undefined };
  /** Ends the mirror. */
  readonly signal?: AbortSignal;
}

/** A class of roots. */
export interface RootClass<T extends MirrorRoot = MirrorRoot> {
  /** Makes a root that is not loaded yet. */
  new (client: Client, path: Path, settings?: MirrorSettings): T;
  /** The class of the first level. */
  childType(key: PathElement): EntryClass | null;
}

/**
 * The root of a mirror, made by {@linkcode Client.mirror}. It is loaded when you get it, and stays as it is, no longer
 * updated, after you have left its scope.
 *
 * @example
 * ```ts
 * import { ClientEntry, ClientRoot, openClient, P, type Value } from "@moat/kv";
 *
 * class OneEntry extends ClientEntry {
 *   override async setValue(value: Value | undefined) {
 *     await super.setValue(value);
 *     console.log(value === undefined ? `${this.subpath}: deleted` : `${this.subpath}= ${value}`);
 *   }
 * }
 * class OneRoot extends ClientRoot {
 *   static override childType() {
 *     return OneEntry;
 *   }
 * }
 *
 * await using client = await openClient();
 * await using root = await client.mirror("one", { rootType: OneRoot });
 * console.log(root.follow(P("two.three")).value); // it is here already
 * ```
 */
export class MirrorRoot extends ClientEntry implements AsyncDisposable {
  /** Fulfilled when the mirror is no longer kept up to date; with the error if it was not you who ended it. */
  readonly ended: Promise<Error | undefined>;
  readonly #client: Client;
  readonly #rootPath: Path;
  readonly #settings: MirrorSettings;
  readonly #stopping = new AbortController();
  readonly #waiters = new Waiters();
  readonly #seen = new Map<string, number>();
  readonly #tasks = new Set<Promise<void>>();
  readonly #unconfirmed = new Set<ClientEntry>();
  #isResyncing = false;
  #isLoaded = false;
  #error: Error | undefined;
  #tellEnded!: (error: Error | undefined) => void;

  /** Made by the client. @param client Keeps it up to date @param path What is mirrored */
  constructor(client: Client, path: Path, settings: MirrorSettings = {}) {
    super(null, path.at(-1) ?? null);
    this.#client = client;
    this.#rootPath = path;
    this.#settings = settings;
    this.ended = new Promise((resolve) => this.#tellEnded = resolve);
  }

  /** The class of the first level; override it. The default is {@linkcode ClientEntry}. */
  static override childType(_key: PathElement): EntryClass | null {
    return ClientEntry;
  }

  /** Itself. */
  override get root(): MirrorRoot {
    return this;
  }

  /** The client that keeps it up to date. */
  override get client(): Client {
    return this.#client;
  }

  /** What is mirrored. */
  override get path(): Path {
    return this.#rootPath;
  }

  /** Whether it is kept up to date. */
  get isLive(): boolean {
    return !this.#stopping.signal.aborted;
  }

  /** Hook: about to read. */
  runStarting(): void | Promise<void> {}

  /** Hook: the present state is here. Called again after each resync. */
  running(): void | Promise<void> {}

  /** @ignore Starts it; the client does. */
  async start(): Promise<this> {
    const { signal } = this.#settings;
    signal?.throwIfAborted();
    const watch = this.#client.watch(this.#rootPath, { fetch: true, nchain: 3, signal: this.#stopping.signal });
    signal?.addEventListener("abort", () => this.#stop(signal.reason), { once: true, signal: this.#stopping.signal });
    void this.#follow(watch);
    try {
      await this.waitLoaded();
      return this;
    } catch (error) {
      await this.cancel();
      throw error;
    }
  }

  async #follow(watch: Watch): Promise<void> {
    try {
      await this.runStarting();
      for await (const item of watch) {
        await this.#take(item);
        this.#waiters.check();
      }
      this.#stop(new ConnectionError("The client is closed"));
    } catch (error) {
      this.#stop(error as Error);
    }
    await Promise.all(this.#tasks);
    this.#tellEnded(this.#error);
  }

  #stop(error?: Error): void {
    if (!this.isLive) return;
    this.#error = error;
    this.#stopping.abort(error);
    this.#waiters.fail(error ?? new ConnectionError(`The mirror of ${this.#rootPath} is closed`));
  }

  async #take(item: WatchItem): Promise<void> {
    if ("path" in item) return await this.#apply(item);
    if (item.state === "resync") this.#suspectAll();
    if (item.state !== "uptodate") return;
    await this.#dropUnconfirmed();
    await this.running();
    this.#isLoaded = true;
  }

  async #apply(item: TreeItem): Promise<void> {
    const isDeleted = item.value === undefined;
    const entry = this.trace(item.path, { create: isDeleted ? false : undefined, emptyOk: true });
    this.#noteChain(item.chain);
    if (entry === undefined || (!this.#unconfirmed.delete(entry) && isStale(entry, item))) return;
    if (sameHead(entry.chain, item.chain)) await entry.seenValue();
    else if (entry.chain && item.chain && !contains(item.chain, entry.chain)) entry.markInconsistent(item);
    entry.chain = isDeleted ? null : item.chain ?? null;
    entry.tock = item.tock;
    await entry.setValue(item.value);
    if (isDeleted) entry.prune();
  }

  /** Events may have been missed: what the server does not send again is gone. */
  #suspectAll(): void {
    this.#isResyncing = true;
    for (const entry of [this, ...this.allChildren()]) if (entry.hasValue) this.#unconfirmed.add(entry);
  }

  async #dropUnconfirmed(): Promise<void> {
    if (!this.#isResyncing) return;
    this.#isResyncing = false;
    for (const entry of [...this.#unconfirmed]) {
      await this.#apply({ path: entry.subpath, chain: null, tock: entry.tock });
    }
    this.#unconfirmed.clear();
  }

  #noteChain(chain: Chain | null | undefined): void {
    for (let link = chain; link; link = link.prev) {
      if ((this.#seen.get(link.node) ?? 0) < link.tick) this.#seen.set(link.node, link.tick);
    }
  }

  /** Waits until the present state is here. */
  async waitLoaded(options: { signal?: AbortSignal } = {}): Promise<void> {
    await this.waitUntil(() => this.#isLoaded, options);
  }

  /** Waits until that change is here, as an entry's `chain` names it. */
  async waitChain(chain: Chain, options: { signal?: AbortSignal } = {}): Promise<void> {
    await this.waitUntil(() => (this.#seen.get(chain.node) ?? 0) >= chain.tick, options);
  }

  /** Waits until `isTrue` after some change. @throws {Error} If the mirror ends first */
  async waitUntil(isTrue: () => boolean, options: { signal?: AbortSignal } = {}): Promise<void> {
    if (isTrue()) return;
    if (!this.isLive) throw this.#error ?? new ConnectionError(`The mirror of ${this.#rootPath} is closed`);
    await this.#waiters.wait(isTrue, options.signal);
  }

  /** A setting in its value, else in its configuration, else `fallback`. */
  override findCfgOr<T>(fallback: T, ...keys: readonly string[]): Value | T {
    return lookUp(this.value, keys) ?? lookUp(this.#settings.config as Value | undefined, keys) ?? fallback;
  }

  /** Runs a task that ends with the mirror. If it fails, the mirror ends with its error. */
  spawn(task: (signal: AbortSignal) => Promise<void>): void {
    const { signal } = this.#stopping;
    const running: Promise<void> = task(signal)
      .catch((error) => signal.aborted ? undefined : this.#stop(error))
      .finally(() => this.#tasks.delete(running));
    this.#tasks.add(running);
  }

  /** Ends it and waits for its tasks. */
  async cancel(): Promise<void> {
    this.#stop();
    await this.ended;
  }

  /** Ends it. @throws {Error} What a hook or task threw, so that it is not lost */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.cancel();
    if (this.#error && !(this.#error instanceof ConnectionError) && this.#error !== this.#settings.signal?.reason) {
      throw this.#error;
    }
  }
}

/** Whether a newer change is shown already: {@linkcode ClientEntry.update} knew it before its event came. */
function isStale(entry: ClientEntry, item: TreeItem): boolean {
  return item.tock < entry.tock && contains(entry.chain, item.chain);
}
