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
import { Acls, type WallClock } from "./acl/acls.ts";
import { validateRule } from "./acl/acl_validation.ts";
import type { Rights } from "./acl/rights.ts";
import { Codecs } from "./codec/codecs.ts";
import { Conversion } from "./conversion.ts";
import type { Runner } from "./stored_program.ts";
import { validateCodec } from "./codec/codec_validation.ts";
import { validateConverter } from "./codec/conv_validation.ts";
import { BadValues } from "./types/bad_values.ts";
import { validateMatch } from "./types/match_validation.ts";
import { TypeChecks } from "./types/type_checks.ts";
import { validateType } from "./types/type_validation.ts";
import type { Validator } from "./validator.ts";

/** A change in the hidden subtree: a new version, or one that is gone for good. Its entry shows what is there now. */
export type MetaChange = Change | Purged;

/** Hears of a change; `keys` is the entry's path, which begins with null and the branch's name. */
export type MetaListener = (change: MetaChange, keys: readonly ElementKey[]) => void;

/** What {@linkcode Meta} is built from. */
export interface MetaOptions {
  /** Runs stored code. */
  readonly sandbox: Runner;
  /** Told what an admin should hear, one line each. */
  readonly report: (line: string) => void;
  /** The time of day: rules end. */
  readonly clock: WallClock;
}

/** Where it is said what values may be. */
const valueBranches = ["type", "match", "codec", "conv"];

/** What the hidden subtree means. */
export class Meta {
  /** What values may be, and where. */
  readonly types: TypeChecks;
  /** What other servers have written that is not of its type. */
  readonly badValues: BadValues;
  /** What becomes of values on their way to a client and back. */
  readonly codecs: Codecs;
  /** Grows with every change of what values may be, or of how they are converted. */
  version = 0;
  /** What users may do. */
  readonly acls: Acls;
  readonly #validators: ReadonlyMap<ElementKey, Validator>;
  readonly #listeners = new Map<ElementKey, MetaListener[]>();

  /** @param store Its hidden subtree may be full already */
  constructor(readonly store: Store, options: MetaOptions) {
    this.types = new TypeChecks(store, options.sandbox);
    this.badValues = new BadValues(this.types, options.report);
    this.codecs = new Codecs(store, options.sandbox);
    const { types } = this;
    this.#validators = new Map<ElementKey, Validator>([
      ["type", (value, keys) => validateType(types, value, keys)],
      ["match", (value, keys) => Promise.resolve(validateMatch(types, value, keys))],
      ["codec", (value, keys) => validateCodec(options.sandbox, value, keys)],
      ["acl", (value, keys) => Promise.resolve(validateRule(value, keys))],
      ["conv", (value, keys) => Promise.resolve(validateConverter(value, keys))],
    ]);
    for (const branch of ["type", "match"]) this.onChange(branch, () => this.badValues.forget());
    this.onChange("match", () => this.types.refresh());
    this.onChange("type", ({ entry }) => {
      types.nodes.drop(entry);
      types.refresh();
    });
    this.onChange("codec", ({ entry }) => this.codecs.nodes.drop(entry));
    for (const branch of valueBranches) this.onChange(branch, () => void this.version++);
    this.acls = new Acls(store, options.clock);
    this.onChange("acl", (_change, keys) => this.acls.changed(keys));
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
      if (branch === undefined) {
        this.badValues.replaced(effect.entry);
        if (effect.kind === "change" && !effect.local && this.types.isInUse) this.badValues.changed(effect);
        continue;
      }
      const listeners = this.#listeners.get(branch);
      if (listeners === undefined) continue;
      const keys: ElementKey[] = [];
      effect.entry.readKeys(keys);
      for (const listener of listeners) listener(effect, keys);
    }
    this.acls.settle();
  }

  /** What looks at a value that a client wants to store at `keys[0 … count)`; undefined: it may be anything. */
  validator(keys: readonly ElementKey[], count: number): Validator | undefined {
    return count < 2 || keys[0] !== null ? undefined : this.#validators.get(keys[1]);
  }

  /** What values may be has changed, and nobody was told yet. */
  reload(): void {
    this.version++;
    this.types.refresh();
  }

  /** What the users of an ACL may do; undefined: everything. */
  rights(aclName: string | undefined): Rights | undefined {
    return aclName === undefined || aclName === "*" ? undefined : this.acls.rights(aclName);
  }

  /** What becomes of the values of a group's users; undefined: nothing. */
  conversion(group: string | undefined): Conversion | undefined {
    return group === undefined ? undefined : new Conversion(this.codecs, group);
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
