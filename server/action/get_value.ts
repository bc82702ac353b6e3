/**
 * `get_value`, `get_internal`: one entry, by its path or by the event that set it.
 *
 * `{path, ?nchain=0}` → `{?value, ?chain, tock}`. Without a value there is no `value`: nil is a value like any other.
 * `{node, tick, ?nchain=0}` → the same and `path`.
 *
 * @module
 */

import { replyKeys } from "../../wire/message/reply.ts";
import { encodePath } from "../../wire/path/keys.ts";
import type { Entry } from "../core/entry.ts";
import type { Call } from "./call.ts";
import type { Converter } from "../meta/codec/converter.ts";
import { versionFields, writeChain, writeEntryChain, writeValue } from "./entry_fields.ts";
import { checkRead, mayRead } from "./permission.ts";
import { missingField, noKey } from "./refusal.ts";
import { answerShown, converterAt } from "./shown_value.ts";
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
  const converter = call.client.conversion && converterAt(call, value);
  if (converter !== undefined) return answerConverted(call, converter, entry!, nchain, false);
  const out = call.begin(1 + versionFields(value, nchain));
  writeValue(out, store.values, value);
  writeEntryChain(out, entry, nchain);
  call.tock(entry === undefined || entry.tock === 0 ? store.clock : entry.tock);
  call.end();
}

/** Answers with a value that a codec converts. */
function answerConverted(call: Call, converter: Converter, entry: Entry, nchain: number, withPath: boolean): void {
  const { value, writer, tick, older, tock } = entry;
  answerShown(call, converter, value, (own, shown) => {
    const out = own.begin(1 + versionFields(value, nchain) + (withPath ? 1 : 0));
    out.raw(replyKeys.value);
    out.raw(shown);
    writeChain(out, writer, tick, older, nchain);
    own.tock(tock);
    if (withPath) writePath(own);
    own.end();
  });
}

function writePath({ out, keys, keyCount, client: { root } }: Call): void {
  out.str("path");
  encodePath(out, keys, root.length, keyCount);
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
  const converter = converterAt(call, entry.value);
  if (converter !== undefined) return answerConverted(call, converter, entry, nchain, true);
  const out = call.begin(2 + versionFields(entry.value, nchain));
  writeValue(out, store.values, entry.value);
  writeEntryChain(out, entry, nchain);
  call.tock(entry.tock);
  writePath(call);
  call.end();
}

/** Whether the client may know of an entry that it did not name. Its path is the call's from now on. */
function isVisible(call: Call, entry: Entry): boolean {
  const { keys, client: { root } } = call;
  call.keyCount = entry.readKeys(keys);
  return root.every((key, i) => keys[i] === key) && call.keyCount >= root.length && mayRead(call, entry.value);
}
