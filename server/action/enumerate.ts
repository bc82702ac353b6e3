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
  const { request, services: { store } } = call;
  checkLetter(call, "e");
  const entry = store.find(call.keys, count);
  if (entry === undefined) throw noEntry(call.givenPath());
  const withData = request.bool("with_data", false);
  const children = visible(call, listed(entry, request.bool("empty", false)), withData);
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
