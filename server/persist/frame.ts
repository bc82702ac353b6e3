/**
 * Frames: how records lie in a log or snapshot.
 *
 * | bytes | what |
 * | --- | --- |
 * | 4 | `length << 4 \| check`, exclusive-or the file's salt, little endian; `check` is the exclusive-or of the length's seven nibbles |
 * | 4 | CRC-32 of the payload, begun with the salt, little endian |
 * | length | the payload: at least two bytes, msgpack arrays whose first element is a small integer |
 *
 * The check makes a torn record (its length is right, its end is missing) different from a damaged one. The salt is
 * secret, random per directory and mixed with the file's name: what clients store can never look like a frame, nor can a
 * block that a file system left over from another file.
 *
 * @module
 */

import type { Encoder } from "../../wire/msgpack/encoder.ts";
import { crc32 } from "./crc32.ts";

/** Bytes before each payload. */
export const frameHeaderBytes = 8;

/** The shortest payload. */
export const payloadBytesMin = 2;

/** One payload at most (28 bits). */
export const payloadBytesMax: number = 2 ** 28 - 1;

/** Leaves room for a header; returns where the frame begins. */
export function openFrame(encoder: Encoder): number {
  encoder.reserve(frameHeaderBytes);
  const start = encoder.length;
  encoder.length = start + frameHeaderBytes;
  return start;
}

/** Writes the header of the frame that began at `start`: everything behind it is its payload. */
export function closeFrame(encoder: Encoder, start: number, salt: number): void {
  const { bytes, length: end } = encoder;
  const from = start + frameHeaderBytes;
  writeWord(bytes, start, lengthWord(end - from) ^ salt);
  writeWord(bytes, start + 4, crc32(bytes, from, end, salt));
}

/** What the first word of a header says: the payload's length, or −1 if the word cannot be one. */
export function frameLength(bytes: Uint8Array, at: number, salt: number): number {
  const word = readWord(bytes, at) ^ salt;
  const length = word >>> 4;
  return length >= payloadBytesMin && word === lengthWord(length) ? length : -1;
}

/** Whether the frame at `at`, whose payload of `length` bytes is there, is intact. */
export function frameIsIntact(bytes: Uint8Array, at: number, length: number, salt: number): boolean {
  const from = at + frameHeaderBytes;
  return readWord(bytes, at + 4) === crc32(bytes, from, from + length, salt);
}

/** Whether a payload may begin at `at`: cheap to test, before a checksum is computed. */
export function looksLikePayload(bytes: Uint8Array, at: number): boolean {
  return (bytes[at] & 0xf0) === 0x90 && bytes[at + 1] < 0x20;
}

/**
 * The salt of one file. Never one for which a word of zeros, as a file system leaves behind after a power cut, would be
 * a header.
 */
export function fileSalt(directorySalt: number, name: string): number {
  const text = new TextEncoder().encode(name);
  const salt = crc32(text, 0, text.length, directorySalt);
  return lengthWord(salt >>> 4) === salt ? salt ^ 1 : salt;
}

function lengthWord(length: number): number {
  const half = length ^ length >>> 16;
  const quarter = half ^ half >>> 8;
  return length << 4 | (quarter ^ quarter >>> 4) & 15;
}

/** Reads 32 bits, little endian, as a signed integer. */
export function readWord(bytes: Uint8Array, at: number): number {
  return bytes[at] | bytes[at + 1] << 8 | bytes[at + 2] << 16 | bytes[at + 3] << 24;
}

/** Writes 32 bits, little endian. */
export function writeWord(bytes: Uint8Array, at: number, word: number): void {
  bytes[at] = word;
  bytes[at + 1] = word >>> 8;
  bytes[at + 2] = word >>> 16;
  bytes[at + 3] = word >>> 24;
}
