/**
 * Requests to bytes.
 *
 * @module
 */

import type { Encoder } from "../wire/msgpack/encoder.ts";
import { preEncode } from "../wire/msgpack/encoder.ts";
import type { Fields } from "./reply.ts";

/** Names that were encoded before. Programs use few; this many are kept. */
const namesMax = 500;
const names = new Map<string, Uint8Array>();

function nameBytes(name: string): Uint8Array {
  let bytes = names.get(name);
  if (bytes === undefined) {
    bytes = preEncode(name);
    if (names.size < namesMax) names.set(name, bytes);
  }
  return bytes;
}

const seqKey = preEncode("seq");
const actionKey = preEncode("action");

/**
 * Appends one message: `{seq, action, …fields}`; `action` is left out if it is empty. If a field cannot be encoded,
 * nothing is appended.
 * @throws {RequestError} If a field cannot be encoded
 */
export function writeMessage(encoder: Encoder, seq: number, action: string, fields: Fields): void {
  const start = encoder.length;
  let count = action === "" ? 1 : 2;
  for (const name in fields) if (fields[name] !== undefined) count++;
  encoder.mapHeader(count);
  encoder.raw(seqKey);
  encoder.int(seq);
  try {
    if (action !== "") {
      encoder.raw(actionKey);
      encoder.raw(nameBytes(action));
    }
    for (const name in fields) {
      const value = fields[name];
      if (value === undefined) continue;
      encoder.raw(nameBytes(name));
      encoder.value(value);
    }
  } catch (error) {
    encoder.truncate(start);
    throw error;
  }
}
