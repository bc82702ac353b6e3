/**
 * `get_value`, `get_internal`: one entry, by its path or by the event that set it.
 *
 * `{path, ?nchain=0}` → `{?value, ?chain, tock}`. Without a value there is no `value`: nil is a value like any other.
 * `{node, tick, ?nchain=0}` → the same and `path`.
 *
 * @module
 */

import { encodePath } from "../../wire/path/keys.ts";
import type { Entry } from "../core/entry.ts";
import type { Call } from "./call.ts";
import { versionFields, writeEntryChain, writeValue } from "./entry_fields.ts";
import { checkRead, mayRead } from "./permission.ts";
import { missingField, noKey } from "./refusal.ts";
import { NO_VALUE } from "../core/values.ts";

/** Answers `get_value`. */
export function getValue(call: Call): void {
  const { request } = call;
  if (request.pathStart < 0 && request.has("node")) return getByTick(call);
  const count = call.path();
  reply(call, call.services.store.find(call.keys, count));
}

/** Answers `get_internal`. */
export function getInternal(call: Call): void {
  const count = call.internalPath();
  reply(call, call.services.store.find(call.keys, count));
}

function reply(call: Call, entry: Entry | undefined): void {
  const nchain = call.int("nchain", 0);
  const { store } = call.services;
  const value = entry === undefined ? NO_VALUE : entry.value;
  if (call.client.rights !== undefined) checkRead(call, value);
  const out = call.begin(1 + versionFields(value, nchain));
  writeValue(out, store.values, value);
  writeEntryChain(out, entry, nchain);
  call.tock(entry === undefined || entry.tock === 0 ? store.clock : entry.tock);
  call.end();
}

function getByTick(call: Call): void {
  const { store } = call.services;
  const nchain = call.int("nchain", 0);
  const writer = store.writers.get(call.text("node"));
  if (writer === undefined) throw noKey(call.text("node"));
  if (!call.request.has("tick")) throw missingField("tick");
  const tick = call.int("tick", NaN);
  const entry = writer.entries(tick).find((entry) => entry.writer === writer && entry.tick === tick);
  if (entry === undefined || !isVisible(call, entry)) throw noKey(tick);
  const out = call.begin(2 + versionFields(entry.value, nchain));
  writeValue(out, store.values, entry.value);
  writeEntryChain(out, entry, nchain);
  call.tock(entry.tock);
  out.str("path");
  encodePath(out, call.keys, call.client.root.length, call.keyCount);
  call.end();
}

/** Whether the client may know of an entry that it did not name. Its path is the call's from now on. */
function isVisible(call: Call, entry: Entry): boolean {
  const { keys, client: { root } } = call;
  call.keyCount = entry.readKeys(keys);
  return root.every((key, i) => keys[i] === key) && call.keyCount >= root.length && mayRead(call, entry.value);
}
