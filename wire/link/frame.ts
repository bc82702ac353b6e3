/**
 * One frame on a serial line or TCP, as SerialPacker has it:
 *
 * ```text
 * 0x85 | length (1 or 2 bytes) | data (1 … dataBytesMax) | CRC high | CRC low
 * ```
 *
 * The length is one byte if the greatest length, which both ends have to agree on, is at most 255; else lengths from 128
 * up take two bytes, seven low bits first. Neither the start byte nor the length is covered by the checksum.
 *
 * Source: `spec/wire.md` 2.1.
 *
 * @module
 */

import { crc16 } from "./crc.ts";

/** What both ends have to agree on. */
export interface FrameForm {
  /** The byte that begins a frame. */
  readonly startByte: number;
  /** The most bytes of data, 1 … 32767. */
  readonly dataBytesMax: number;
}

/** The form of our own link, and SerialPacker's default. */
export const defaultForm: FrameForm = { startByte: 0x85, dataBytesMax: 127 };

/** The most bytes of a frame that are not data. */
export const frameBytesAround = 5;

/**
 * Puts `data` into a frame. `"Hi"` becomes `85 02 48 69 d8 ec`.
 * @throws {RangeError} If it is empty, or longer than the form allows
 */
export function encodeFrame(data: Uint8Array, form: FrameForm = defaultForm): Uint8Array {
  const { length } = data;
  if (length === 0 || length > form.dataBytesMax) {
    throw new RangeError(`A frame holds 1 to ${form.dataBytesMax} bytes, not ${length}`);
  }
  const isLong = form.dataBytesMax > 255 && length > 127;
  const head = isLong ? [form.startByte, 0x80 | length & 0x7f, length >> 7] : [form.startByte, length];
  const frame = new Uint8Array(head.length + length + 2);
  frame.set(head);
  frame.set(data, head.length);
  const crc = crc16(data);
  frame[frame.length - 2] = crc >> 8;
  frame[frame.length - 1] = crc & 0xff;
  return frame;
}

/** Where a frame's data lie. */
export interface FrameBounds {
  readonly dataStart: number;
  /** Behind the data; the frame ends two bytes later. */
  readonly dataEnd: number;
}

/**
 * Looks at the bytes from a start byte on.
 * @returns Where the data of an intact frame are, or that it is not complete yet, or that this is no frame
 */
export function findFrame(
  bytes: Uint8Array,
  start: number,
  end: number,
  form: FrameForm,
): FrameBounds | "incomplete" | "damaged" {
  if (start + 1 >= end) return "incomplete";
  let length = bytes[start + 1];
  let dataStart = start + 2;
  if (form.dataBytesMax > 255 && length > 127) {
    if (dataStart >= end) return "incomplete";
    length = length & 0x7f | bytes[dataStart++] << 7;
  }
  if (length === 0 || length > form.dataBytesMax) return "damaged";
  const dataEnd = dataStart + length;
  if (dataEnd + 2 > end) return "incomplete";
  const crc = bytes[dataEnd] << 8 | bytes[dataEnd + 1];
  return crc16(bytes, dataStart, dataEnd) === crc ? { dataStart, dataEnd } : "damaged";
}
