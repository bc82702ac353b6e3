/**
 * What a client may store as a converter: `{codec: PATH}`. The codec need not exist yet.
 *
 * Source: `spec/client-protocol.md` 6.4.
 *
 * @module
 */

import { decode } from "../../../wire/msgpack/decoder.ts";
import { encode } from "../../../wire/msgpack/encoder.ts";
import type { ElementKey } from "../../../wire/path/keys.ts";
import { repr } from "../../../wire/repr.ts";
import { fieldsOf, pathIn } from "../record.ts";
import { pythonError } from "../stored_error.ts";

/**
 * Refuses a converter that makes no sense. Returns what to store instead if the codec was given as a text.
 * @throws {RequestError} If it does not
 */
export function validateConverter(record: Uint8Array, keys: readonly ElementKey[]): Uint8Array | undefined {
  const value = decode(record);
  if (keys.length <= 3) {
    if (value === null) return undefined;
    throw pythonError("value", "ValueError", "This node can't have data.");
  }
  const fields = fieldsOf(value);
  const given = fields?.get("codec");
  if (given === undefined) throw pythonError("value", "ValueError", `Duh? ${repr(value)}`);
  const codec = pathIn(given);
  if (codec === undefined || codec.length === 0) {
    throw pythonError("value", "ValueError", `Codec ${repr(given)} is not a list`);
  }
  return typeof given === "string" ? encode(new Map([...fields!, ["codec", codec]])) : undefined;
}
