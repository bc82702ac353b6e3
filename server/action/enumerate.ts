/**
 * `enum` (also `enumerate`), `enum_internal`: the names of an entry's children.
 *
 * `{path, ?with_data, ?empty}` → `{result: [names]}`, or `{result: {name: value}}`. Only children that have a value, unless
 * `empty`; then the value of the others is nil.
 *
 * @module
 */

import { encodeKey } from "../../wire/path/keys.ts";
import type { Entry } from "../core/entry.ts";
import type { Call } from "./call.ts";
import { noEntry } from "./refusal.ts";

/** Answers `enum`. */
export function enumerate(call: Call): void {
  reply(call, call.services.store.find(call.keys, call.path()));
}

/** Answers `enum_internal`. */
export function enumerateInternal(call: Call): void {
  reply(call, call.services.store.find(call.keys, call.internalPath()));
}

function reply(call: Call, entry: Entry | undefined): void {
  if (entry === undefined) throw noEntry(call.givenPath());
  const { request, services: { store } } = call;
  const withData = request.bool("with_data", false);
  const children = listed(entry, request.bool("empty", false));
  const out = call.begin(2);
  out.str("result");
  if (withData) out.mapHeader(children.length);
  else out.arrayHeader(children.length);
  for (const child of children) {
    encodeKey(out, child.key);
    if (!withData) continue;
    if (child.hasValue) store.values.copyTo(child.value, out);
    else out.nil();
  }
  call.tock();
  call.end();
}

function listed(entry: Entry, empty: boolean): Entry[] {
  const found: Entry[] = [];
  if (entry.children === null) return found;
  for (const child of entry.children) {
    // The internal tree is not part of what is listed below the root.
    if (empty || (child.hasValue && child.key !== null)) found.push(child);
  }
  return found;
}
