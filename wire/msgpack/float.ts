/**
 * Floats of 32 and 64 bits, read without a view of their buffer.
 *
 * @module
 */

const scratch = new DataView(new ArrayBuffer(8));
const scratchBytes = new Uint8Array(scratch.buffer);

/** The float of `size` (4 or 8) bytes at `at`. */
export function readFloat(bytes: Uint8Array, at: number, size: number): number {
  for (let i = 0; i < size; i++) scratchBytes[i] = bytes[at + i];
  return size === 4 ? scratch.getFloat32(0) : scratch.getFloat64(0);
}
