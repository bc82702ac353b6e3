/**
 * What must hold at the end, when everything is healed: all living nodes come to hold the same within a time limit, then
 * only heartbeats are sent, and no acknowledged write is lost.
 *
 * @module
 */

import { isConflictPath, recordKeys } from "../../server/core/conflicts.ts";
import type { Store } from "../../server/core/store.ts";
import { walk } from "../../server/core/walk.ts";
import type { Step } from "./coverage.ts";
import { Violation } from "./failure.ts";
import { eventText, type GhostEvent, hexOf, isAbove, pathText } from "./ghost.ts";
import { holdsLittle } from "./memory_checks.ts";
import { checkMixed, originalsDiffer } from "./mixed_checks.ts";
import type { Node } from "./node.ts";
import { has, isInConflicts } from "./step_checks.ts";
import type { World } from "./world.ts";

/** When all have to hold the same, after everything is healed. */
export const convergedWithinMs = 60_000;
/** The same with originals, which do everything once in a cycle of their elections. */
const mixedWithinMs = 500_000;
/** What is left then (late copies, servers that still count as present, purges) has to be over after this. */
const settlingMs = 80_000;
/** Then so long only heartbeats. */
const quietMs = 30_000;

/** Ends all faults and starts whoever is down. */
export async function heal(world: World): Promise<void> {
  const { network, timeline } = world;
  world.trace.add("", () => "everything is healed");
  world.isHealed = true;
  network.heal();
  for (const node of world.living) {
    node.disk.freeBytes = Infinity;
    node.disk.failAt = node.disk.crashAt = Infinity;
    if (node.life) node.life.fuse = Infinity;
    node.life?.resume();
    if (node.life?.turns.refusal !== undefined) node.kill("kill");
  }
  for (let i = 0; i < 100; i++) {
    for (const node of world.living) if (node.state === "down") timeline.after(0, () => node.start());
    await timeline.run(timeline.nowMs + 200);
    if (world.living.every((node) => node.state === "up" && node.life!.turns.refusal === undefined)) return;
  }
  throw new Violation("error", `${world.living.filter((node) => !node.isUp).map((node) => node.machine)} cannot start`);
}

/** Lets time pass until all hold the same. Returns how long it took. */
export async function converge(world: World): Promise<number> {
  const { timeline, network } = world;
  const startMs = timeline.nowMs;
  // As long as there come late copies of what the dead have said, they seem to be alive, and are waited for.
  const untilMs = Math.max(startMs, network.copiesUntilMs) + (world.isMixed ? mixedWithinMs : convergedWithinMs);
  while (timeline.nowMs < untilMs) {
    await timeline.run(timeline.nowMs + 500);
    if (difference(world) !== undefined) continue;
    world.disagreement = originalsDiffer(world);
    if (world.disagreement === undefined) return timeline.nowMs - startMs;
  }
  if (world.disagreement !== undefined && difference(world) === undefined) return timeline.nowMs - startMs;
  throw new Violation("same", `${(timeline.nowMs - startMs) / 1000} s after all was healed: ${difference(world)}`);
}

/** What differs between the living; undefined: nothing. */
export function difference(world: World): string | undefined {
  const { living } = world;
  const [first, ...others] = living;
  for (const other of others) {
    const text = compare("has", first, other, haveOf) ?? compare("shows", first, other, treeOf);
    if (text !== undefined) return text;
    if (first.life!.store.digest !== other.life!.store.digest) return "equal trees have different digests";
  }
  return undefined;
}

function compare(verb: string, a: Node, b: Node, read: (node: Node) => Map<string, string>): string | undefined {
  const [left, right] = [read(a), read(b)];
  for (const key of new Set([...left.keys(), ...right.keys()])) {
    if (left.get(key) === right.get(key)) continue;
    return `${a.machine} ${verb} ${left.get(key) ?? "nothing"} of ${key}, ${b.machine} ${right.get(key) ?? "nothing"}`;
  }
  return undefined;
}

