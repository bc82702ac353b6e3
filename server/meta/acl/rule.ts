/**
 * One rule of an ACL, as it lies in the tree: `:n.acl.NAME.PATTERN`.
 *
 * | value | |
 * | --- | --- |
 * | `"rx"` | these letters |
 * | `{acl: "rx", until: 1764030000}` | the same up to that unix time; then it is as if the rule were not there |
 * | anything else | a rule that grants nothing: it may come from anywhere, and must not open what it was to close |
 *
 * Source: `spec/client-protocol.md` 5.1.
 *
 * @module
 */

import { KvError } from "../../../wire/errors.ts";
import { field, isMap } from "../../../wire/message/decoded_map.ts";
import { decode } from "../../../wire/msgpack/decoder.ts";
import { type ElementKey, elementOf } from "../../../wire/path/keys.ts";
import { repr } from "../../../wire/repr.ts";
import { Float, type Value } from "../../../wire/value.ts";
import type { PatternNode } from "../wildcard.ts";
import { bitsOf, letterBits } from "./letters.ts";

/** What a place without a rule grants: to pass, so that a rule for what lies below it is enough. */
export const unruledBits: number = letterBits.x | letterBits.n;

/** What a rule's value says. */
export interface RuleValue {
  readonly letters: string;
  /** When it ends, in ms since 1970; `Infinity`: never. */
  readonly untilMs: number;
}

/** A rule, or a place on the way to one. */
export class Rule implements PatternNode<Rule> {
  /** Whether it is a rule. */
  hasValue = false;
  letters = "";
  bits = 0;
  /** The event that made it. */
  writer = "";
  tick = 0;
  #below: Map<ElementKey, Rule> | undefined;

  /** A place without a rule, so far. @param key Its element of the pattern; of the top, the ACL's name */
  constructor(readonly above: Rule | undefined, readonly key: ElementKey) {}

  /** The place below. */
  child(key: ElementKey): Rule | undefined {
    return this.#below?.get(key);
  }

  /** The places below. */
  get children(): Iterable<Rule> {
    return this.#below?.values() ?? [];
  }

  /** The place below, which is made. */
  make(key: ElementKey): Rule {
    const rule = new Rule(this, key);
    (this.#below ??= new Map()).set(key, rule);
    return rule;
  }

  /** Makes it a rule, by that event. */
  set({ letters }: RuleValue, writer: string, tick: number): void {
    this.hasValue = true;
    this.writer = writer;
    this.tick = tick;
    this.letters = letters;
    this.bits = bitsOf(letters);
  }

  /** Makes it a place without a rule. */
  unset(): void {
    this.hasValue = false;
    this.letters = "";
    this.bits = 0;
  }

  /** A copy in which the place at `pattern[i …]` is another one. What is not on the way there is shared. */
  altered(above: Rule | undefined, pattern: readonly ElementKey[], i: number, change: (rule: Rule) => void): Rule {
    const copy = new Rule(above, this.key);
    Object.assign(copy, this, { above });
    copy.#below = this.#below;
    if (i === pattern.length) {
      change(copy);
    } else {
      const old = this.child(pattern[i]) ?? new Rule(copy, pattern[i]);
      copy.#below = new Map(this.#below).set(pattern[i], old.altered(copy, pattern, i + 1, change));
    }
    return copy;
  }

  /** The ACL's name, and the pattern. */
  get keys(): ElementKey[] {
    return this.above === undefined ? [this.key] : [...this.above.keys, this.key];
  }

  /** As the original names it in an error. */
  toString(): string {
    const elements = [null, "acl", ...this.keys.map(elementOf)].map((element) => repr(element));
    return `<AclEntry:[${elements.join(", ")}] =${repr(this.letters)}>`;
  }
}

/** What the bytes of a rule's value say. */
export function readRuleValue(bytes: Uint8Array): RuleValue {
  const value = tryDecode(bytes);
  if (typeof value === "string") return { letters: value, untilMs: Infinity };
  const letters = isMap(value) ? field(value, "acl") : undefined;
  const until = isMap(value) ? timeOf(field(value, "until")) : undefined;
  return typeof letters === "string" && until !== undefined ? { letters, untilMs: until * 1000 } : nothing;
}

const nothing: RuleValue = { letters: "", untilMs: Infinity };

function timeOf(value: Value | undefined): number | undefined {
  const time = value instanceof Float || typeof value === "bigint" ? Number(value) : value;
  return typeof time === "number" && Number.isFinite(time) ? time : undefined;
}

function tryDecode(bytes: Uint8Array): ReturnType<typeof decode> | undefined {
  try {
    return decode(bytes);
  } catch (error) {
    if (error instanceof KvError) return undefined;
    throw error;
  }
}
