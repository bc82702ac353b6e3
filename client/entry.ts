/**
 * One place of a mirrored subtree and its value. Subclass it to give entries a behaviour of their own.
 *
 * @module
 */

import { NotFoundError } from "../wire/errors.ts";
import type { PathElement } from "../wire/path/path.ts";
import type { Value } from "../wire/value.ts";
import type { DeleteOptions } from "./client_options.ts";
import { type EntryClass, EntryPlace } from "./entry_place.ts";
import { lookUp } from "./lookup.ts";
import type { Chain } from "./reply.ts";
import type { SetResult, TreeItem } from "./results.ts";

/** An entry of a mirror. It iterates over its children. */
export class ClientEntry extends EntryPlace {
  /** Its value; `undefined` if it has none. */
  value: Value | undefined = undefined;
  /** Who changed it; `null` if it has no value. */
  chain: Chain | null = null;
  /** The network's counter at its last change. */
  tock = 0;
  #busy: Promise<unknown> = Promise.resolve();

  /** The class of a child; override it. The default is the class itself; `null`: do not track it. */
  static childType(_key: PathElement): EntryClass | null {
    return this as unknown as EntryClass;
  }

  /** Whether it has a value. */
  override get hasValue(): boolean {
    return this.value !== undefined;
  }

  /** This. */
  protected override get entry(): ClientEntry {
    return this;
  }

  // Hooks, called in the order in which changes arrive. The next change waits until the promise of the last is done.

  /** A value arrived; `undefined`: it was deleted. Override it and call `super.setValue(value)`. Do not call it. */
  setValue(value: Value | undefined): void | Promise<void> {
    this.value = value;
  }

  /** The change that arrives (next, in {@linkcode ClientEntry.setValue}) is known already, because it was made here. */
  seenValue(): void | Promise<void> {}

  /** The change that arrives next was made without knowledge of the one that is shown here. */
  markInconsistent(_item: TreeItem): void {}

  /** The value, or what is at these keys within it. @throws {NotFoundError} If there is none */
  val(...keys: readonly (string | number)[]): Value {
    const value = lookUp(this.value, keys);
    if (value === undefined) throw new NotFoundError(`${this.path} has no value${keys.length ? ` at ${keys}` : ""}`);
    return value;
  }

  /** As {@linkcode ClientEntry.val}, or `fallback`. */
  valOr<T>(fallback: T, ...keys: readonly (string | number)[]): Value | T {
    return lookUp(this.value, keys) ?? fallback;
  }

  /** The value if it is of that kind, else `fallback`. */
  valueOr<F, V extends Value>(fallback: F, isKind: (value: Value) => value is V): V | F {
    return this.value !== undefined && isKind(this.value) ? this.value : fallback;
  }

  /** A setting: at these keys in this value, else in a parent's, else in the mirror's configuration. */
  findCfg(...keys: readonly string[]): Value {
    const value = this.findCfgOr(undefined, ...keys);
    if (value === undefined) throw new NotFoundError(`There is no setting ${keys.join(".")} for ${this.path}`);
    return value;
  }

  /** As {@linkcode ClientEntry.findCfg}, or `fallback`. */
  findCfgOr<T>(fallback: T, ...keys: readonly string[]): Value | T {
    return lookUp(this.value, keys) ?? this.parent.findCfgOr(fallback, ...keys);
  }

  /**
   * Writes a value, unless somebody changed the entry meanwhile or the value is the same.
   * @param options.wait Whether to wait until the mirror has it from the server too
   * @throws {ChainError} If somebody did
   */
  update(value: Value, options: { wait?: boolean; signal?: AbortSignal } = {}): Promise<SetResult> {
    return this.exclusively(() => this.write(value, options));
  }

  /** Writes without waiting for other changes of this entry. */
  protected async write(value: Value, { wait, signal }: { wait?: boolean; signal?: AbortSignal }): Promise<SetResult> {
    const result = await this.client.set(this.path, value, { chain: this.chain, nchain: 3, idem: true, signal });
    this.value = value;
    this.chain = result.chain ?? null;
    this.tock = result.tock;
    if (wait && this.chain) await this.root.waitChain(this.chain, { signal });
    return result;
  }

  /** Deletes the value. @param options.careful Whether to refuse if somebody changed it meanwhile; default true */
  delete(options: Omit<DeleteOptions, "chain"> & { careful?: boolean; wait?: boolean } = {}): Promise<SetResult> {
    const { careful = true, wait, ...rest } = options;
    return this.exclusively(async () => {
      const expected = careful ? { chain: this.chain } : {};
      const result = await this.client.delete(this.path, { ...rest, ...expected });
      this.chain = null;
      if (wait) await this.root.waitUntil(() => !this.hasValue || this.tock > result.tock, rest);
      return result;
    });
  }

  /** Runs one change of this entry after the other. */
  protected exclusively<T>(change: () => Promise<T>): Promise<T> {
    const done = this.#busy.then(change);
    this.#busy = done.catch(() => {});
    return done;
  }
}
