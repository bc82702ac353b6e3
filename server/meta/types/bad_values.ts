/**
 * Values from other servers that are not of their type. They are never refused, because the network has to converge; the
 * admin hears of them.
 *
 * @module
 */

import type { ElementKey } from "../../../wire/path/keys.ts";
import type { Change } from "../../core/effect.ts";
import type { Entry } from "../../core/entry.ts";
import { NO_VALUE } from "../../core/values.ts";
import { SandboxError } from "../sandbox/sandbox_error.ts";
import { isRejection } from "../stored_error.ts";
import { pathOf } from "../target.ts";
import type { MatchRule } from "./match_rule.ts";
import type { TypeChecks } from "./type_checks.ts";

/** So many are checked at a time; what comes meanwhile is not. */
const underWayMax = 256;
/** Entries that are remembered as bad. */
const entriesMax = 10_000;
/** Matches whose bad values are counted one by one. */
const patternsMax = 1000;

/** Checks what other servers have written. */
export class BadValues {
  /** How many were bad, since the server was started. */
  count = 0;
  /** How many were not checked, because too many came at a time. */
  unchecked = 0;
  readonly #types: TypeChecks;
  readonly #report: (line: string) => void;
  /** Whose present value is bad. */
  readonly #bad = new Set<Entry>();
  readonly #byPattern = new Map<string, number>();
  #underWay = 0;

  constructor(types: TypeChecks, report: (line: string) => void) {
    this.#types = types;
    this.#report = report;
  }

  /** How many entries are known to be bad now, by the types of now. */
  get present(): number {
    return this.#bad.size;
  }

  /** An entry has another value. */
  replaced(entry: Entry): void {
    if (this.#bad.size > 0) this.#bad.delete(entry);
  }

  /** The types are others: what they say of the entries that were bad is not known. */
  forget(): void {
    this.#bad.clear();
  }

  /** A change has come from elsewhere. */
  changed(change: Change): void {
    if (change.value === NO_VALUE) return;
    const keys: ElementKey[] = [];
    const count = change.entry.readKeys(keys);
    const rule = this.#types.rule(keys, count);
    if (rule === undefined) return;
    if (this.#underWay >= underWayMax) return void this.unchecked++;
    this.#underWay++;
    const { store } = this.#types;
    const target = { store, keys, count };
    this.#types.check(rule, store.values.read(change.value), target).then(
      () => void this.#underWay--,
      (error) => {
        this.#underWay--;
        const { cause } = error as Error;
        if (cause instanceof SandboxError && isRejection(cause)) {
          this.#found(rule, change, String(pathOf(target)), cause.text);
        }
      },
    );
  }

  #found({ pattern, type }: MatchRule, { entry, writer, tick }: Change, path: string, reason: string): void {
    this.count++;
    const isPresent = entry.writer === writer && entry.tick === tick;
    if (isPresent && this.#bad.size < entriesMax) this.#bad.add(entry);
    if (this.#byPattern.size >= patternsMax && !this.#byPattern.has(pattern)) return;
    const count = (this.#byPattern.get(pattern) ?? 0) + 1;
    this.#byPattern.set(pattern, count);
    // The 1st, 10th, 100th …: a flood of them is no flood of lines.
    if (!/^10*$/.test(String(count))) return;
    const many = count === 1 ? "" : ` (number ${count} for ${pattern})`;
    this.#report(`A value from ${writer.name} at ${path} is not of its type ${type}: ${reason}${many}`);
  }
}
