/**
 * What a backslash and one character mean in Python's texts and bytes. A backslash at a line's end joins it with the next.
 *
 * @module
 */

/** By the character behind the backslash. */
export const escapes: Readonly<Record<string, string>> = {
  "\n": "",
  a: "\x07",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
  "\\": "\\",
  "'": "'",
  '"': '"',
};
