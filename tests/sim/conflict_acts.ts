/**
 * What people do about conflicts: they take what lost, or drop it, at one node or at two at the same time.
 *
 * @module
 */

import type { Change } from "../../server/core/effect.ts";
import type { Entry } from "../../server/core/entry.ts";
import type { Store } from "../../server/core/store.ts";
import { losingValue } from "../../server/replicate/conflict/records.ts";
import { field, isMap } from "../../wire/message/decoded_map.ts";
import { decode } from "../../wire/msgpack/decoder.ts";
import { type ElementKey, keysOf } from "../../wire/path/keys.ts";
import { Path } from "../../wire/path/path.ts";
import { type ActOptions, request } from "./acts.ts";
import type { Chance } from "./chance.ts";
import type { Node } from "./node.ts";
import type { World } from "./world.ts";

const places: readonly (readonly ElementKey[])[] = [[".moat", "kv", "conflict"], [null, "conflict"]];

/** The records that a node shows. */
export function* recordsOf(store: Store): Iterable<Entry> {
  for (const place of places) {
    for (const writer of store.find(place, place.length)?.children ?? []) {
      for (const entry of writer.children ?? []) if (entry.hasValue) yield entry;
    }
  }
}

/** Somebody settles a conflict, and at the same time perhaps somebody else does, who may want something else. */
export function settleSomewhere(world: World, chance: Chance, losesReplies: boolean): void {
  const able = world.up.filter(({ life }) => !recordsOf(life!.store)[Symbol.iterator]().next().done);
  if (able.length === 0) return;
  const node = chance.pick(able);
  const record = chance.pick([...recordsOf(node.life!.store)]);
  const keys: ElementKey[] = [];
  const length = record.readKeys(keys);
  const options = { chance, losesReplies };
  settle(node, keys.slice(0, length), options);
  if (chance.happens(0.6)) settle(chance.pick(able), keys.slice(0, length), options);
}

function settle(node: Node, keys: readonly ElementKey[], options: ActOptions): void {
  const isTaken = options.chance.happens(0.5);
  node.world.trace.add(node.machine, () => `somebody ${isTaken ? "takes" : "drops"} ${keys.slice(-2).join(":")}`);
  request(node, options, ({ life }) => {
    const { store } = life!;
    const record = store.find(keys, keys.length);
    if (!record?.hasValue) return [];
    const changes = isTaken ? take(store, record) : [];
    return [...changes, store.delete(record)];
  });
}

/** Makes what lost the entry's state again. */
function take(store: Store, record: Entry): Change[] {
  const bytes = store.values.read(record.value);
  const content = decode(bytes);
  const path = isMap(content) ? field(content, "path") : undefined;
  const value = losingValue(bytes);
  if (!(path instanceof Path) || value === undefined) return [];
  const keys = keysOf(path);
  const entry = store.ensure(keys, keys.length);
  if (value !== null) return [store.write(entry, value, 0, value.length)];
  return entry.hasValue ? [store.delete(entry)] : [];
}
