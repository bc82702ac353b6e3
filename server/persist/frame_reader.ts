/**
 * Reads the frames of one file, and finds its way again behind damage.
 *
 * @module
 */

import { DiskError, type DiskFile } from "./file_system.ts";
import { frameHeaderBytes, frameIsIntact, frameLength, looksLikePayload, payloadBytesMin } from "./frame.ts";

const windowBytes = 1024 * 1024;
const sectorBytes = 4096;

/**
 * What {@linkcode FrameReader.next} found: a `frame`; bytes that are `damaged` (reading goes on behind them); a `torn`
 * last frame, whose end was never written; or the `end`.
 */
export type FrameOutcome = "frame" | "damaged" | "torn" | "end";

/** Reads a file from one end to the other through a window that grows only for a frame that is really there. */
export class FrameReader {
  /** The payload of the current frame is `bytes[start … end)`, until the next call. */
  bytes: Uint8Array = new Uint8Array(windowBytes);
  start = 0;
  end = 0;
  /** What the last outcome is about, as positions in the file. */
  from = 0;
  to: number;
  readonly #size: number;
  /** Position in the file of `bytes[0]`, and how many bytes are valid. */
  #base = 0;
  #filled = 0;

  /** @param file Where to read @param salt The file's @param from Where the first frame begins */
  constructor(private readonly file: DiskFile, private readonly salt: number, from: number) {
    this.to = from;
    this.#size = file.size();
  }

  /** Goes to the next frame. @throws {DiskError} If the file cannot be read */
  next(): FrameOutcome {
    this.from = this.to;
    const left = this.#size - this.from;
    if (left === 0) return "end";
    const length = this.#lengthAt(this.from);
    if (length >= 0 && this.#isFrame(this.from, length)) return "frame";
    this.#resynchronise();
    const isTorn = left < frameHeaderBytes || length > left - frameHeaderBytes;
    return this.to === this.#size && isTorn ? "torn" : "damaged";
  }

  /** The payload length that a header at `position` claims, −1 if there cannot be a header. */
  #lengthAt(position: number): number {
    if (position + frameHeaderBytes > this.#size) return -1;
    return frameLength(this.bytes, this.#show(position, frameHeaderBytes), this.salt);
  }

  #isFrame(position: number, length: number): boolean {
    const total = frameHeaderBytes + length;
    if (position + total > this.#size) return false;
    if (!looksLikePayload(this.bytes, this.#show(position, frameHeaderBytes + payloadBytesMin) + frameHeaderBytes)) {
      return false;
    }
    const at = this.#show(position, total);
    if (!frameIsIntact(this.bytes, at, length, this.salt)) return false;
    this.start = at + frameHeaderBytes;
    this.end = this.start + length;
    this.to = position + total;
    return true;
  }

  /** Sets `to` to the next position behind `from` where an intact frame begins, or to the end of the file. */
  #resynchronise(): void {
    for (let position = this.from + 1; position < this.#size; position++) {
      const length = this.#lengthAt(position);
      if (length >= 0 && this.#isFrame(position, length)) {
        this.to = position;
        return;
      }
    }
    this.to = this.#size;
  }

  /** Brings `n` bytes from `position` on into the window, if they are not there; returns their place in it. */
  #show(position: number, n: number): number {
    const at = position - this.#base;
    if (at + n <= this.#filled) return at;
    const kept = this.bytes.subarray(Math.min(at, this.#filled), this.#filled);
    const next = n > windowBytes
      ? new Uint8Array(n)
      : this.bytes.length > windowBytes
      ? new Uint8Array(windowBytes)
      : this.bytes;
    next.set(kept);
    this.bytes = next;
    this.#base = position;
    this.#filled = kept.length;
    while (this.#filled < n) this.#filled += readSome(this.file, next.subarray(this.#filled), position + this.#filled);
    return 0;
  }
}

/** Reads at least one byte. What the disk cannot read becomes zeros, which the checksum will notice. */
function readSome(file: DiskFile, into: Uint8Array, position: number): number {
  try {
    const got = file.read(into, position);
    if (got > 0) return got;
  } catch (error) {
    if (!(error instanceof DiskError)) throw error;
    const sector = into.subarray(0, sectorBytes - position % sectorBytes);
    if (into.length > sector.length) return readSome(file, sector, position);
    sector.fill(0);
    return sector.length;
  }
  throw new DiskError("io", `${file.name} became shorter while it was read`);
}
