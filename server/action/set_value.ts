/**
 * `set_value`, `delete_value` and their `_internal` forms: one entry gets or loses its value.
 *
 * `{path, value, ?chain, ?prev, ?idem, ?nchain=1, ?ack}` → `{changed, ?prev, ?chain, tock, ?ack}`. `prev` is the value before;
 * it is left out if the request said what it expects. Whatever is refused leaves no trace.
 *
 * @module
 */

import { slots } from "../../wire/message/field.ts";
import { replyKeys } from "../../wire/message/reply.ts";
import type { Encoder } from "../../wire/msgpack/encoder.ts";
import { RequestError } from "../../wire/errors.ts";
import type { Change } from "../core/effect.ts";
import type { Entry } from "../core/entry.ts";
import { isEqual } from "../core/precondition.ts";
import { NO_VALUE } from "../core/values.ts";
import type { Call } from "./call.ts";
import { versionFields, writeChain } from "./entry_fields.ts";
import { checkExpectation } from "./expectation.ts";
import { badField, clientError } from "./refusal.ts";
import type { AckLevel } from "./services.ts";

/** The fields that say what a client expects; most requests have none of them. */
const expectations = 1 << slots.prev | 1 << slots.chain | 1 << slots.ack;

/** Answers `set_value`. */
export function setValue(call: Call): void {
  set(call, call.path());
}

/** Answers `set_internal`. */
export function setInternal(call: Call): void {
  set(call, call.internalPath());
}

/** Answers `delete_value`. */
export function deleteValue(call: Call): void {
  remove(call, call.path());
}

/** Answers `delete_internal`. */
export function deleteInternal(call: Call): void {
  remove(call, call.internalPath());
}

function set(call: Call, count: number): void {
  const { request, services: { store } } = call;
  const { bytes, valueStart, valueEnd } = request;
  if (valueStart < 0) throw clientError("Call 'delete_value' if you want to clear the value");
  const entry = store.find(call.keys, count);
  if (isNotGiven(bytes, valueStart, valueEnd)) return apply(call, entry, -1, -1);
  if (entry !== undefined && (request.present & 1 << slots.idem) !== 0 && request.bool("idem", false)) {
    if (isEqual(store.values, entry.value, bytes, valueStart, valueEnd)) return replyUnchanged(call, entry);
  }
  apply(call, entry, valueStart, valueEnd);
}

function remove(call: Call, count: number): void {
  const { request: { bytes, valueStart, valueEnd }, services: { store } } = call;
  if (valueStart >= 0 && !isNotGiven(bytes, valueStart, valueEnd)) {
    throw clientError("A deleted entry can't have a value");
  }
  apply(call, store.find(call.keys, count), -1, -1);
}

/** Writes the value between `start` and `end`, or deletes if `start` is negative. Nothing may fail behind `ensure`. */
function apply(call: Call, found: Entry | undefined, start: number, end: number): void {
  const { request, services: { store, turn } } = call;
  if (turn.refusal !== undefined) throw new RequestError("read_only", turn.refusal);
  const nchain = call.int("nchain", 1);
  const isPlain = (request.present & expectations) === 0;
  const level = isPlain ? undefined : readLevel(call);
  if (!isPlain) checkExpectation(call, found);
  const entry = found ?? store.ensure(call.keys, call.keyCount);
  const change = start < 0 ? store.delete(entry) : store.write(entry, request.bytes, start, end);
  const isChanged = start < 0
    ? change.oldValue !== NO_VALUE
    : !isEqual(store.values, change.oldValue, request.bytes, start, end);
  replyChanged(call, change, isChanged, nchain, level);
}

/** The `ack` that was asked for, as the level that will be reached. */
function readLevel(call: Call): AckLevel | undefined {
  const { request } = call;
  if (request.rawStart("ack") < 0) return undefined;
  const level = request.text("ack");
  if (level !== "memory" && level !== "disk") throw badField("ack", "'memory' or 'disk'");
  return call.services.turn.require(level);
}

function replyChanged(
  call: Call,
  change: Change,
  isChanged: boolean,
  nchain: number,
  level: AckLevel | undefined,
): void {
  const { request, services: { store } } = call;
  const said = request.present & (1 << slots.prev | 1 << slots.chain);
  const hasPrevious = change.oldValue !== NO_VALUE && said === 0;
  const fields = 2 + (hasPrevious ? 1 : 0) + versionFields(NO_VALUE, nchain) + (level === undefined ? 0 : 1);
  const out = call.begin(fields);
  writeChanged(out, isChanged);
  if (hasPrevious) {
    out.raw(replyKeys.prev);
    store.values.copyTo(change.oldValue, out);
  }
  writeChain(out, change.writer, change.tick, change.older, nchain);
  call.tock(change.tock);
  if (level !== undefined) writeLevel(out, level);
  call.end();
}

function replyUnchanged(call: Call, entry: Entry): void {
  const nchain = call.int("nchain", 1);
  const level = readLevel(call);
  const out = call.begin(2 + versionFields(NO_VALUE, nchain) + (level === undefined ? 0 : 1));
  writeChanged(out, false);
  writeChain(out, entry.writer, entry.tick, entry.older, nchain);
  call.tock(entry.tock);
  if (level !== undefined) writeLevel(out, level);
  call.end();
}

function writeChanged(out: Encoder, isChanged: boolean): void {
  out.raw(replyKeys.changed);
  out.bool(isChanged);
}

function writeLevel(out: Encoder, level: AckLevel): void {
  out.raw(replyKeys.ack);
  out.str(level);
}

/** Ext 4 `_`: the original's "no value". */
function isNotGiven(bytes: Uint8Array, start: number, end: number): boolean {
  return end - start === 3 && bytes[start] === 0xd4 && bytes[start + 1] === 4 && bytes[start + 2] === 0x5f;
}
