/**
 * Reads path elements from msgpack bytes as keys, without building the path.
 *
 * @module
 */

import { ProtocolError, RequestError } from "../errors.ts";
import { depthMax } from "../limits.ts";
import { isExtHead, isMapHead, isTextHead } from "../msgpack/head.ts";
import { internText } from "./interned_text.ts";
import { type ElementKey, elementOf, keyObjectOf } from "./key_object.ts";
import { integerElement, numberElement, Path, type PathElement } from "./path.ts";

/** Walks over the elements of one encoded path at a time. */
export class ElementReader {
  #bytes: Uint8Array = new Uint8Array(0);
  #view: DataView = new DataView(this.#bytes.buffer);
  #at = 0;
  #end = 0;
  /** Elements left if the path is an array, −1 if it ends where its bytes end. */
  #left = 0;

  /** Starts on the path between `start` and `end`. */
  open(bytes: Uint8Array, start: number, end: number): void {
    this.openElements(bytes, start, end, 0);
    this.#left = this.#openSequence("path");
  }

  /** Starts on `count` elements that begin at `start`, the last ones of a path. */
  openElements(bytes: Uint8Array, start: number, end: number, count: number): void {
    if (bytes.buffer !== this.#view.buffer || bytes.byteOffset !== this.#view.byteOffset) {
      this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    }
    this.#bytes = bytes;
    this.#at = start;
    this.#end = end;
    this.#left = count;
  }

  /** Where the next element begins; behind the path when it was read to its end. */
  get at(): number {
    return this.#at;
  }

  /** Whether another element follows. */
  more(): boolean {
    return this.#left < 0 ? this.#at < this.#end : this.#left > 0;
  }

  /** The next element's key. */
  key(): ElementKey {
    if (this.#left > 0) this.#left--;
    const first = this.#first();
    if ((first & 0xe0) === 0xa0) {
      const start = this.#at + 1;
      this.#at = this.#within(start + (first & 31));
      return internText(this.#bytes, start, this.#at);
    }
    if (first < 0x80) return this.#at++, first;
    return this.#other(0);
  }

  /** Reads the head of a path or tuple and returns its count, or −1 if it is an ext, whose end is then `#end`. */
  #openSequence(what: string): number {
    const first = this.#first();
    if (first >= 0x90 && first <= 0x9f) return this.#at++, first & 15;
    if (first === 0xdc) return this.#count(2);
    if (first === 0xdd) return this.#count(4);
    return this.#openExt(first, what);
  }

  #openExt(first: number, what: string): number {
    let length = -1;
    if (first >= 0xd4 && first <= 0xd8) (length = 1 << (first - 0xd4)), this.#at++;
    else if (first >= 0xc7 && first <= 0xc9) length = this.#count(1 << (first - 0xc7));
    const code = length < 0 ? -1 : this.#bytes[this.#at++];
    if (code !== 3 && code !== 6) throw new RequestError("request", refusal(first, what));
    this.#end = this.#within(this.#at + length);
    if (code === 6) this.#element(0); // the mark, which names nothing
    return -1;
  }

  #element(depth: number): ElementKey {
    const first = this.#first();
    if (first >= 0xa0 && first <= 0xbf) return this.#at++, this.#text(first & 31);
    if (first < 0x80) return this.#at++, first;
    return this.#other(depth);
  }

  #other(depth: number): ElementKey {
    const first = this.#bytes[this.#at];
    if (first >= 0xe0) return this.#at++, first - 256;
    switch (first) {
      case 0xc0:
        return this.#at++, null;
      case 0xc2:
      case 0xc3:
        return this.#at++, first === 0xc3;
      case 0xd9:
      case 0xda:
      case 0xdb:
        return this.#text(this.#count(1 << (first - 0xd9)));
      case 0xc4:
      case 0xc5:
      case 0xc6:
        return this.#binary(this.#count(1 << (first - 0xc4)));
    }
    if (first >= 0xca && first <= 0xd3) return this.#number(first);
    if (isBignum(this.#bytes, this.#at)) return this.#bignum(first);
    return this.#tuple(depth);
  }

  #number(first: number): number | bigint {
    const at = this.#at + 1;
    this.#at = this.#within(at + numberSizes[first - 0xca]);
    switch (first) {
      case 0xca:
        return numberElement(this.#view.getFloat32(at));
      case 0xcb:
        return numberElement(this.#view.getFloat64(at));
      case 0xcc:
        return this.#bytes[at];
      case 0xcd:
        return this.#view.getUint16(at);
      case 0xce:
        return this.#view.getUint32(at);
      case 0xcf:
        return integerElement(this.#view.getBigUint64(at));
      case 0xd0:
        return this.#view.getInt8(at);
      case 0xd1:
        return this.#view.getInt16(at);
      case 0xd2:
        return this.#view.getInt32(at);
      default:
        return integerElement(this.#view.getBigInt64(at));
    }
  }

  #bignum(first: number): number | bigint {
    const length = first >= 0xd4 ? (this.#at++, 1 << (first - 0xd4)) : this.#count(1 << (first - 0xc7));
    const start = this.#at + 1;
    this.#at = this.#within(start + length);
    let n = 0n;
    for (let i = start; i < this.#at; i++) n = n << 8n | BigInt(this.#bytes[i]);
    return integerElement(n);
  }

  #text(length: number): string {
    const start = this.#at;
    this.#at = this.#within(start + length);
    return internText(this.#bytes, start, this.#at);
  }

  #binary(length: number): ElementKey {
    const start = this.#at;
    this.#at = this.#within(start + length);
    return keyObjectOf(this.#bytes.subarray(start, this.#at));
  }

  #tuple(depth: number): ElementKey {
    if (depth === depthMax) throw new RequestError("value", `The path is nested deeper than ${depthMax}`);
    const outerEnd = this.#end;
    const count = this.#openSequence("path element");
    const elements: PathElement[] = [];
    while (count < 0 ? this.#at < this.#end : elements.length < count) {
      elements.push(elementOf(this.#element(depth + 1)));
    }
    this.#end = outerEnd;
    return keyObjectOf(Path.from(elements));
  }

  /** Reads a big-endian length of `size` bytes behind the head byte. */
  #count(size: number): number {
    const at = this.#at + 1;
    this.#at = this.#within(at + size);
    if (size === 1) return this.#bytes[at];
    return size === 2 ? this.#view.getUint16(at) : this.#view.getUint32(at);
  }

  /** The byte that says what comes next. */
  #first(): number {
    if (this.#at >= this.#end) throw new ProtocolError("The path is cut off", this.#end);
    return this.#bytes[this.#at];
  }

  #within(offset: number): number {
    if (offset > this.#end) throw new ProtocolError("The path is cut off", this.#end);
    return offset;
  }
}

/** Bytes behind the head byte, from float 32 (`ca`) to int 64 (`d3`). */
const numberSizes = [4, 8, 1, 2, 4, 8, 1, 2, 4, 8];

/** Whether an ext 2 begins at `at`. */
function isBignum(bytes: Uint8Array, at: number): boolean {
  const first = bytes[at];
  if (first >= 0xd4 && first <= 0xd8) return bytes[at + 1] === 2;
  return first >= 0xc7 && first <= 0xc9 && bytes[at + 1 + (1 << (first - 0xc7))] === 2;
}

function refusal(first: number, what: string): string {
  if (what === "path" && isTextHead(first)) return "A path must be a Path or an array, not a text";
  return `A ${what} cannot be ${
    isMapHead(first) ? "a map" : isExtHead(first) ? "an extension type" : "a single value"
  }`;
}
