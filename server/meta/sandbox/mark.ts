/**
 * Which program the child is at: it says so on its standard error, where nobody looks unless it has to be killed.
 *
 * A mark is `ff` and four bytes of seven bits. What the runtime itself writes there is text and has no `ff`.
 *
 * @module
 */

const markBytes = 5;

/** Puts the mark of `program` (below 2^28) into `bytes`. */
export function writeMark(bytes: Uint8Array, program: number): void {
  bytes[0] = 0xff;
  for (let i = 1; i < markBytes; i++) bytes[i] = program >> 7 * (i - 1) & 0x7f;
}

/** The last mark in there. */
export function lastMark(bytes: Uint8Array): number | undefined {
  const at = bytes.lastIndexOf(0xff);
  if (at < 0 || at + markBytes > bytes.length) return undefined;
  let program = 0;
  for (let i = markBytes - 1; i > 0; i--) program = program << 7 | bytes[at + i];
  return program;
}
