/**
 * `get_tree`, `get_tree_internal`: an entry and everything below it, as a stream.
 *
 * `{path, ?min_depth=0, ?max_depth, ?empty, ?tombstones, ?nchain=0}` → items `{?value, ?chain, tock, path, depth}`, parents first, children
 * in the order of their creation. Entries without a value are left out unless `empty`; so is the internal tree below the
 * root. With `tombstones`, deleted entries that are remembered are sent, too: with their chain, and no value. It is no
 * snapshot: what changes meanwhile is sent in its old or its new version.
 *
 * @module
 */

import type { Call } from "./call.ts";
import { Sight } from "../meta/acl/sight.ts";
import { checkLetter } from "./permission.ts";
import { ConvertingItems } from "./converting_items.ts";
import type { ItemForm } from "./tree_item.ts";
import { noEntry } from "./refusal.ts";
import type { StreamSource } from "./stream_source.ts";
import { TreeSource } from "./tree_source.ts";

/** Answers `get_tree`. */
export function getTree(call: Call): void {
  answer(call, call.path(), false);
}

/** Answers `get_tree_internal`. */
export function getTreeInternal(call: Call): void {
  answer(call, call.internalPath(), call.keyCount === 1);
}

function answer(call: Call, count: number, mayBeMissing: boolean): void {
  const { client: { rights }, services: { store } } = call;
  checkLetter(call, "e");
  const entry = store.find(call.keys, count);
  const options = {
    minDepth: call.int("min_depth", 0),
    maxDepth: call.int("max_depth", -1),
    empty: call.request.bool("empty", false),
    tombstones: call.request.bool("tombstones", false),
    nchain: call.int("nchain", 0),
    isWhole: count === 0,
  };
  const sight = rights && new Sight(rights, call.keys, count, store.values);
  if (entry !== undefined) {
    call.client.open(call, new TreeSource(store.values, entry, options, sight, convertedBy(call)));
  } else call.client.open(call, mayBeMissing ? emptySource : new FailingSource(noEntry(call.givenPath())));
}

/** Makes what converts the items of a tree; undefined: they are shown as they are stored. */
function convertedBy(call: Call): ((form: ItemForm, wake: () => void) => ConvertingItems) | undefined {
  const { client: { conversion }, keys, keyCount, services: { store } } = call;
  if (conversion === undefined || keys[0] === null) return undefined;
  const start = keys.slice(0, keyCount);
  return (form, wake) => new ConvertingItems(store, conversion, start, form, wake);
}

const emptySource: StreamSource = { step: () => "done", close: () => {} };

/** A stream of an error. */
class FailingSource implements StreamSource {
  constructor(readonly error: Error) {}

  /** Fails. */
  step(): never {
    throw this.error;
  }

  /** Nothing to do. */
  close(): void {}
}
