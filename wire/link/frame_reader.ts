/**
 * Finds frames in a stream of bytes, and hands out what lies between them as console text.
 *
 * What turns out to be no frame (a bad length, a bad checksum, a silence in the middle) costs one byte: the rest is looked
 * through again, so that no intact frame behind it is lost.
 *
 * A start byte that continues a character in UTF-8 (`c3 85` is "Å") is only doubted, not passed over: damage may just as
 * well have put that `c3` in front of a frame. While such a frame is not complete, an intact one behind it counts.
 *
 * Source: `spec/wire.md` 2.5, 2.6.
 *
 * @module
 */

import { defaultForm, findFrame, type FrameBounds, frameBytesAround, type FrameForm } from "./frame.ts";

/** Where the parts of the stream go. The bytes are valid during the call only. */
export interface FrameSink {
  /** The data of an intact frame. */
  frame(data: Uint8Array): void;
  /** Bytes that belong to no frame. */
  console(bytes: Uint8Array): void;
  /** Something began like a frame and was none. */
  damaged?(): void;
}

/** What may differ from line to line. */
export interface FrameReaderOptions {
  readonly form?: FrameForm;
  /** A frame whose bytes stop coming for so long is damaged. */
  readonly gapMs?: number;
}

/** Takes a stream apart. Holds at most one frame. */
export class FrameReader {
  /** Intact frames so far. */
  frames = 0;
  /** What began like a frame and was none. */
  damagedFrames = 0;
  /** Bytes that belonged to no frame. */
  consoleBytes = 0;
  readonly #sink: FrameSink;
  readonly #form: FrameForm;
  readonly #gapMs: number;
  readonly #held: Uint8Array;
  #at = 0;
  #end = 0;
  /** Bytes that continue the character under way. */
  #continuing = 0;
  #lastByteMs = -Infinity;

  constructor(sink: FrameSink, options: FrameReaderOptions = {}) {
    this.#sink = sink;
    this.#form = options.form ?? defaultForm;
    this.#gapMs = options.gapMs ?? 100;
    this.#held = new Uint8Array(2 * (this.#form.dataBytesMax + frameBytesAround));
  }

  /** When {@linkcode FrameReader.time} wants to be called; Infinity: no frame is under way. */
  get wakeAtMs(): number {
    return this.#at < this.#end ? this.#lastByteMs + this.#gapMs : Infinity;
  }

  /** Takes bytes that came at `nowMs`, a clock that never goes back. */
  push(bytes: Uint8Array, nowMs: number): void {
    this.time(nowMs);
    this.#lastByteMs = nowMs;
    for (let taken = 0; taken < bytes.length;) {
      this.#compact();
      const part = bytes.subarray(taken, taken + this.#held.length - this.#end);
      this.#held.set(part, this.#end);
      this.#end += part.length;
      taken += part.length;
      this.#scan(false);
    }
  }

  /** Gives a frame up whose bytes stopped coming. */
  time(nowMs: number): void {
    if (nowMs >= this.wakeAtMs) this.#scan(true);
  }

  #compact(): void {
    if (this.#at === 0) return;
    this.#held.copyWithin(0, this.#at, this.#end);
    this.#end -= this.#at;
    this.#at = 0;
  }

  /** Goes on until everything is told apart, or a frame is incomplete; with `isLast` none will be completed. */
  #scan(isLast: boolean): void {
    const { startByte } = this.#form;
    while (this.#at < this.#end) {
      const next = this.#held.indexOf(startByte, this.#at);
      if (next < 0 || next >= this.#end) return this.#text(this.#end);
      if (next > this.#at) this.#text(next);
      const found = findFrame(this.#held, this.#at, this.#end, this.#form);
      if (typeof found === "object") this.#deliver(found);
      else if (found === "damaged" || isLast) this.#notAFrame();
      else if (this.#continuing === 0 || !this.#skipDoubtful()) return;
    }
  }

  #deliver({ dataStart, dataEnd }: FrameBounds): void {
    this.frames++;
    this.#continuing = 0;
    this.#at = dataEnd + 2;
    this.#sink.frame(this.#held.subarray(dataStart, dataEnd));
  }

  /** The start byte was text. */
  #notAFrame(): void {
    if (this.#continuing === 0) {
      this.damagedFrames++;
      this.#sink.damaged?.();
    }
    this.#text(this.#at + 1);
  }

  /** Whether a whole frame lies behind a start byte that is probably text; what is in front of it is text then. */
  #skipDoubtful(): boolean {
    for (let at = this.#at + 1; at < this.#end; at++) {
      if (this.#held[at] !== this.#form.startByte) continue;
      if (typeof findFrame(this.#held, at, this.#end, this.#form) !== "object") continue;
      this.#text(at);
      return true;
    }
    return false;
  }

  #text(end: number): void {
    const bytes = this.#held.subarray(this.#at, end);
    for (const byte of bytes) this.#continuing = continuationsAfter(byte, this.#continuing);
    this.consoleBytes += bytes.length;
    this.#at = end;
    this.#sink.console(bytes);
  }
}

/** How many bytes still continue the character of UTF-8 that `byte` begins or goes on with. */
function continuationsAfter(byte: number, before: number): number {
  if (byte >= 0x80 && byte < 0xc0) return Math.max(0, before - 1);
  if (byte < 0xc0 || byte > 0xf7) return 0;
  return byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : 3;
}
