/**
 * The last step of a write, when its value is known to be good: idem, prev, chain, then the store and the reply. Nothing
 * comes between, so whatever is refused leaves no trace.
 *
 * @module
 */

import { slots } from "../../wire/message/field.ts";
import { replyKeys } from "../../wire/message/reply.ts";
import { RequestError } from "../../wire/errors.ts";
import type { Encoder } from "../../wire/msgpack/encoder.ts";
import type { Change } from "../core/effect.ts";
import type { Entry } from "../core/entry.ts";
import { isEqual } from "../core/precondition.ts";
import { NO_VALUE } from "../core/values.ts";
import type { Call } from "./call.ts";
import { versionFields, writeChain } from "./entry_fields.ts";
import { checkExpectation } from "./expectation.ts";
import { checkWrite, mayRead } from "./permission.ts";
import { badField } from "./refusal.ts";
import type { AckLevel } from "./services.ts";

/** The fields that say what a client expects; most requests have none of them. */
const expectations = 1 << slots.prev | 1 << slots.chain | 1 << slots.ack;

/** What is put in place of what the request says. */
export interface Converted {
  /** The value to be stored. */
  value?: Uint8Array;
  /** What the client expects to be stored now. */
  prev?: Uint8Array;
  /** Makes what the client is to see of the value before. */
  readonly encode?: (stored: Uint8Array) => Promise<Uint8Array>;
}

/**
 * Writes the value between `start` and `end` of the request, or deletes if `start` is negative, and replies. Nothing may fail
 * behind `ensure`. With `encode`, a reply that has the value before comes later.
 */
export function applyWrite(call: Call, start: number, end: number, converted?: Converted): void | Promise<void> {
  const { request, services: { store, turn } } = call;
  const found = store.find(call.keys, call.keyCount);
  if (call.client.rights !== undefined) checkWrite(call, found);
  const bytes = start >= 0 && converted?.value !== undefined ? converted.value : request.bytes;
  const from = bytes === request.bytes ? start : 0;
  const to = bytes === request.bytes ? end : bytes.length;
  if (found !== undefined && start >= 0 && (request.present & 1 << slots.idem) !== 0 && request.bool("idem", false)) {
    const isSame = isEqual(store.values, found.value, bytes, from, to);
    // Who may not read does not learn so, either, what is there.
    if (isSame && mayRead(call, found.value)) return replyUnchanged(call, found);
  }
  if (turn.refusal !== undefined) throw new RequestError("read_only", turn.refusal);
  const nchain = call.int("nchain", 1);
  const isPlain = (request.present & expectations) === 0;
  const level = isPlain ? undefined : readLevel(call);
  if (!isPlain) checkExpectation(call, found, converted?.prev);
  const entry = found ?? store.ensure(call.keys, call.keyCount);
  const change = start < 0 ? store.delete(entry) : store.write(entry, bytes, from, to);
  call.head = change;
  const isChanged = start < 0 ? change.oldValue !== NO_VALUE : !isEqual(store.values, change.oldValue, bytes, from, to);
  const isAsked = change.oldValue !== NO_VALUE && (request.present & (1 << slots.prev | 1 << slots.chain)) === 0;
  const hasPrevious = isAsked && (call.client.rights === undefined || mayRead(call, change.oldValue));
  const reply = { change, isChanged, nchain, level };
  if (!hasPrevious || converted?.encode === undefined) return replyChanged(call, reply, hasPrevious);
  return replyLater(call, reply, converted.encode(store.values.read(change.oldValue)));
}

/** The `ack` that was asked for, as the level that will be reached. */
function readLevel(call: Call): AckLevel | undefined {
  const { request } = call;
  if (request.rawStart("ack") < 0) return undefined;
  const level = request.text("ack");
  if (level !== "memory" && level !== "disk") throw badField("ack", "'memory' or 'disk'");
  return call.services.turn.require(level);
}

/** What a reply says of a change. */
interface ChangeReply {
  readonly change: Change;
  readonly isChanged: boolean;
  readonly nchain: number;
  readonly level: AckLevel | undefined;
}

function replyChanged(call: Call, reply: ChangeReply, hasPrevious: boolean, previous?: Uint8Array): void {
  const { change, isChanged, nchain, level } = reply;
  const fields = 2 + (hasPrevious ? 1 : 0) + versionFields(NO_VALUE, nchain) + (level === undefined ? 0 : 1);
  const out = call.begin(fields);
  writeChanged(out, isChanged);
  if (hasPrevious) {
    out.raw(replyKeys.prev);
    if (previous === undefined) call.services.store.values.copyTo(change.oldValue, out);
    else out.raw(previous);
  }
  writeChain(out, change.writer, change.tick, change.older, nchain);
  call.tock(change.tock);
  if (level !== undefined) writeLevel(out, level);
  call.end();
}

async function replyLater(call: Call, reply: ChangeReply, encoding: Promise<Uint8Array>): Promise<void> {
  const [previous] = await Promise.allSettled([encoding, call.services.turn.committed()]);
  await call.services.turn.committed();
  // The write is done: that what was there before cannot be shown is no reason to refuse it.
  if (previous.status === "fulfilled") replyChanged(call, reply, true, previous.value);
  else replyChanged(call, reply, false);
}

function replyUnchanged(call: Call, entry: Entry): void {
  call.head = entry;
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
