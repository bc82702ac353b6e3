/**
 * A server that follows the original's rules, in the network of ours. It is not cut off from its broker, and nobody kills it:
 * what the original does then is its own affair. What counts is that ours agree, that it lives, and that it ends with the
 * same values.
 *
 * @module
 */

import type { InProcessBackend } from "../../server/backend/in_process.ts";
import { parsePath } from "../../wire/path/parse.ts";
import type { Value } from "../../wire/value.ts";
import { keyOf } from "../support/original_tree.ts";
import { OriginalRules } from "../support/original_rules.ts";
import type { Chance } from "./chance.ts";
import type { World } from "./world.ts";

/** Where its clients write. */
const places = ["p", "p.x", "q", "q.y", "long", "many:3"];

/** See the module. */
export class OriginalPeer {
  readonly rules: OriginalRules;
  #cancel: (() => void) | undefined;
  #count = 0;

  constructor(readonly machine: string, private readonly world: World, backend: InProcessBackend, chance: Chance) {
    this.rules = new OriginalRules({
      name: machine,
      backend,
      root: ["moat", "kv"],
      nowMs: () => world.timeline.nowMs,
      random: () => chance.next(),
    });
  }

  /** Starts. */
  start(): void {
    this.enter(() => this.rules.start());
  }

  /** Something happens to it. */
  enter(body: () => void): void {
    body();
    this.#cancel?.();
    const { wakeAtMs, death } = this.rules;
    if (death !== undefined) this.world.trace.add(this.machine, () => `is dead: ${death}`);
    if (wakeAtMs === Infinity) return;
    const { timeline } = this.world;
    this.#cancel = timeline.after(Math.max(0.01, wakeAtMs - timeline.nowMs), () => this.enter(() => this.rules.time()));
  }

  /** A client does something. */
  act(chance: Chance): void {
    const path = chance.pick(places);
    const isDeletion = chance.happens(0.25) && this.rules.get(path) !== undefined;
    const value = `${this.machine}${++this.#count}`;
    this.world.trace.add(this.machine, () => `${path} ${isDeletion ? "deleted" : `= ${value}`}`);
    this.enter(() => isDeletion ? this.rules.delete(path) : this.rules.set(path, value));
  }

  /** The value that it shows. */
  get(path: string): Value | undefined {
    return this.rules.entries.get(keyOf(parsePath(path)))?.value;
  }
}

/** The paths at which all are compared. */
export const comparedPaths: readonly string[] = [
  ...places,
  "p.x:1",
  ...Array.from({ length: 20 }, (_, i) => `many:${i}`),
];
