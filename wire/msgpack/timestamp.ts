/**
 * Timestamps (ext −1) in their three forms.
 *
 * | bytes | content |
 * | --- | --- |
 * | 4 | seconds, unsigned |
 * | 8 | nanoseconds (30 bits), seconds (34 bits) |
 * | 12 | nanoseconds (32 bits), seconds (64 bits, signed) |
 *
 * @module
 */

import { ProtocolError, RequestError } from "../errors.ts";
import { Timestamp } from "../value.ts";

const nanosecondsEnd = 1_000_000_000;

/** The shortest of the three forms. */
export function timestampBytes({ seconds, nanoseconds }: Timestamp): Uint8Array {
  check(seconds, nanoseconds);
  if (seconds >> 34n !== 0n) {
    const view = new DataView(new ArrayBuffer(12));
    view.setUint32(0, nanoseconds);
    view.setBigInt64(4, seconds);
    return new Uint8Array(view.buffer);
  }
  const view = new DataView(new ArrayBuffer(8));
  view.setBigUint64(0, BigInt(nanoseconds) << 34n | seconds);
  const isShort = nanoseconds === 0 && seconds >> 32n === 0n;
  return new Uint8Array(view.buffer, isShort ? 4 : 0);
}

/**
 * Reads any of the three forms.
 * @throws {ProtocolError} If the length or the nanoseconds are wrong; its offset is less `base`
 */
export function readTimestamp(bytes: Uint8Array, start: number, end: number, base = 0): Timestamp {
  checkTimestamp(bytes, start, end, base);
  const view = new DataView(bytes.buffer, bytes.byteOffset + start, end - start);
  if (end - start === 4) return new Timestamp(BigInt(view.getUint32(0)), 0);
  if (end - start === 12) return new Timestamp(view.getBigInt64(4), view.getUint32(0));
  const both = view.getBigUint64(0);
  return new Timestamp(both & 0x3_ffff_ffffn, Number(both >> 34n));
}

/** Throws if the bytes are none of the three forms; allocates nothing. */
export function checkTimestamp(bytes: Uint8Array, start: number, end: number, base = 0): void {
  const length = end - start;
  if (length === 4) return;
  if (length !== 8 && length !== 12) {
    throw new ProtocolError(`A timestamp has 4, 8 or 12 bytes, not ${length},`, start - base);
  }
  const word = (bytes[start] << 24 | bytes[start + 1] << 16 | bytes[start + 2] << 8 | bytes[start + 3]) >>> 0;
  const nanoseconds = length === 8 ? word >>> 2 : word;
  if (nanoseconds >= nanosecondsEnd) {
    throw new ProtocolError(`A timestamp has less than 10^9 nanoseconds, not ${nanoseconds},`, start - base);
  }
}

function check(seconds: bigint, nanoseconds: number): void {
  if (BigInt.asIntN(64, seconds) !== seconds) {
    throw new RequestError("value", `Cannot encode a timestamp of ${seconds} seconds: they need more than 64 bits`);
  }
  if (!Number.isInteger(nanoseconds) || nanoseconds < 0 || nanoseconds >= nanosecondsEnd) {
    throw new RequestError("value", `Cannot encode a timestamp of ${nanoseconds} nanoseconds`);
  }
}
