/**
 * What a client may store as a rule: letters, or letters with an end. Letters that mean nothing are passed over later.
 *
 * Source: `spec/client-protocol.md` 5.1.
 *
 * @module
 */

import { field, isMap } from "../../../wire/message/decoded_map.ts";
import { decode } from "../../../wire/msgpack/decoder.ts";
import type { ElementKey } from "../../../wire/path/keys.ts";
import { pythonError } from "../stored_error.ts";
import { readRuleValue } from "./rule.ts";

/** Refuses a rule that makes no sense. @throws {RequestError} If it does not */
export function validateRule(record: Uint8Array, keys: readonly ElementKey[]): undefined {
  if (keys.length === 2) throw pythonError("value", "ValueError", "This node can't have data.");
  const value = decode(record);
  if (typeof value === "string") return;
  const isRule = isMap(value) && typeof field(value, "acl") === "string" && readRuleValue(record).untilMs < Infinity;
  if (!isRule) throw pythonError("value", "ValueError", "ACL is not a string");
}
