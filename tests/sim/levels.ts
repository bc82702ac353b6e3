/**
 * What `nodes: N` promises: a write that so many nodes had on their disks outlives the loss of all of these disks but one.
 *
 * @module
 */

import { Violation } from "./failure.ts";
import { eventText, type GhostEvent } from "./ghost.ts";
import { isAccountedFor } from "./end_checks.ts";
import { has } from "./step_checks.ts";
import type { World } from "./world.ts";

/** A write that was acknowledged so. */
interface Kept {
  readonly event: GhostEvent;
  /** How many nodes had it, by the reply. */
  readonly nodes: number;
}

/** See the module. */
export class Levels {
  readonly #kept = new Map<GhostEvent, Kept>();
  /** Machines that lost an event with their disks. */
  readonly #lostOn = new Map<GhostEvent, Set<string>>();

  /** Writes that reached more than their own node. */
  get size(): number {
    return this.#kept.size;
  }

  /** How many nodes had an event, as its client was told. */
  nodesOf(event: GhostEvent): number | undefined {
    return this.#kept.get(event)?.nodes;
  }

  /** @param world Whose nodes they are */
  constructor(private readonly world: World) {}

  /** A client was told how far its write got. @throws {Violation} If that is not so */
  reached(event: GhostEvent, { nodes, isLost }: { readonly nodes: number; readonly isLost: boolean }): void {
    const { ghost, trace } = this.world;
    trace.add(
      event.machine,
      () => `is told that ${nodes} nodes have ${eventText(event)}${isLost ? ", and it lost" : ""}`,
    );
    ghost.acknowledge(event, "disk");
    if (nodes < 2) return;
    const had = new Set(this.#lostOn.get(event));
    for (const { machine, lastStore } of this.world.nodes) if (lastStore && has(lastStore, event)) had.add(machine);
    if (had.size < nodes && ghost.tainted.size === 0) {
      throw new Violation("truth", `${nodes} nodes are said to have ${eventText(event)}; it was on ${[...had]}`);
    }
    this.#kept.set(event, { event, nodes });
  }

  /** A machine lost its disk, and these events with it. */
  lost(machine: string, events: Iterable<GhostEvent>): void {
    for (const event of events) this.#lostOn.set(event, (this.#lostOn.get(event) ?? new Set()).add(machine));
  }

  /** At the end. @throws {Violation} If a write is nowhere, though too few disks were lost */
  check(): void {
    for (const { event, nodes } of this.#kept.values()) {
      const lost = this.#lostOn.get(event)?.size ?? 0;
      if (lost >= nodes || isAccountedFor(this.world, event)) continue;
      throw new Violation(
        "lost",
        `${eventText(event)} was on ${nodes} disks, of which ${lost} were lost, and is nowhere`,
      );
    }
  }
}
