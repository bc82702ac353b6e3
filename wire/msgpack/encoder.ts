/**
 * Values to bytes. The encoder appends to one growing buffer, so that many messages cost no allocation.
 *
 * @module
 */

import { RequestError } from "../errors.ts";
import { depthMax } from "../limits.ts";
import type { Path, PathElement } from "../path/path.ts";
import type { Raw, Value } from "../value.ts";
import { bignumBytes } from "./bignum.ts";
import { checkDepth, encodeElement, encodeValue } from "./encode_value.ts";
import { integerBytesMax, write16, write32, writeInteger } from "./integer.ts";
import { appendLongText } from "./long_text.ts";
import { extBignum, extMarkedPath, extPath } from "./ext.ts";

/** A buffer that grew beyond this is given back by `reset()`. */
const keptBytesMax = 1024 * 1024;

/** Longer texts go to the platform's encoder. */
const shortTextMax = 48;

/**
 * Appends msgpack to {@linkcode Encoder.bytes}, always in the shortest form.
 *
 * @example Two messages in one buffer
 * ```ts
 * import { Encoder } from "@moat/kv/wire";
 *
 * const encoder = new Encoder();
 * encoder.mapHeader(1);
 * encoder.str("seq");
 * encoder.int(7);
 * encoder.value({ seq: 8, changed: true });
 * encoder.view(); // the bytes so far, without a copy
 * ```
 */
export class Encoder {
  /** The buffer; only the first {@linkcode Encoder.length} bytes count. Replaced when it has to grow. */
  bytes: Uint8Array;
  /** Bytes written so far. */
  length = 0;
  #view: DataView;
  #capacity: number;
  readonly #initialBytes: number;

  /**
   * An empty encoder.
   * @param initialBytes The size to begin with
   */
  constructor(initialBytes: number = 1024) {
    this.#initialBytes = Math.max(16, initialBytes);
    this.#capacity = this.#initialBytes;
    this.bytes = new Uint8Array(this.#capacity);
    this.#view = new DataView(this.bytes.buffer);
  }

  /** Forgets everything written. A buffer beyond 1 MiB is replaced by a small one. */
  reset(): void {
    this.length = 0;
    if (this.#capacity > keptBytesMax) this.#resize(this.#initialBytes);
  }

  /** Makes room for `n` more bytes. */
  reserve(n: number): void {
    const needed = this.length + n;
    if (needed > this.#capacity) this.#resize(Math.max(needed, 2 * this.#capacity));
  }

  #resize(size: number): void {
    const bytes = new Uint8Array(size);
    bytes.set(this.bytes.subarray(0, this.length));
    this.bytes = bytes;
    this.#capacity = size;
    this.#view = new DataView(bytes.buffer);
  }

  /** Forgets what was written behind `length`. */
  truncate(length: number): void {
    this.length = length;
  }

  /** The bytes from `start` on, not copied: valid until the next write. */
  view(start: number = 0): Uint8Array {
    return this.bytes.subarray(start, this.length);
  }

  /** A copy of the bytes from `start` on. */
  take(start: number = 0): Uint8Array {
    return this.bytes.slice(start, this.length);
  }

  /** Appends `nil`. */
  nil(): void {
    this.#byte(0xc0);
  }

  /** Appends `true` or `false`. */
  bool(b: boolean): void {
    this.#byte(b ? 0xc3 : 0xc2);
  }

  /**
   * Appends an integer of any size from −2^63 upward.
   * @throws {RequestError} If it is less, or no integer
   */
  int(n: number | bigint): void {
    if (typeof n === "bigint") return this.#bigint(n);
    if (n >= 2 ** 64 && n < Infinity) return this.#bigint(BigInt(n));
    this.reserve(integerBytesMax);
    this.length = writeInteger(this.bytes, this.length, n);
  }

  #bigint(n: bigint): void {
    if (n >= 2n ** 64n) return this.ext(extBignum, bignumBytes(n));
    if (n < -(2n ** 63n)) throw new RequestError("value", `Cannot encode ${n}: integers begin at −2^63`);
    if (n >= -0x8000_0000n && n <= 0xffff_ffffn) return this.int(Number(n));
    this.reserve(9);
    this.bytes[this.length] = n < 0n ? 0xd3 : 0xcf;
    this.#view.setBigUint64(this.length + 1, BigInt.asUintN(64, n));
    this.length += 9;
  }

  /** Appends a float, as 64 bits. */
  float(x: number): void {
    this.reserve(9);
    this.bytes[this.length] = 0xcb;
    this.#view.setFloat64(this.length + 1, x);
    this.length += 9;
  }

  /**
   * Appends a text.
   * @throws {RequestError} If it has half of a surrogate pair, which UTF-8 cannot say
   */
  str(s: string): void {
    const n = s.length;
    if (n > shortTextMax) return appendLongText(this, s);
    this.reserve(n + 2);
    const bytes = this.bytes;
    let at = this.length;
    if (n >= 32) {
      bytes[at++] = 0xd9;
      bytes[at++] = n;
    } else {
      bytes[at++] = 0xa0 | n;
    }
    for (let i = 0; i < n; i++) {
      const unit = s.charCodeAt(i);
      if (unit > 127) return appendLongText(this, s);
      bytes[at++] = unit;
    }
    this.length = at;
  }

  /** Appends bytes. */
  bin(b: Uint8Array): void {
    this.#sized(0xc4, b.length, b.length < 0x100 ? 1 : b.length < 0x10000 ? 2 : 4);
    this.raw(b);
  }

  /** Begins an array of `n` values; they have to follow. */
  arrayHeader(n: number): void {
    if (n < 16) this.#byte(0x90 | n);
    else this.#sized(0xdb, n, n < 0x10000 ? 2 : 4);
  }

  /** Begins a map of `n` pairs; they have to follow. */
  mapHeader(n: number): void {
    if (n < 16) this.#byte(0x80 | n);
    else this.#sized(0xdd, n, n < 0x10000 ? 2 : 4);
  }

  /** Begins an extension of type `code` (−128 … 127) with `n` bytes of payload; they have to follow. */
  extHeader(code: number, n: number): void {
    if (n === 1 || n === 2 || n === 4 || n === 8 || n === 16) this.#byte(0xd4 + Math.log2(n));
    else this.#sized(0xc7, n, n < 0x100 ? 1 : n < 0x10000 ? 2 : 4);
    this.#byte(code & 0xff);
  }

  /** Appends an extension of type `code` and its payload. */
  ext(code: number, data: Uint8Array): void {
    this.extHeader(code, data.length);
    this.raw(data);
  }

  /** Appends a path: ext 3, or ext 6 if it has a mark. */
  path(p: Path): void {
    this.pathOf(p.elements, p.mark);
  }

  /** Appends the path of these elements, which may be `depth` levels deep. */
  pathOf(elements: readonly PathElement[], mark: string = "", depth: number = depthMax): void {
    checkDepth(depth);
    const start = this.length;
    this.reserve(3);
    this.length += 3;
    if (mark !== "") this.str(mark);
    for (let i = 0; i < elements.length; i++) encodeElement(this, elements[i], depth - 1);
    this.#closeExt(start, mark === "" ? extPath : extMarkedPath);
  }

  /** Writes the header of an ext whose payload is there already, behind three bytes left for it. */
  #closeExt(start: number, code: number): void {
    const n = this.length - start - 3;
    this.reserve(3);
    const isFixed = n === 1 || n === 2 || n === 4 || n === 8 || n === 16;
    const header = isFixed ? 2 : n < 0x100 ? 3 : n < 0x10000 ? 4 : 6;
    if (header !== 3) this.bytes.copyWithin(start + header, start + 3, start + 3 + n);
    this.length = start;
    this.extHeader(code, n);
    this.length += n;
  }

