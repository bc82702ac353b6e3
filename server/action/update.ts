/**
 * `update {path, node, tick, prev, tock, ?value}`, or with the event under `chain`: takes an event as if another server had
 * sent it. → the entry, or `{result: false}` if something newer is there.
 *
 * @module
 */

import { ProtocolError, RequestError } from "../../wire/errors.ts";
import { readUpdate, type Update } from "../../wire/message/update.ts";
import type { Call } from "./call.ts";
import { versionFields, writeEntryChain, writeValue } from "./entry_fields.ts";

/** Answers `update`. */
export function update(call: Call): void {
  const { request, services: { store, turn } } = call;
  const count = call.path();
  const { chain, tock, value } = read(call);
  if (turn.refusal !== undefined) throw new RequestError("read_only", turn.refusal);
  const { outcome, reason } = store.merge({
    keys: call.keys.slice(0, count),
    length: count,
    chain,
    tock,
    bytes: value === undefined ? null : request.bytes,
    start: request.valueStart,
    end: request.valueEnd,
  });
  store.settleClaims();
  if (outcome === "refused") throw new RequestError("value", reason ?? "The event is refused");
  if (outcome === "stale" || outcome === "had") return refuse(call);
  const entry = store.find(call.keys, count)!;
  const nchain = call.int("nchain", -1);
  const out = call.begin(1 + versionFields(entry.value, nchain));
  writeValue(out, store.values, entry.value);
  writeEntryChain(out, entry, nchain);
  call.tock(entry.tock);
  call.end();
}

function read(call: Call): Update {
  try {
    return readUpdate(call.request);
  } catch (error) {
    if (error instanceof ProtocolError) throw new RequestError("request", error.message.replace(/ at byte \d+$/, ""));
    throw error;
  }
}

function refuse(call: Call): void {
  const out = call.begin(2);
  out.str("result");
  out.bool(false);
  call.tock();
  call.end();
}
