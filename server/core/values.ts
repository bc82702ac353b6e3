/**
 * The encoded values of all entries, in large buffers: no object per value. A reference is a small integer:
 *
 * | reference | value |
 * | --- | --- |
 * | 0 | none ({@linkcode NO_VALUE}) |
 * | negative | up to 3 bytes, inside the reference itself |
 * | 1 … 2^30 | a slot in a page, its length in front |
 * | above | longer than 16 KiB: a buffer of its own |
 *
 * @module
 */

import type { Encoder } from "../../wire/msgpack/encoder.ts";
import { Pages } from "./pages.ts";
import { classOf, shortSlotBytes } from "./size_class.ts";

/** The reference of "no value here". */
export const NO_VALUE = 0;

const bigBit = 0x4000_0000;

/** Holds encoded values. */
export class ValueArena {
  /** Where {@linkcode ValueArena.locate} found the value: `bytes[start … end)`, valid until the next change. */
  bytes: Uint8Array = new Uint8Array(0);
  /** Where it begins in `bytes`. */
  start = 0;
  /** Where it ends in `bytes`. */
  end = 0;
  readonly #pages = new Pages();
  readonly #bigs: (Uint8Array | null)[] = [];
  readonly #freeBigs: number[] = [];
  #bigBytes = 0;
  #liveBytes = 0;
  /** Two, so that two short values can be compared. */
  #scratch = new Uint8Array(4);
  #otherScratch = new Uint8Array(4);

  /** Encoded bytes of all values outside references. */
  get liveBytes(): number {
    return this.#liveBytes + this.#bigBytes;
  }

  /** Bytes of the memory that holds them. */
  get heldBytes(): number {
    return this.#pages.heldBytes + this.#bigBytes;
  }

  /** Copies `bytes[start … end)` in (at least one byte); returns the reference. */
  put(bytes: Uint8Array, start: number, end: number): number {
    const length = end - start;
    if (length <= 3) return shortRef(bytes, start, length);
    const cls = classOf(length);
    const slot = cls < 0 ? -1 : this.#pages.take(cls);
    if (slot < 0) return this.#putBig(bytes.slice(start, end));
    const buffer = this.#pages.bufferOfSlot(slot);
    let at = this.#pages.offsetOf(slot);
    if (this.#pages.sizeOf(slot) > shortSlotBytes) buffer[at++] = length >> 8;
    buffer[at++] = length;
    if (length <= 64) { for (let i = start; i < end; i++) buffer[at++] = bytes[i]; }
    else buffer.set(bytes.subarray(start, end), at);
    this.#liveBytes += length;
    return slot + 1;
  }

  #putBig(copy: Uint8Array): number {
    const index = this.#freeBigs.pop() ?? this.#bigs.length;
    this.#bigs[index] = copy;
    this.#bigBytes += copy.length;
    return bigBit | index;
  }

  /** Gives the place back. */
  free(ref: number): void {
    if (ref <= 0) return;
    if ((ref & bigBit) !== 0) {
      const index = ref & ~bigBit;
      this.#bigBytes -= this.#bigs[index]!.length;
      this.#bigs[index] = null;
      this.#freeBigs.push(index);
    } else {
      this.#liveBytes -= this.length(ref);
      this.#pages.give(ref - 1);
    }
  }

  /** The encoded length; 0 for {@linkcode NO_VALUE}. */
  length(ref: number): number {
    this.locate(ref);
    return this.end - this.start;
  }

  /** Sets `bytes`, `start` and `end` without copying. Two short values may be located at the same time, not three. */
  locate(ref: number): void {
    if (ref <= 0) return this.#locateShort(ref);
    if ((ref & bigBit) !== 0) {
      this.bytes = this.#bigs[ref & ~bigBit]!;
      this.start = 0;
      this.end = this.bytes.length;
      return;
    }
    const slot = ref - 1;
    const bytes = this.#pages.bufferOfSlot(slot);
    let at = this.#pages.offsetOf(slot);
    let length = bytes[at++];
    if (this.#pages.sizeOf(slot) > shortSlotBytes) length = length << 8 | bytes[at++];
    this.bytes = bytes;
    this.start = at;
    this.end = at + length;
  }

  #locateShort(ref: number): void {
    const bytes = this.#otherScratch;
    this.#otherScratch = this.#scratch;
    this.#scratch = bytes;
    const packed = -1 - ref;
    bytes[0] = packed;
    bytes[1] = packed >> 8;
    bytes[2] = packed >> 16;
    this.bytes = bytes;
    this.start = 0;
    this.end = ref === NO_VALUE ? 0 : packed >> 24;
  }

  /** A copy. */
  read(ref: number): Uint8Array {
    this.locate(ref);
    return this.bytes.slice(this.start, this.end);
  }

  /** As {@linkcode ValueArena.read}, but not copied: to be used at once. */
  view(ref: number): Uint8Array {
    this.locate(ref);
    return this.bytes.subarray(this.start, this.end);
  }

  /** Appends it to an encoder. */
  copyTo(ref: number, encoder: Encoder): void {
    this.locate(ref);
    encoder.raw(this.bytes, this.start, this.end);
  }

  /** Whether the stored value has exactly the bytes `bytes[start … end)`. */
  sameBytes(ref: number, bytes: Uint8Array, start: number, end: number): boolean {
    this.locate(ref);
    if (this.end - this.start !== end - start) return false;
    for (let i = this.start, j = start; j < end; i++, j++) if (this.bytes[i] !== bytes[j]) return false;
    return true;
  }

  /**
   * Moves a value out of a page that is nearly empty, so that the page can be used again. Returns its new reference, or
   * the same one.
   */
  settle(ref: number): number {
    if (ref <= 0 || (ref & bigBit) !== 0 || !this.#pages.isSparse(ref - 1)) return ref;
    this.locate(ref);
    const moved = this.put(this.bytes, this.start, this.end);
    this.free(ref);
    return moved;
  }
}

/** Length and bytes in one negative number. */
function shortRef(bytes: Uint8Array, start: number, length: number): number {
  let packed = length << 24;
  for (let i = 0; i < length; i++) packed |= bytes[start + i] << 8 * i;
  return -1 - packed;
}
