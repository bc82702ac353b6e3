/**
 * What a client expects of an entry before it changes it: the fields `prev` and `chain` of a request, in this order.
 *
 * Source: `spec/client-protocol.md` 3.8.
 *
 * @module
 */

import { readChain } from "../../wire/message/chain.ts";
import { decode } from "../../wire/msgpack/decoder.ts";
import type { Entry } from "../core/entry.ts";
import { checkChain, isEqual } from "../core/precondition.ts";
import type { Call } from "./call.ts";
import { NO_VALUE } from "../core/values.ts";
import { checkRead } from "./permission.ts";
import { wrongPrevious } from "./refusal.ts";

/**
 * Checks a request's expectation against the entry, which may not exist yet.
 * @param prev In place of the request's, if that was converted
 * @throws {RequestError} With code `chain` if it is not met
 */
export function checkExpectation(call: Call, entry: Entry | undefined, prev?: Uint8Array): void {
  const { request } = call;
  if (request.has("prev")) checkPrevious(call, entry, prev);
  if (request.has("chain")) checkChain(entry, readChain(request.value("chain")), String(call.givenPath()));
}

function checkPrevious(call: Call, entry: Entry | undefined, prev?: Uint8Array): void {
  const { request, services: { store: { values } } } = call;
  // Who may not read does not learn by asking, either, what is there.
  checkRead(call, entry?.value ?? NO_VALUE);
  const start = request.rawStart("prev");
  const end = request.rawEnd("prev");
  const isMet = prev === undefined
    ? entry !== undefined && isEqual(values, entry.value, request.bytes, start, end)
    : entry !== undefined && isEqual(values, entry.value, prev, 0, prev.length);
  if (isMet) return;
  const current = entry?.hasValue ? decode(values.read(entry.value)) : undefined;
  throw wrongPrevious(current, decode(request.bytes, start, end), String(call.givenPath()));
}
