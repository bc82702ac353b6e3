/**
 * The first byte of a frame's data: `TTSSSRRR`.
 *
 * | TT | kind | SSS | RRR |
 * | --- | --- | --- | --- |
 * | 00 | data | number of this frame | number expected next |
 * | 01 | ack | number to be sent next | number expected next |
 * | 11 | control, of the session | 0 | 0 |
 * | 10 | none of ours: a msgpack map or list, as MoaT-micro sends it | | |
 *
 * An ack may have a second byte: bits 0 … 2 say which frames behind the expected one have arrived, bit 6 that the sender
 * takes nothing for a while, bit 7 that it has just dropped something damaged.
 *
 * Source: `spec/satellite.md` 3.2.
 *
 * @module
 */

/** What a frame is, by its first byte. */
export type FrameKind = "data" | "ack" | "control" | "foreign";

/** Frames are numbered modulo this. */
export const numbers = 8;

/** Frames that may be on their way. */
export const windowFrames = 4;

/** The first byte of control frames. */
export const controlHead = 0xc0;

/** Bits of the second byte of an ack. */
export const ackFlags = { arrived: 0x07, busy: 0x40, damaged: 0x80 } as const;

const kinds: readonly FrameKind[] = ["data", "ack", "foreign", "control"];

/** What the frame is that begins with `head`. */
export function kindOf(head: number): FrameKind {
  return kinds[head >> 6];
}

/** The first byte of a data frame. */
export function dataHead(sequence: number, expected: number): number {
  return sequence % numbers << 3 | expected % numbers;
}

/** The first byte of an ack. */
export function ackHead(next: number, expected: number): number {
  return 0x40 | dataHead(next, expected);
}

/** How far `SSS` is ahead of `base`, 0 … 7. */
export function aheadOf(base: number, head: number): number {
  return ((head >> 3 & 7) - base % numbers + numbers) % numbers;
}

/** How far `RRR` is ahead of `base`, 0 … 7. */
export function expectedAheadOf(base: number, head: number): number {
  return ((head & 7) - base % numbers + numbers) % numbers;
}
