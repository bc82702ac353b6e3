/**
 * `test_acl`, `root`: what a client may do, and where it stands.
 *
 * `test_acl {path, ?mode="x", ?acl}` → `{access}`: true, as long as nobody is restricted.
 * `root {path}` → the entry there, which is the root of everything this connection does from now on.
 *
 * @module
 */

import { Path } from "../../wire/path/path.ts";
import type { Call } from "./call.ts";
import { versionFields, writeEntryChain, writeValue } from "./entry_fields.ts";
import { badField, noEntry } from "./refusal.ts";

/** Answers `test_acl`. */
export function testAcl(call: Call): void {
  const { request, services: { store } } = call;
  call.path();
  const mode = request.has("mode") ? call.text("mode") : "x";
  if (!/^[rwcdxenaW]$/.test(mode)) throw badField("mode", "one of the letters r w c d x e n a");
  if (request.has("acl")) {
    const keys = [null, "acl", call.text("acl")];
    if (store.find(keys, keys.length) === undefined) throw noEntry(Path.of(...keys));
  }
  const out = call.begin(2);
  out.str("access");
  out.bool(true);
  call.tock();
  call.end();
}

/** Answers `root`. The entry is made when something is stored at or below it. */
export function setRoot(call: Call): void {
  const { store } = call.services;
  const nchain = call.int("nchain", 2);
  const count = call.path();
  const entry = store.find(call.keys, count);
  call.client.root = call.keys.slice(0, count);
  const hasChain = entry?.hasValue ? nchain : 0;
  const out = call.begin(2 + versionFields(entry?.value ?? 0, hasChain));
  if (entry !== undefined) writeValue(out, store.values, entry.value);
  writeEntryChain(out, entry, hasChain);
  call.tock(entry?.tock || store.clock);
  out.str("path");
  out.arrayHeader(0);
  call.end();
}
