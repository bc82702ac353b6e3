/**
 * The letters of access rules.
 *
 * | letter | allows |
 * | --- | --- |
 * | `r` | to read the value |
 * | `w` | to change a value |
 * | `c` | to set a value where there is none; implies `n` |
 * | `d` | to delete with `delete_tree` |
 * | `x` | to pass to the entries below |
 * | `e` | to list the entries below |
 * | `n` | to make a missing entry below |
 * | `a` | to see the letters |
 *
 * Source: `spec/client-protocol.md` 5.1.
 *
 * @module
 */

/** One right. */
export type AclLetter = "r" | "w" | "c" | "d" | "x" | "e" | "n" | "a";

/** All letters, in the order in which they are explained. */
export const aclLetters: readonly AclLetter[] = ["r", "w", "c", "d", "x", "e", "n", "a"];

/** One bit per letter. */
export const letterBits: Readonly<Record<AclLetter, number>> = { r: 1, w: 2, c: 4, d: 8, x: 16, e: 32, n: 64, a: 128 };

/** The bits of a rule's letters. Letters that mean nothing are passed over, as in the original. */
export function bitsOf(letters: string): number {
  let bits = 0;
  for (const letter of letters) bits |= letterBits[letter as AclLetter] ?? 0;
  return (bits & letterBits.c) === 0 ? bits : bits | letterBits.n;
}
