/**
 * Options beyond commander's: with two operands, repeated, counted.
 *
 * @module
 */

import { InvalidArgumentError, Option } from "commander";
import { parsePath } from "../../wire/path/parse.ts";
import type { Path } from "../../wire/path/path.ts";

/** The two operands of one use of an option. */
export type Pair = readonly [first: string, second: string];

/** Given with two operands, repeatable: its value is a list of {@linkcode Pair}. */
export class PairOption extends Option {}

/** Given with one operand, repeatable: its value is a list. */
export class ListOption extends Option {}

/** A flag whose value is how often it was given. */
export class CountOption extends Option {}

/** How many words an option takes. */
export function operandsOf(option: Option): number {
  return option instanceof PairOption ? 2 : option.required ? 1 : 0;
}

/**
 * The option's new value after one use.
 * @throws {InvalidArgumentError} If its operand is not acceptable
 */
export function valueOf(option: Option, operands: readonly string[], previous: unknown): unknown {
  if (option instanceof PairOption) return [...earlier(previous), operands];
  if (option instanceof CountOption) return (typeof previous === "number" ? previous : 0) + 1;
  if (operands.length === 0) return !option.negate;
  const value: unknown = option.parseArg ? option.parseArg(operands[0], previous) : operands[0];
  return option instanceof ListOption ? [...earlier(previous), value] : value;
}

function earlier(previous: unknown): unknown[] {
  return Array.isArray(previous) ? previous : [];
}

/** An operand that is a whole number of at least `min`; for commander's `argParser`. */
export function wholeNumber(min: number = 0): (text: string) => number {
  return (text) => {
    const n = Number(text);
    if (/^[+-]?\d+$/.test(text) && n >= min && Number.isSafeInteger(n)) return n;
    throw new InvalidArgumentError(`It should be a whole number${Number.isFinite(min) ? ` of at least ${min}` : ""}.`);
  };
}

/** An operand that is a path. Its errors are no usage errors: they show as `SyntaxError: …`, exit status 1. */
export function pathOperand(text: string): Path {
  return parsePath(text);
}

/** An operand that is the path of a type. Completion knows it by this, as those below. */
export function typeOperand(text: string): Path {
  return parsePath(text);
}

/** An operand that is the pattern of a match. */
export function matchOperand(text: string): Path {
  return parsePath(text);
}

/** An operand that is the path of a codec. */
export function codecOperand(text: string): Path {
  return parsePath(text);
}

/** An operand that is a group of conversions. */
export function groupOperand(text: string): string {
  return text;
}

/** An operand that names conflicts: an entry's path, or the writer of what lost. Completion knows it by this. */
export function conflictOperand(text: string): string {
  return text;
}

/** An operand behind a {@linkcode conflictOperand}: the writer's tick. */
export function conflictTickOperand(text: string): string {
  return text;
}

/** An operand that names a user. Completion knows it by this, as it does the next two. */
export function userOperand(text: string): string {
  return text;
}

/** An operand that names a token. */
export function tokenOperand(text: string): string {
  return text;
}

/** An operand that names an ACL. */
export function aclOperand(text: string): string {
  return text;
}
