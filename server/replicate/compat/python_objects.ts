/**
 * Finds Python's own kinds of things in an encoded value: "well-known objects" (ext 4, "no value" among them), objects with
 * a constructor (5), marked paths (6). The original decodes them into what it cannot always encode again.
 *
 * @module
 */

const lengths: readonly number[] = [1, 2, 4];

/** Whether there is one in `bytes`, which are well-formed. */
export function hasPythonObject(bytes: Uint8Array): boolean {
  // Containers need no stack: their items simply follow.
  for (let at = 0; at < bytes.length;) {
    const head = bytes[at];
    if (head >= 0xd4 && head <= 0xd8 || head >= 0xc7 && head <= 0xc9) {
      const sizeBytes = head >= 0xd4 ? 0 : lengths[head - 0xc7];
      if (isPythons(bytes[at + 1 + sizeBytes])) return true;
    }
    at += sizeOf(bytes, at);
  }
  return false;
}

function isPythons(code: number): boolean {
  return code >= 4 && code <= 6;
}

/** Bytes of the head at `at`, and of what belongs to it if it is no container. */
function sizeOf(bytes: Uint8Array, at: number): number {
  const head = bytes[at];
  if (head < 0xa0 || head >= 0xe0) return 1;
  if (head < 0xc0) return 1 + (head & 31);
  if (head <= 0xc3) return 1;
  if (head <= 0xc6) return 1 + lengths[head - 0xc4] + number(bytes, at + 1, lengths[head - 0xc4]);
  if (head <= 0xc9) return 2 + lengths[head - 0xc7] + number(bytes, at + 1, lengths[head - 0xc7]);
  if (head === 0xca) return 5;
  if (head === 0xcb) return 9;
  if (head <= 0xcf) return 1 + 2 ** (head - 0xcc);
  if (head <= 0xd3) return 1 + 2 ** (head - 0xd0);
  if (head <= 0xd8) return 2 + 2 ** (head - 0xd4);
  if (head <= 0xdb) return 1 + lengths[head - 0xd9] + number(bytes, at + 1, lengths[head - 0xd9]);
  return head === 0xdc || head === 0xde ? 3 : 5;
}

function number(bytes: Uint8Array, at: number, size: number): number {
  let value = 0;
  for (let i = 0; i < size; i++) value = value * 256 + bytes[at + i];
  return value;
}
