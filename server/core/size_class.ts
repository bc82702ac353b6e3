/**
 * Slot sizes of the arena: 8, 12, 16 … up to 16 KiB, each at most a quarter above the one before (half for the smallest).
 *
 * @module
 */

/** The largest slot. */
export const slotBytesMax = 16384;

/** The bytes of each class's slots, ascending; all divisible by 4. */
export const slotBytes: readonly number[] = makeSizes();

/** Slots larger than this hold their value's length in two bytes instead of one. */
export const shortSlotBytes = 256;

/** Class by ⌈needed bytes / 4⌉. */
const classes = makeClasses();

function makeSizes(): number[] {
  const sizes = [8, 12, 16, 20, 24, 28];
  for (let size = 32; size <= slotBytesMax; size *= 2) {
    for (let quarter = 0; quarter < 4 && size < slotBytesMax; quarter++) sizes.push(size + quarter * (size / 4));
  }
  sizes.push(slotBytesMax);
  return sizes;
}

function makeClasses(): Uint8Array {
  const table = new Uint8Array(slotBytesMax / 4 + 1);
  let cls = 0;
  for (let i = 0; i < table.length; i++) {
    if (slotBytes[cls] < i * 4) cls++;
    table[i] = cls;
  }
  return table;
}

/** The bytes in front of a value in a slot of `size` bytes: its length. */
export function headerBytes(size: number): number {
  return size > shortSlotBytes ? 2 : 1;
}

/** The class whose slots hold a value of `length` bytes; −1 if none does. */
export function classOf(length: number): number {
  if (length > slotBytesMax - 2) return -1;
  const cls = classes[length + 4 >> 2];
  return length + headerBytes(slotBytes[cls]) <= slotBytes[cls] ? cls : cls + 1;
}
