/**
 * What the hidden `null` subtree means: rights, types, conversions. Told of every change, from here or from elsewhere; what
 * somebody wants to know of a branch it can subscribe to.
 *
 * @module
 */

import type { ElementKey } from "../../wire/path/keys.ts";
import type { Change, Effect, Purged } from "../core/effect.ts";
import type { Entry } from "../core/entry.ts";
import type { Store } from "../core/store.ts";
import type { Rights } from "./acl/rights.ts";
import type { Conversion } from "./conversion.ts";
import type { Sandbox } from "./sandbox/sandbox.ts";
import { TypeChecks } from "./types/type_checks.ts";

/** A change in the hidden subtree: a new version, or one that is gone for good. Its entry shows what is there now. */
export type MetaChange = Change | Purged;

/** Hears of a change; `keys` is the entry's path, which begins with null and the branch's name. */
export type MetaListener = (change: MetaChange, keys: readonly ElementKey[]) => void;

/** What {@linkcode Meta} is built from. */
export interface MetaOptions {
  /** Runs stored code. */
  readonly sandbox: Sandbox;
  /** Told what an admin should hear, one line each. */
  readonly report: (line: string) => void;
}

/** What the hidden subtree means. */
export class Meta {
  /** What values may be, and where. */
  readonly types: TypeChecks;
  readonly #listeners = new Map<ElementKey, MetaListener[]>();

  /** @param store Its hidden subtree may be full already */
  constructor(readonly store: Store, options: MetaOptions) {
    this.types = new TypeChecks(store, options);
  }

  /** From now on `listener` hears of the changes of a branch: `acl`, `type`, … */
  onChange(branch: string, listener: MetaListener): void {
    const listeners = this.#listeners.get(branch);
    if (listeners === undefined) this.#listeners.set(branch, [listener]);
    else listeners.push(listener);
  }

  /** Hears what has happened: what is logged, and about to be told to watchers. */
  committed(effects: readonly Effect[]): void {
    for (const effect of effects) {
      if (effect.kind !== "change" && effect.kind !== "purged") continue;
      if (effect.kind === "change" && effect.isRefresh) continue;
      const branch = branchOf(effect.entry);
      const listeners = branch === undefined ? undefined : this.#listeners.get(branch);
      if (listeners === undefined) continue;
      const keys: ElementKey[] = [];
      effect.entry.readKeys(keys);
      for (const listener of listeners) listener(effect, keys);
    }
  }

  /** What the users of an ACL may do; undefined: everything. */
  rights(_aclName: string | undefined): Rights | undefined {
    return undefined;
  }

  /** What becomes of the values of a group's users; undefined: nothing. */
  conversion(_group: string | undefined): Conversion | undefined {
    return undefined;
  }
}

/** The name of the branch of the hidden subtree that an entry lies in; undefined: it is not in there. */
function branchOf(entry: Entry): ElementKey | undefined {
  let branch: Entry = entry;
  for (let at: Entry = entry; at.parent !== null; at = at.parent) {
    if (at.parent.parent === null) return at.key === null && at !== branch ? branch.key : undefined;
    branch = at;
  }
  return undefined;
}