  /** Appends bytes that are msgpack already. */
  raw(src: Uint8Array, start: number = 0, end: number = src.length): void {
    const n = end - start;
    this.reserve(n);
    const { bytes, length: at } = this;
    if (n > 48) bytes.set(n === src.length ? src : src.subarray(start, end), at);
    else for (let i = 0; i < n; i++) bytes[at + i] = src[start + i];
    this.length = at + n;
  }

  /**
   * Appends any value. If it throws, nothing was appended.
   * @throws {RequestError} If it cannot be encoded: nested too deep, half a surrogate pair, an integer below −2^63, …
   */
  value(v: Value | Raw): void {
    const start = this.length;
    try {
      encodeValue(this, v, depthMax);
    } catch (error) {
      this.length = start;
      throw error;
    }
  }

  #byte(b: number): void {
    if (this.length === this.#capacity) this.reserve(1);
    this.bytes[this.length++] = b;
  }

  /** Appends a head byte and a count of `size` bytes; `first` is the head of the one-byte form. */
  #sized(first: number, n: number, size: number): void {
    this.reserve(5);
    if (size === 2) this.length = write16(this.bytes, this.length, first + 1, n);
    else if (size === 4) this.length = write32(this.bytes, this.length, first + 2, n);
    else this.length = this.#pair(first, n);
  }

  #pair(first: number, second: number): number {
    this.bytes[this.length] = first;
    this.bytes[this.length + 1] = second;
    return this.length + 2;
  }
}

const shared = new Encoder(4096);

/**
 * The bytes of one value.
 *
 * @example
 * ```ts
 * import { encode } from "@moat/kv/wire";
 *
 * encode([1, 2]); // 92 01 02
 * ```
 * @throws {RequestError} If it cannot be encoded
 */
export function encode(v: Value | Raw): Uint8Array {
  const start = shared.length;
  shared.value(v);
  const bytes = shared.take(start);
  shared.length = start;
  if (start === 0) shared.reset();
  return bytes;
}

/** The bytes of a text that is written again and again, such as a key. */
export function preEncode(text: string): Uint8Array {
  return encode(text);
}
