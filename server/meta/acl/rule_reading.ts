/**
 * From the entries below `:n.acl.NAME` to rules: all of them, or, because an ACL may have thousands, those that have
 * changed.
 *
 * @module
 */

import type { ElementKey } from "../../../wire/path/keys.ts";
import type { Entry } from "../../core/entry.ts";
import type { Store } from "../../core/store.ts";
import { readRuleValue, Rule } from "./rule.ts";

/** A rule that ends. */
export interface TimedRule {
  readonly pattern: readonly ElementKey[];
  /** In ms since 1970. */
  readonly untilMs: number;
}

/** What is read. */
export interface ReadRules {
  readonly rules: Rule;
  /** Those that end, and have not ended. */
  readonly timed: readonly TimedRule[];
}

/** Reads all rules of an ACL. */
export function readRules(store: Store, name: string, nowMs: number): ReadRules {
  const rules = new Rule(undefined, name);
  const timed: TimedRule[] = [];
  const read = (entry: Entry, rule: Rule): void => {
    readInto(store, entry, rule, nowMs, timed);
    for (const child of entry.children ?? []) read(child, rule.make(child.key));
  };
  const start = store.find([null, "acl", name], 3);
  if (start !== undefined) read(start, rules);
  return { rules, timed };
}

/** Reads the rules of some patterns anew. The others are shared with those before. */
export function rereadRules(
  store: Store,
  before: ReadRules,
  patterns: readonly (readonly ElementKey[])[],
  nowMs: number,
): ReadRules {
  const changed = new Set(patterns.map(nameOf));
  const timed = before.timed.filter(({ pattern }) => !changed.has(nameOf(pattern)));
  let { rules } = before;
  for (const pattern of patterns) {
    const keys = [null, "acl", before.rules.key, ...pattern];
    const entry = store.find(keys, keys.length);
    rules = rules.altered(undefined, pattern, 0, (rule) => readInto(store, entry, rule, nowMs, timed));
  }
  return { rules, timed };
}

function nameOf(pattern: readonly ElementKey[]): string {
  return pattern.map((key) => `${typeof key} ${String(key)}`).join("\0");
}

function readInto(store: Store, entry: Entry | undefined, rule: Rule, nowMs: number, timed: TimedRule[]): void {
  rule.unset();
  if (!entry?.hasValue) return;
  const value = readRuleValue(store.values.read(entry.value));
  if (value.untilMs <= nowMs) return;
  rule.set(value, entry.writer?.name ?? "", entry.tick);
  if (value.untilMs !== Infinity) timed.push({ pattern: rule.keys.slice(1), untilMs: value.untilMs });
}
