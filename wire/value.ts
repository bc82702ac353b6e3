/**
 * What a value can be. Every msgpack value has exactly one shape here, and every shape one encoding, so that a value
 * read and written back is the same value: `1` and `1.0` differ, bytes are not text, big integers stay whole.
 *
 * | msgpack | here |
 * | --- | --- |
 * | nil, bool, str | `null`, `boolean`, `string` |
 * | integer | `number` within ±(2^53−1), else `bigint` (ext 2 above 2^64−1) |
 * | float 64, float 32 | `number` if it has a fraction (or is not finite), else {@linkcode Float} |
 * | bin | `Uint8Array` |
 * | array | array |
 * | map | plain object if every key is a string that keeps its place there, else `Map` |
 * | ext 3, ext 6 | `Path` (6: with a mark) |
 * | ext −1 | {@linkcode Timestamp} |
 * | any other ext | {@linkcode Ext}, bytes unchanged |
 *
 * Source: the original's packer, `spec/client-protocol.md` 1.2 and 1.3.
 *
 * @module
 */

import type { Path } from "./path/path.ts";

/** A value that the tree can hold. `undefined` is never a value: it means "no value here". */
export type Value =
  | null
  | boolean
  | number
  | bigint
  | string
  | Float
  | Uint8Array
  | Timestamp
  | Path
  | Ext
  | readonly Value[]
  | { readonly [key: string]: Value }
  | ReadonlyMap<Value, Value>;

/**
 * A float without a fraction, such as `21.0`: a JavaScript number cannot say that it is not the integer `21`.
 * It computes, compares and prints like a number (`new Float(21) + 1 === 22`).
 */
export class Float extends Number {
  /** Unboxes `value` if it is a {@linkcode Float}. */
  static toNumber(value: number | Float): number {
    return typeof value === "number" ? value : value.valueOf();
  }
}

/** An extension type this program does not interpret; kept byte for byte. `code` is −128 … 127. */
export class Ext {
  /**
   * An extension value.
   * @param code Its number
   * @param data Its payload
   */
  constructor(readonly code: number, readonly data: Uint8Array) {}

  /** Whether both have the same code and bytes. */
  equals(other: unknown): boolean {
    return other instanceof Ext && other.code === this.code && other.data.length === this.data.length &&
      other.data.every((byte, i) => byte === this.data[i]);
  }
}

/** A msgpack timestamp (ext −1): `seconds` since 1970, negative before, and `nanoseconds` 0 … 999,999,999. */
export class Timestamp {
  /**
   * A point in time.
   * @param seconds Whole seconds since 1970-01-01T00:00Z
   * @param nanoseconds The rest, 0 … 999,999,999
   */
  constructor(readonly seconds: bigint, readonly nanoseconds: number) {}
}

/** An already encoded value: the encoder copies its bytes. */
export class Raw {
  /**
   * Wraps encoded bytes.
   * @param bytes Exactly one encoded msgpack value
   */
  constructor(readonly bytes: Uint8Array) {}
}
