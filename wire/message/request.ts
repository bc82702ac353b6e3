/**
 * A request seen where it lies in the receive buffer: one pass notes where each field is, and nothing is decoded that
 * nobody asks for. One {@linkcode RequestView} per connection is used for all its requests.
 *
 * @module
 */

import { ProtocolError } from "../errors.ts";
import { requestFieldsMax } from "../limits.ts";
import { decode } from "../msgpack/decoder.ts";
import { isMapHead, isTextHead } from "../msgpack/head.ts";
import { skip } from "../msgpack/skip.ts";
import { internText } from "../path/interned_text.ts";
import type { Value } from "../value.ts";
import { fieldCount, fieldSlot, matchField, slots } from "./field.ts";
import { read16, read32, readInteger, readText, textStart } from "./scalar.ts";

/**
 * One request. Valid until the buffer changes or the next {@linkcode scanRequest} on this view; `value()` and the
 * other readers decode copies.
 */
export class RequestView {
  /** The buffer of the message. */
  bytes: Uint8Array = new Uint8Array(0);
  /** Where the message begins. */
  start = 0;
  /** Where it ends. */
  end = 0;
  /** Whether the message is a map; if not, it has no fields. */
  isMap = false;
  /** `seq` if it is an integer within ±2^53, else NaN. */
  seq: number = NaN;
  /** Where the value of each field with a slot begins; valid for the bits in `present`. */
  readonly starts: Int32Array = new Int32Array(fieldCount);
  /** Where it ends. */
  readonly ends: Int32Array = new Int32Array(fieldCount);
  /** Bit `i`: the field of slot `i` is there. */
  present = 0;
  /** Fields without a slot: key start, key end, value start, value end of each. */
  readonly others: number[] = [];
  /** How many fields without a slot there are. */
  otherCount = 0;

  /** What was asked for, `""` if there is no `action` or it is no text. */
  get action(): string {
    return this.#short(slots.action);
  }

  /** `start`, `end`, `ack`, or `""`. */
  get state(): string {
    return this.#short(slots.state);
  }

  /** The `wseq` acknowledged, or NaN. */
  get ack(): number {
    return this.#integer(slots.ack, NaN);
  }

  /** Where `seq` begins; −1 if there is none. It is echoed as it came. */
  get seqStart(): number {
    return this.#start(slots.seq);
  }
  /** Where `seq` ends. */
  get seqEnd(): number {
    return this.#end(slots.seq);
  }
  /** `seq` as a key for a table of streams: the integer, or the bytes as text, one character per byte. */
  get seqKey(): number | string {
    if (!Number.isNaN(this.seq)) return this.seq;
    return Array.from(this.bytes.subarray(this.seqStart, this.seqEnd), (byte) => String.fromCharCode(byte)).join("");
  }

  /** Where `path` begins; −1 if there is none. */
  get pathStart(): number {
    return this.#start(slots.path);
  }
  /** Where `path` ends. */
  get pathEnd(): number {
    return this.#end(slots.path);
  }
  /** Where `value` begins; −1 if there is none. */
  get valueStart(): number {
    return this.#start(slots.value);
  }
  /** Where `value` ends. */
  get valueEnd(): number {
    return this.#end(slots.value);
  }

  /** Whether there is such a field, even if it is nil. */
  has(name: string): boolean {
    return this.rawStart(name) >= 0;
  }

  /** Where the value of a field begins; −1 if there is none. */
  rawStart(name: string): number {
    const slot = fieldSlot(name);
    if (slot >= 0) return this.#start(slot);
    const other = this.#other(name);
    return other < 0 ? -1 : this.others[other + 2];
  }

  /** Where the value of a field ends. */
  rawEnd(name: string): number {
    const slot = fieldSlot(name);
    if (slot >= 0) return this.#end(slot);
    const other = this.#other(name);
    return other < 0 ? -1 : this.others[other + 3];
  }

  /** A field's value, decoded. */
  value(name: string): Value | undefined {
    const start = this.rawStart(name);
    return start < 0 ? undefined : decode(this.bytes, start, this.rawEnd(name));
  }

  /**
   * A field that is an integer; `fallback` if it is absent or nil, NaN if it is something else. True is 1 and false 0, as
   * in Python: the original's command line sends `nchain: false`.
   */
  int(name: string, fallback: number): number {
    const start = this.rawStart(name);
    const first = start < 0 ? 0xc0 : this.bytes[start];
    if (first === 0xc0) return fallback;
    return first === 0xc2 || first === 0xc3 ? first - 0xc2 : readInteger(this.bytes, start);
  }

  /** A field as truth, the way Python sees it: nil, 0, "" and empty containers are false; absent is `fallback`. */
  bool(name: string, fallback: boolean): boolean {
    const start = this.rawStart(name);
    if (start < 0) return fallback;
    const first = this.bytes[start];
    if (first === 0xc3) return true;
    return first !== 0xc2 && first !== 0xc0 && first !== 0 && first !== 0x80 && first !== 0x90 && first !== 0xa0;
  }

