/**
 * `set_value`, `delete_value` and their `_internal` forms: one entry gets or loses its value.
 *
 * `{path, value, ?chain, ?prev, ?idem, ?nchain=1, ?ack}` → `{changed, ?prev, ?chain, tock, ?ack}`. `prev` is the value before;
 * it is left out if the request said what it expects. Whatever is refused leaves no trace.
 *
 * A value that has to be converted or checked takes its time: see value_write.ts, and meta_write.ts for what is stored in
 * the hidden subtree. The others are written at once, unless writes of the same connection wait.
 *
 * @module
 */

import type { Call } from "./call.ts";
import { applyWrite } from "./apply_write.ts";
import { MetaWrite } from "./meta_write.ts";
import { checkWrite } from "./permission.ts";
import { clientError } from "./refusal.ts";
import { ValueWrite } from "./value_write.ts";
import { applyAlone, type WaitingWrite } from "./waiting_write.ts";

/** Answers `set_value`. */
export function setValue(call: Call): void | Promise<void> {
  return set(call, call.path());
}

/** Answers `set_internal`. */
export function setInternal(call: Call): void | Promise<void> {
  return set(call, call.internalPath());
}

/** Answers `delete_value`. */
export function deleteValue(call: Call): void | Promise<void> {
  return remove(call, call.path());
}

/** Answers `delete_internal`. */
export function deleteInternal(call: Call): void | Promise<void> {
  return remove(call, call.internalPath());
}

function set(call: Call, count: number): void | Promise<void> {
  const { keys, request: { bytes, valueStart, valueEnd } } = call;
  if (valueStart < 0) throw clientError("Call 'delete_value' if you want to clear the value");
  if (isNotGiven(bytes, valueStart, valueEnd)) return write(call, -1, -1);
  const validator = keys[0] === null ? call.services.meta.validator(keys, count) : undefined;
  if (validator !== undefined) return later(call, new MetaWrite(validator));
  return write(call, valueStart, valueEnd);
}

function remove(call: Call, _count: number): void | Promise<void> {
  const { bytes, valueStart, valueEnd } = call.request;
  if (valueStart >= 0 && !isNotGiven(bytes, valueStart, valueEnd)) {
    throw clientError("A deleted entry can't have a value");
  }
  return write(call, -1, -1);
}

/** Writes at once if nothing has to be done before. `start` is negative for a deletion. */
function write(call: Call, start: number, end: number): void | Promise<void> {
  const { client, services: { meta }, keys, keyCount } = call;
  const rule = start < 0 ? undefined : meta.types.rule(keys, keyCount);
  const isPlain = rule === undefined && client.conversion === undefined && !client.hasWaiting;
  if (isPlain) return applyWrite(call, start, end);
  const work = new ValueWrite(call, start < 0, rule);
  return work.hasWork || client.hasWaiting ? later(call, work) : applyWrite(call, start, end);
}

function later(call: Call, work: WaitingWrite): void | Promise<void> {
  if (call.client.rights !== undefined) checkWrite(call, call.services.store.find(call.keys, call.keyCount));
  if (call.isOwn) return applyAlone(call, work);
  call.client.wait(call, work);
}

/** Ext 4 `_`: the original's "no value". */
function isNotGiven(bytes: Uint8Array, start: number, end: number): boolean {
  return end - start === 3 && bytes[start] === 0xd4 && bytes[start + 1] === 4 && bytes[start + 2] === 0x5f;
}
