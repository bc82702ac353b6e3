/**
 * What has to be the same at all servers in the end.
 *
 * @module
 */

import type { Store } from "../../../server/core/store.ts";
import { walk } from "../../../server/core/walk.ts";
import { areEqual, haveOf } from "../../../server/replicate/ticks.ts";
import { decode } from "../../../wire/msgpack/decoder.ts";
import type { Path } from "../../../wire/path/path.ts";
import { assertEquals } from "../../support/assert.ts";
import { checkDerived, hex } from "../core/world.ts";
import type { Node } from "./network.ts";

/** Everything that has a value: path, value, head, tock. */
export function shown(store: Store): string[] {
  const lines: string[] = [];
  for (const entry of walk(store.root, { meta: true })) {
    const value = hex(store.values.read(entry.value));
    lines.push(`${entry.path()} = ${value} ${entry.writer!.name}:${entry.tick} @${entry.tock}`);
  }
  return lines.sort();
}

/** Whether all have the same ticks, and the same tree as far as the digest says. */
export function areAlike(nodes: Iterable<Node>): boolean {
  const [first, ...others] = nodes;
  return others.every(({ store }) =>
    store.digest === first.store.digest && areEqual(haveOf(store), haveOf(first.store))
  );
}

/** Fails unless all show the same, have the same, and no alarm was raised. */
export function assertAlike(nodes: Iterable<Node>): void {
  const [first, ...others] = nodes;
  for (const node of others) {
    assertEquals(shown(node.store), shown(first.store), `${node.member} shows what ${first.member} shows`);
    assertEquals(haveText(node.store), haveText(first.store), `${node.member} has what ${first.member} has`);
  }
  for (const node of [first, ...others]) {
    checkDerived(node.store);
    assertEquals(node.replicator.counters.alarms, 0, `alarms at ${node.member}: ${node.reports.join(", ")}`);
  }
}

function haveText(store: Store): string[] {
  return [...haveOf(store)].map(([name, set]) => `${name}: ${JSON.stringify(set.toWire())}`).sort();
}

/** Tombstones that are left. */
export function tombstones({ store }: Node): number {
  let count = 0;
  for (const writer of store.writers.values()) count += writer.tombstones.size;
  return count;
}

/** The paths of conflicts, recorded or not. */
export function losers({ store }: Node): string[] {
  const paths = [...store.conflicts].map(({ path }) => path.join("."));
  const records = store.find([".moat", "kv", "conflict"], 3);
  for (const entry of records === undefined ? [] : walk(records)) {
    const { path } = decode(store.values.read(entry.value)) as unknown as { path: Path };
    paths.push(String(path));
  }
  return paths.sort();
}