  /** A field that is a text; undefined if it is absent or something else. */
  text(name: string): string | undefined {
    const start = this.rawStart(name);
    return start < 0 ? undefined : readText(this.bytes, start, this.rawEnd(name));
  }

  #start(slot: number): number {
    return (this.present >>> slot & 1) === 1 ? this.starts[slot] : -1;
  }

  #end(slot: number): number {
    return (this.present >>> slot & 1) === 1 ? this.ends[slot] : -1;
  }

  #short(slot: number): string {
    const start = this.#start(slot);
    if (start < 0) return "";
    const first = this.bytes[start];
    if ((first & 0xe0) === 0xa0) return internText(this.bytes, start + 1, start + 1 + (first & 31));
    return readText(this.bytes, start, this.ends[slot]) ?? "";
  }

  #integer(slot: number, fallback: number): number {
    const start = this.#start(slot);
    return start < 0 ? fallback : readInteger(this.bytes, start);
  }

  #other(name: string): number {
    for (let i = (this.otherCount - 1) * 4; i >= 0; i -= 4) {
      if (readText(this.bytes, this.others[i], this.others[i + 1]) === name) return i;
    }
    return -1;
  }
}

/**
 * Reads one message from `bytes` between `start` and `end` into `view`.
 * @returns The offset behind the message, or −1 if it goes beyond `end`
 * @throws {ProtocolError} If it is malformed
 */
export function scanRequest(bytes: Uint8Array, start: number, end: number, view: RequestView): number {
  view.bytes = bytes;
  view.start = start;
  view.present = 0;
  view.otherCount = 0;
  view.seq = NaN;
  if (start >= end) return -1;
  const first = bytes[start];
  view.isMap = isMapHead(first);
  const next = view.isMap ? scanFields(bytes, start, end, view) : skip(bytes, start, end);
  if (next < 0) return -1;
  view.end = next;
  if ((view.present & 1 << slots.seq) !== 0) {
    const seq = readInteger(bytes, view.starts[slots.seq]);
    if (Number.isSafeInteger(seq)) view.seq = seq;
  }
  return next;
}

function scanFields(bytes: Uint8Array, start: number, end: number, view: RequestView): number {
  const first = bytes[start];
  const size = first === 0xde ? 2 : first === 0xdf ? 4 : 0;
  if (start + size >= end) return -1;
  let count = first & 15;
  if (size > 0) count = size === 2 ? read16(bytes, start + 1) : read32(bytes, start + 1);
  let at = start + 1 + size;
  let checked = false;
  while (count-- > 0) {
    if (at >= end) return -1;
    let slot = shortKeySlot(bytes, at, end);
    if (slot < 0 && !isTextHead(bytes[at]) && !checked) {
      if (skip(bytes, start, end) < 0) return -1; // a key may hold a map, which only the walk over the whole map refuses
      checked = true;
    }
    const valueStart = slot >= 0 ? at + 1 + (bytes[at] & 31) : skip(bytes, at, end);
    if (valueStart < 0) return -1;
    if (slot < 0 && bytes[at] >= 0xd9 && bytes[at] <= 0xdb) slot = matchField(bytes, textStart(bytes, at), valueStart);
    const valueEnd = skipValue(bytes, valueStart, end);
    if (valueEnd < 0) return -1;
    if (slot < 0) noteOther(view, at, valueStart, valueEnd);
    else {
      view.present |= 1 << slot;
      view.starts[slot] = valueStart;
      view.ends[slot] = valueEnd;
    }
    at = valueEnd;
  }
  return at;
}

/** The slot of the key at `at`; −1 if it has none, is no short text or is cut off. */
function shortKeySlot(bytes: Uint8Array, at: number, end: number): number {
  const first = bytes[at];
  const keyEnd = at + 1 + (first & 31);
  return (first & 0xe0) === 0xa0 && keyEnd > at + 1 && keyEnd <= end ? matchField(bytes, at + 1, keyEnd) : -1;
}

/** As `skip`, with a short way for the usual small values. */
function skipValue(bytes: Uint8Array, at: number, end: number): number {
  if (at >= end) return -1;
  const first = bytes[at];
  if (first < 0x80 || first >= 0xe0 || first === 0xc0 || first === 0xc2 || first === 0xc3) return at + 1;
  if ((first & 0xe0) === 0xa0) {
    const textEnd = at + 1 + (first & 31);
    if (textEnd > end) return -1;
    let i = at + 1;
    while (i < textEnd && bytes[i] < 0x80) i++;
    if (i === textEnd) return textEnd;
  } else if (first >= 0xcc && first <= 0xcf) {
    const next = at + 1 + (1 << (first - 0xcc));
    return next <= end ? next : -1;
  }
  return skip(bytes, at, end);
}

function noteOther(view: RequestView, keyStart: number, valueStart: number, valueEnd: number): void {
  if (view.otherCount === requestFieldsMax) {
    throw new ProtocolError(`A request has more than ${requestFieldsMax} unknown fields`, keyStart);
  }
  const other = view.otherCount++ * 4;
  view.others[other] = keyStart;
  view.others[other + 1] = valueStart;
  view.others[other + 2] = valueStart;
  view.others[other + 3] = valueEnd;
}
