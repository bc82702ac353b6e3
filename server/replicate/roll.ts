/**
 * Keeps the members' entries: writes those that are missing, and gives up what only forgotten servers had.
 *
 * @module
 */

import type { Members } from "./members.ts";
import type { ReplicatorParts } from "./parts.ts";
import type { Peers } from "./peers.ts";

/** A server writes its own entry so long after the first contact; the others wait for it. */
const ownMs = 500;
const otherMs = 3000;
const againMs = 1000;
/** Between looks for what can be given up. */
const giveUpMs = 5000;

/** See the module. */
export class Roll {
  /** When to look. */
  dueMs = Infinity;

  constructor(
    private readonly parts: ReplicatorParts,
    private readonly peers: Peers,
    private readonly members: Members,
    /** Whether everything is here that the others have: else an entry may exist, and be on its way. */
    private readonly isInSync: () => boolean,
  ) {}

  /** A server was heard for the first time, or an entry has changed. */
  notice(): void {
    const { nowMs, random, node } = this.parts;
    const isOwn = this.members.unwritten().includes(node);
    this.#by(nowMs() + (isOwn ? ownMs : otherMs + 2000 * random()));
  }

  #by(atMs: number): void {
    this.dueMs = Math.min(this.dueMs, atMs);
  }

  /** Writes what is missing, and gives up what is gone. */
  time(): void {
    const { nowMs, node, turn } = this.parts;
    this.dueMs = Infinity;
    const unwritten = this.members.isAlone ? [] : this.members.unwritten();
    const forgotten = this.members.forgotten().filter((name) => this.#hasLost(name));
    if (unwritten.length > 0 && !this.isInSync()) {
      this.#by(nowMs() + againMs);
    } else if (unwritten.length > 0) {
      // Looks again whether it is logged, and for those who write their own entry.
      this.#by(nowMs() + otherMs);
      const isOwn = unwritten.includes(node);
      turn(() => (isOwn ? [node] : unwritten).forEach((name) => this.members.write(name)));
    }
    if (forgotten.length === 0) return;
    turn(() => forgotten.forEach((name) => this.#giveUp(name)));
    this.#by(nowMs() + giveUpMs);
  }

  #hasLost(name: string): boolean {
    return [...this.parts.store.writers.values()].some((writer) =>
      writer.node === name && writer.have.size + writer.givenUp.size < writer.tick
    );
  }

  /** Gives up what is missing of a forgotten server and nobody else has. */
  #giveUp(name: string): void {
    const { store } = this.parts;
    for (const writer of store.writers.values()) {
      if (writer.node !== name) continue;
      let lost = writer.missing();
      for (const peer of this.peers.byName.values()) {
        const theirs = peer.have.get(writer.name);
        if (theirs !== undefined && peer.node !== name) lost = lost.difference(theirs);
      }
      if (!lost.isEmpty) store.giveUp(writer.name, lost);
    }
  }
}
