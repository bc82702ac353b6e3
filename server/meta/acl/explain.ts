/**
 * Which rule decides, and why: for people who wonder.
 *
 * @module
 */

import { type ElementKey, elementOf } from "../../../wire/path/keys.ts";
import { Path } from "../../../wire/path/path.ts";
import { type AclLetter, aclLetters, letterBits } from "./letters.ts";
import { type Rule, unruledBits } from "./rule.ts";
import type { RuleBook } from "./rule_book.ts";

/** What decides about a path. */
export interface Explanation {
  /** Whether the letter asked for is granted. */
  readonly access: boolean;
  /** The letters that are granted here, all things considered. */
  readonly granted: string;
  /** The pattern of the rule that decides; undefined: none fits. */
  readonly rule: Path | undefined;
  /** Patterns that fit, too, and are less specific, the best first. */
  readonly beaten: readonly Path[];
  /** A sentence. */
  readonly because: string;
}

/** Explains what the rules say of `keys`. */
export function explain(book: RuleBook, letter: AclLetter, keys: readonly ElementKey[]): Explanation {
  const count = keys.length;
  const spot = book.spot(keys, count);
  const denial = book.denial(letter, keys, count);
  const isHere = denial === undefined || denial.rule === spot.rule;
  const granted = aclLetters.filter((each) => book.denial(each, keys, count) === undefined).join("");
  return {
    access: denial === undefined,
    granted,
    rule: spot.rule && patternOf(spot.rule),
    beaten: spot.fitting.slice(1).map(patternOf),
    because: keys[0] === null && count > 0
      ? "The internal tree is closed to everybody who has an ACL"
      : !isHere && denial.rule !== undefined
      ? `${patternOf(denial.rule)} (${lettersOf(denial.rule)}) lacks x: nothing below it can be reached`
      : reason(spot.rule, letter),
  };
}

function reason(rule: Rule | undefined, letter: AclLetter): string {
  if (rule === undefined) {
    return (unruledBits & letterBits[letter]) === 0
      ? "No rule fits, and what no rule allows is forbidden"
      : `No rule fits, and then ${letter} is granted so that rules for what lies below are enough`;
  }
  const has = (rule.bits & letterBits[letter]) !== 0;
  const isImplied = has && letter === "n" && !rule.letters.includes("n");
  const verb = isImplied ? "has c, which implies" : has ? "has" : "lacks";
  return `${patternOf(rule)} (${lettersOf(rule)}) is the most specific rule that fits, and ${verb} ${letter}`;
}

function lettersOf(rule: Rule): string {
  return rule.letters === "" ? "no letters" : rule.letters;
}

function patternOf(rule: Rule): Path {
  return Path.of(...rule.keys.slice(1).map(elementOf));
}
