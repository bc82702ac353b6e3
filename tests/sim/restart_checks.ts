/**
 * What a node must still have after a restart, depending on how its last life ended; and what may be lost with its disk.
 *
 * @module
 */

import { RangeSet } from "../../server/core/range_set.ts";
import type { Store } from "../../server/core/store.ts";
import { walk } from "../../server/core/walk.ts";
import { Violation } from "./failure.ts";
import { eventText, type GhostEvent, isAbove } from "./ghost.ts";
import type { Life } from "./life.ts";
import { Node } from "./node.ts";
import { isInConflicts } from "./step_checks.ts";
import type { World } from "./world.ts";

/** `kill`: nothing that was written is lost. `power`: nothing that was synced. `lost`: the disk is damaged, older, or gone. */
export type Ending = "clean" | "kill" | "power" | "lost";

/** Compares a node's state before and after. `next` undefined: there is no after. */
export function afterRestart(node: Node, last: Life, ending: Ending, next: Life | undefined): void {
  const wasTorn = last.turns.isTorn;
  Node.settle(last.turns.unsure, next, node.world);
  const lost = lostTicks(last.store, next?.store);
  if (ending === "clean" || ending === "kill") nothingIsLost(node, last, lost, next!, wasTorn);
  if (ending === "power") nothingSyncedIsLost(node, last, next!);
  if (ending === "power" || ending === "lost") node.purged.clear();
  if (ending === "lost" || next?.isDamaged) node.lostAtMs = node.world.timeline.nowMs;
  if (ending === "lost") node.world.levels.lost(node.machine, eventsOf(node.world, lost));
  excuse(node, last.store, next?.store, lost);
}

function* eventsOf({ ghost }: World, ticks: Map<string, RangeSet>): Iterable<GhostEvent> {
  for (const [name, set] of ticks) for (const tick of set) yield* ghost.of(name, tick);
}

function lostTicks(before: Store, after: Store | undefined): Map<string, RangeSet> {
  const lost = new Map<string, RangeSet>();
  for (const { name, have } of before.writers.values()) {
    const kept = after?.writers.get(name)?.have ?? new RangeSet();
    const rest = have.difference(kept);
    if (!rest.isEmpty) lost.set(name, rest);
  }
  return lost;
}

function nothingIsLost(node: Node, last: Life, lost: Map<string, RangeSet>, next: Life, wasTorn: boolean): void {
  // As long as an older loss is in the log, only heads are had after each start.
  if (next.isDamaged) return headsAreThere(node, last.store, next.store);
  if (lost.size > 0) {
    const text = [...lost].map(([name, set]) => `${name}:${JSON.stringify(set.toWire())}`);
    throw new Violation("disk", `${node.machine} was stopped or killed and has lost ${text.join(" ")}`);
  }
  for (const { writer, tick } of last.store.conflicts) {
    const [event] = node.world.ghost.of(writer.name, tick);
    if (event === undefined || isInConflicts(next.store, event)) continue;
    throw new Violation(
      "disk",
      `${node.machine} was stopped or killed and has lost the conflict of ${eventText(event)}`,
    );
  }
  if (!wasTorn && last.store.digest !== next.store.digest) {
    throw new Violation("disk", `${node.machine} was stopped or killed and shows something else now`);
  }
}

function headsAreThere(node: Node, before: Store, after: Store): void {
  for (const { writer, tick } of walk(before.root, { empty: true, meta: true })) {
    if (writer === null) continue;
    for (const event of node.world.ghost.of(writer.name, tick)) {
      if (event.isSure && !isShown(node.world, after, event)) {
        throw new Violation("disk", `${node.machine} was stopped or killed and has lost ${eventText(event)}`);
      }
    }
  }
}

function nothingSyncedIsLost(node: Node, last: Life, next: Life): void {
  // What was written behind the hole may have survived, and counts as damage: then only heads are had.
  for (const [name, ranges] of next.isDamaged ? [] : last.saidOnDisk) {
    const have = next.store.writers.get(name)?.have;
    const isThere = ranges.every(([first, to]) => have?.covers(RangeSet.range(first, to)));
    if (isThere) continue;
    const text = `${JSON.stringify(ranges)} of ${name} was on its disk; there is ${
      JSON.stringify(have?.toWire() ?? [])
    }`;
    throw new Violation("disk", `${node.machine} lost power; it had said that ${text}`);
  }
  for (const events of node.world.ghost.byTick.values()) {
    for (const event of events) {
      if (event.machine !== node.machine || event.acknowledged !== "disk" || event.atMs < node.lostAtMs) continue;
      if (next.store.writers.get(event.writer)?.have.has(event.tick)) continue;
      if (next.isDamaged && isShown(node.world, next.store, event)) continue;
      throw new Violation("disk", `${node.machine} lost power, and what was on its disk: ${eventText(event)}`);
    }
  }
}

/** Whether a node shows an event, or one that ranks above it; or nothing, because a deletion above it is purged (DESIGN 4.5.1). */
function isShown({ ghost }: World, store: Store, event: GhostEvent): boolean {
  const entry = store.find(event.keys, event.keys.length);
  if (entry === undefined || entry.writer === null) {
    return ghost.at(event.path).some((other) => other.isPurged && !isAbove(event, other));
  }
  const shown = { tock: entry.tock, writer: entry.writer.name, tick: entry.tick };
  return shown.writer === event.writer && shown.tick === event.tick || isAbove(shown, event);
}

/** What only this machine had, and has lost in a way that it may, is nobody's fault. */
function excuse(node: Node, before: Store, after: Store | undefined, lost: Map<string, RangeSet>): void {
  const { ghost, trace } = node.world;
  for (const [name, ticks] of lost) {
    for (const tick of ticks) {
      for (const event of ghost.of(name, tick)) {
        event.holders.delete(node.machine);
        if (event.holders.size > 0 || event.isExcused) continue;
        event.isExcused = true;
        trace.add(node.machine, () => `only it had ${eventText(event)}`);
      }
    }
  }
  excuseTwins(node, after);
  for (const { writer, tick } of before.conflicts) {
    for (const event of ghost.of(writer.name, tick)) {
      const stores = [...node.world.stores(node.machine), ...(after === undefined ? [] : [after])];
      const isShown = (store: Store) => {
        const entry = store.find(event.keys, event.keys.length);
        return entry?.writer?.name === event.writer && entry.tick === event.tick || isInConflicts(store, event);
      };
      if (!stores.some(isShown)) event.isExcused = true;
    }
  }
}

/** Of a tick that was used twice, the disk that is there now may have the other event: of another life of that name. */
function excuseTwins({ machine, world }: Node, after: Store | undefined): void {
  const { ghost, trace } = world;
  for (const events of ghost.byTick.values()) {
    if (events.length < 2) continue;
    for (const event of events) {
      if (!event.holders.has(machine) || (after !== undefined && isShown(world, after, event))) continue;
      event.holders.delete(machine);
      if (event.holders.size > 0 || event.isExcused) continue;
      event.isExcused = true;
      trace.add(machine, () => `only it had ${eventText(event)}`);
    }
  }
}
