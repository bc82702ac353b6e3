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
import { Sight } from "../meta/acl/sight.ts";
import { checkLetter } from "./permission.ts";
import { shownValues } from "./shown_value.ts";
import { noEntry } from "./refusal.ts";

/** Answers `enum`. */
export function enumerate(call: Call): void {
  reply(call, call.path());
}

/** Answers `enum_internal`. */
export function enumerateInternal(call: Call): void {
  reply(call, call.internalPath());
}

function reply(call: Call, count: number): void {
  const { client: { conversion }, request, services: { store } } = call;
  checkLetter(call, "e");
  const entry = store.find(call.keys, count);
  if (entry === undefined) throw noEntry(call.givenPath());
  const withData = request.bool("with_data", false);
  const children = visible(call, listed(entry, request.bool("empty", false)), withData);
  if (!withData || conversion === undefined) return write(call, children, withData);
  const path = call.keys.slice(0, count);
  const shown = shownValues(store, conversion, children.map(({ key, value }) => ({ keys: [...path, key], value })));
  shown.catch(() => {}); // it is awaited below
  call.client.later(call, async (own) => write(own, children, true, await shown));
}

/** @param shown The values as the client sees them, if a codec may lie between */
function write(call: Call, children: readonly Entry[], withData: boolean, shown?: (Uint8Array | undefined)[]): void {
  const { store } = call.services;
  const out = call.begin(2);
  out.str("result");
  if (withData) out.mapHeader(children.length);
  else out.arrayHeader(children.length);
  for (const [i, child] of children.entries()) {
    encodeKey(out, child.key);
    if (!withData) continue;
    if (shown?.[i] !== undefined) out.raw(shown[i]);
    else if (shown === undefined && child.hasValue) store.values.copyTo(child.value, out);
    else out.nil();
  }
  call.tock();
  call.end();
}

/** Those whose name, or with data whose value, the client may see. */
function visible(call: Call, children: Entry[], withData: boolean): Entry[] {
  const { client: { rights }, keys, keyCount, services: { store: { values } } } = call;
  if (rights === undefined) return children;
  const sight = new Sight(rights, keys, keyCount, values);
  return children.filter((child) => withData ? sight.sees(child, 1) : sight.mayList(child, 1));
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
