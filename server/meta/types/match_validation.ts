/**
 * What a client may store as a match: a pattern, and a type that exists.
 *
 * Source: `spec/client-protocol.md` 6.2.
 *
 * @module
 */

import { decode } from "../../../wire/msgpack/decoder.ts";
import { encode } from "../../../wire/msgpack/encoder.ts";
import type { ElementKey } from "../../../wire/path/keys.ts";
import { Refusal } from "../../../wire/refusal.ts";
import { quote, repr } from "../../../wire/repr.ts";
import { fieldsOf, pathIn } from "../record.ts";
import { pythonError } from "../stored_error.ts";
import type { TypeChecks } from "./type_checks.ts";

/**
 * Refuses a match that makes no sense. Returns what to store instead if the type was given as a text.
 * @throws {RequestError} If it does not
 */
export function validateMatch(
  types: TypeChecks,
  record: Uint8Array,
  keys: readonly ElementKey[],
): Uint8Array | undefined {
  if (keys.length === 2) throw pythonError("value", "ValueError", "This node can't have data.");
  const value = decode(record);
  const fields = fieldsOf(value);
  const given = fields?.get("type");
  if (given === undefined) throw new Refusal("type", "The field 'type' is missing", `AttributeError(${quote("type")})`);
  const type = pathIn(given);
  if (type === undefined) throw pythonError("type", "ValueError", `Type of ${repr(given)} is not a list`);
  if (types.chain(type) === undefined) throw pythonError("type", "ClientError", "This type does not exist");
  return typeof given === "string" ? encode(new Map([...fields!, ["type", type]])) : undefined;
}
