/**
 * The encoded values of all entries, in large buffers: no object per value. A reference is a small integer. Very short
 * values are inside their reference, very long ones have a buffer of their own.
 *
 * @module
 */

import type { Encoder } from "../../wire/msgpack/encoder.ts";

/** The reference of "no value here". */
export const NO_VALUE = 0;

/** Holds encoded values. */
export class ValueArena {
  /** Where {@linkcode ValueArena.locate} found the value: `bytes[start … end)`, valid until the next change. */
  bytes: Uint8Array = new Uint8Array(0);
  start = 0;
  end = 0;

  /** Copies `bytes[start … end)` in; returns the reference. */
  put(_bytes: Uint8Array, _start: number, _end: number): number {
    throw new Error("stub");
  }
  /** Gives the place back. */
  free(_ref: number): void {
    throw new Error("stub");
  }
  /** Encoded length. */
  length(_ref: number): number {
    throw new Error("stub");
  }
  /** Sets `bytes`, `start` and `end` without copying. */
  locate(_ref: number): void {
    throw new Error("stub");
  }
  /** A copy. */
  read(_ref: number): Uint8Array {
    throw new Error("stub");
  }
  /** Appends it to an encoder. */
  copyTo(_ref: number, _encoder: Encoder): void {
    throw new Error("stub");
  }
  /** Whether the stored value has exactly these bytes. */
  sameBytes(_ref: number, _bytes: Uint8Array, _start: number, _end: number): boolean {
    throw new Error("stub");
  }
}
