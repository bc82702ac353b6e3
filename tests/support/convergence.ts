/** What several servers must have in common once the network is whole and quiet: trees and sets of ticks. */

import type { Client } from "../../mod.ts";
import { Path } from "../../wire/path/path.ts";
import { encode } from "../../wire/msgpack/encoder.ts";
import type { Value } from "../../wire/value.ts";
import { RangeSet } from "../../server/core/range_set.ts";

/** A server's state, in a form in which equal states are equal texts. */
export interface Picture {
  /** Path → value, head and tock. */
  readonly tree: ReadonlyMap<string, string>;
  /** Writer → ticks that are present or superseded. */
  readonly have: ReadonlyMap<string, string>;
  /** Writer → ticks that are missing. */
  readonly missing: ReadonlyMap<string, string>;
}

/** Asks a server for its whole state. */
export async function pictureOf(client: Client): Promise<Picture> {
  const tree = new Map<string, string>();
  for (const action of ["get_tree", "get_tree_internal"]) {
    const prefix = action === "get_tree" ? Path.root : Path.of(null);
    for await (const { path, value, chain, tock } of client.stream(action, { path: Path.root, nchain: 1 })) {
      if (path === undefined) continue;
      const { node, tick } = chain as { readonly node: Value; readonly tick: Value };
      tree.set(`${prefix.concat(path as Path)}`, `${encode(value).toHex()} by ${node}:${tick} at ${tock}`);
    }
  }
  const state = await client.request("get_state", { known: true, present: true, missing: true });
  const have = setsOf(state.present);
  for (const [name, set] of setsOf(state.known)) {
    const known = have.get(name);
    if (known === undefined) have.set(name, set);
    else known.addAll(set);
  }
  return { tree, have: textsOf(have), missing: textsOf(setsOf(state.missing)) };
}

function setsOf(value: Value | undefined): Map<string, RangeSet> {
  return new Map(
    Object.entries(value as Record<string, Value>).map(([name, ranges]) => [name, RangeSet.fromWire(ranges)]),
  );
}

function textsOf(sets: ReadonlyMap<string, RangeSet>): Map<string, string> {
  const texts = [...sets].map(([name, set]): [string, string] => [name, JSON.stringify(set.toWire())]);
  return new Map(texts.sort(([a], [b]) => a < b ? -1 : 1));
}

/** How two pictures differ, in a few lines; empty if they do not. */
export function differences(a: Picture, b: Picture): string[] {
  const lines: string[] = [];
  for (const part of ["tree", "have", "missing"] as const) {
    for (const key of new Set([...a[part].keys(), ...b[part].keys()])) {
      const [left, right] = [a[part].get(key), b[part].get(key)];
      if (left !== right && lines.length < 20) lines.push(`${part} ${key}: ${left} ≠ ${right}`);
    }
  }
  return lines;
}

/**
 * Waits until all servers have the same state, and nothing is missing.
 * @throws {Error} With the differences, if that takes longer than `waitMs`
 */
export async function converged(clients: readonly Client[], waitMs: number): Promise<Picture> {
  const endMs = performance.now() + waitMs;
  for (;;) {
    const [first, ...others] = await Promise.all(clients.map(pictureOf));
    const lines = others.flatMap((other, i) => differences(first, other).map((line) => `0 and ${i + 1}: ${line}`));
    for (const [name, ticks] of first.missing) lines.push(`missing: ${name} ${ticks}`);
    if (lines.length === 0) return first;
    if (performance.now() > endMs) throw new Error(`Not the same after ${waitMs} ms:\n${lines.join("\n")}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Waits until an entry has a value (undefined: none). @throws {DOMException} If that takes longer than `waitMs` */
export async function sees(
  client: Client,
  path: Path,
  value: Value | undefined,
  waitMs: number = 10_000,
): Promise<void> {
  const wanted = value === undefined ? undefined : encode(value).toHex();
  const signal = AbortSignal.timeout(waitMs);
  let found: string | undefined;
  let isComplete = false;
  for await (const item of client.watch(path, { fetch: true, maxDepth: 0, signal })) {
    if ("path" in item) found = item.value === undefined ? undefined : encode(item.value).toHex();
    else isComplete = true;
    if (isComplete && found === wanted) return;
  }
  throw new Error(`${path} is not ${JSON.stringify(value)} after ${waitMs} ms`);
}
