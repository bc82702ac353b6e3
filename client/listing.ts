/**
 * Results of `list`.
 *
 * @module
 */

import { ProtocolError } from "../wire/errors.ts";
import { type PathElement, type PathInput, toElement } from "../wire/path/path.ts";
import type { Value } from "../wire/value.ts";
import type { Reply } from "./reply.ts";

/** The names in a reply of `enum`. */
export function children(reply: Reply): PathElement[] {
  if (!Array.isArray(reply.result)) throw new ProtocolError("The reply has no list of names", 0);
  return reply.result.map((name) => toElement(name as PathInput));
}

/** The names and values in a reply of `enum` with data. */
export function values(reply: Reply): Map<PathElement, Value> {
  const { result } = reply;
  if (typeof result !== "object" || result === null) throw new ProtocolError("The reply has no values", 0);
  const pairs = result instanceof Map ? [...result] : Object.entries(result);
  return new Map(pairs.map(([name, value]) => [toElement(name as PathInput), value as Value]));
}