function haveOf({ life }: Node): Map<string, string> {
  const have = new Map<string, string>();
  for (const writer of life!.store.writers.values()) {
    if (!writer.have.isEmpty) have.set(writer.name, JSON.stringify(writer.have.toWire()));
  }
  return have;
}

/** Path → value, head and tock. Tombstones may be purged here and not yet there. */
function treeOf({ life }: Node): Map<string, string> {
  const tree = new Map<string, string>();
  const { store } = life!;
  for (const entry of walk(store.root, { meta: true })) {
    const keys: (typeof entry.key)[] = [];
    const path = pathText(keys, entry.readKeys(keys));
    tree.set(
      path,
      `${hexOf(store.values.read(entry.value)).slice(-40)} ${entry.writer!.name}:${entry.tick}@${entry.tock}`,
    );
  }
  return tree;
}

/** When all is said, only heartbeats are left. */
export async function isQuiet(world: World): Promise<void> {
  const { timeline, network } = world;
  await timeline.run(timeline.nowMs + settlingMs);
  const before = new Map(network.sent);
  await timeline.run(timeline.nowMs + quietMs);
  const sent = (kind: Step) => (network.sent.get(kind) ?? 0) - (before.get(kind) ?? 0);
  const usual = world.isMixed ? ["have", "foreign"] : ["have"];
  const others = [...network.sent.keys()].filter((kind) => !usual.includes(kind) && sent(kind) > 0);
  const text = others.map((kind) => `${sent(kind)} ${kind}`).join(", ");
  if (others.length > 0) throw new Violation("quiet", `Everything is said, and yet there come ${text}`);
  const heartbeats = world.living.length * (quietMs / 8000 + 2);
  if (sent("have") > heartbeats) throw new Violation("quiet", `${sent("have")} heartbeats in ${quietMs / 1000} s`);
}

/** What is left to check when all is quiet. */
export function checkEnd(world: World): void {
  for (const { life, machine } of world.living) {
    world.checks.all(life!.store, machine, life!.isDamaged);
    if (!life!.isServing) throw new Violation("quiet", `${machine} still does not serve`);
    const { size } = life!.store.conflicts;
    if (size > 0) throw new Violation("quiet", `${machine} still has ${size} conflicts without a record`);
  }
  holdsLittle(world);
  if (world.isMixed) checkMixed(world);
  else nothingIsLost(world);
  if (!world.isMixed) world.levels.check();
  for (const watcher of world.watchers) watcher.check();
}

/** Every acknowledged write is there, superseded by somebody who had it, or in the conflict list. */
export function nothingIsLost(world: World): void {
  for (const events of world.ghost.byTick.values()) {
    for (const event of events) {
      if (event.acknowledged === "no" || event.isExcused || isAccountedFor(world, event)) continue;
      throw new Violation("lost", `${eventText(event)}, acknowledged as ${event.acknowledged}, is nowhere`);
    }
  }
}

function isHead(store: Store, { keys, writer, tick }: GhostEvent): boolean {
  const entry = store.find(keys, keys.length);
  return entry?.writer?.name === writer && entry.tick === tick;
}

/** Whether an event is present, superseded knowingly, or in the conflict list. */
export function isAccountedFor({ living, ghost }: World, event: GhostEvent): boolean {
  if (event.isPurged) return true;
  // A machine whose name another one has writes all again, records too: they come back if they were dropped at that time.
  if (event.value === null && ghost.tainted.size > 0 && isConflictPath(event.keys, event.keys.length)) return true;
  const stores = living.map((node) => node.life!.store);
  const [store] = stores;
  // A tombstone may be purged on one node, and not yet on another.
  if (stores.some((each) => isHead(each, event) || isInConflicts(each, event))) return true;
  const record = recordKeys({ path: event.keys, writer: { name: event.writer }, tick: event.tick });
  if (ghost.at(pathText(record)).some((other) => other.isSure && has(store, other))) return true;
  return ghost.at(event.path).some((other) =>
    other.isSure && has(store, other) && (other.knew.has(event) || other.value === event.value && isAbove(other, event))
  );
}
