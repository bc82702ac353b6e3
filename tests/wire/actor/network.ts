/** Members of one election on a virtual clock and a network that can fall apart. */

import { Actor, type ActorInput, type ActorOutput } from "../../../wire/actor/actor.ts";
import { decodeActorMessage, encodeActorMessage } from "../../../wire/actor/message.ts";
import { type ActorSettings, mainSettings } from "../../../wire/actor/settings.ts";

/** What a member did, and when. */
export interface Seen {
  readonly atMs: number;
  readonly node: string;
  readonly output: ActorOutput;
}

/** A repeatable source of numbers 0 … 1. */
export function seeded(seed: number): () => number {
  return () => {
    seed = seed + 0x6d2b79f5 | 0;
    let t = Math.imul(seed ^ seed >>> 15, 1 | seed);
    t = t + Math.imul(t ^ t >>> 7, 61 | t) ^ t;
    return ((t ^ t >>> 14) >>> 0) / 2 ** 32;
  };
}

/** A network: messages reach everybody on the same side, the sender included, 1 ms later. */
export class Network {
  nowMs = 0;
  readonly actors = new Map<string, Actor>();
  readonly seen: Seen[] = [];
  /** Which side each member is on. */
  readonly side = new Map<string, number>();
  readonly #random: () => number;
  #inFlight: { atMs: number; to: string; bytes: Uint8Array }[] = [];

  constructor(seed: number, readonly settings: ActorSettings = mainSettings) {
    this.#random = seeded(seed);
  }

  /** Adds a member and starts it. */
  add(node: string, value: readonly number[] | null, announce = true): Actor {
    const actor = new Actor(node, this.settings, this.#random);
    this.actors.set(node, actor);
    this.side.set(node, 0);
    this.give(node, { kind: "value", value });
    this.give(node, { kind: "start", announce });
    return actor;
  }

  /** Lets something happen to a member now. */
  give(node: string, input: ActorInput): void {
    for (const output of this.actors.get(node)!.step(this.nowMs, input)) {
      this.seen.push({ atMs: this.nowMs, node, output });
      if (output.kind !== "send") continue;
      const bytes = encodeActorMessage(output.message);
      for (const to of this.actors.keys()) {
        if (this.side.get(to) === this.side.get(node)) this.#inFlight.push({ atMs: this.nowMs + 1, to, bytes });
      }
    }
  }

  /** Lets time pass. */
  run(ms: number): void {
    const endMs = this.nowMs + ms;
    while (true) {
      const wakes = [...this.actors.values()].map((actor) => actor.wakeAtMs);
      const nextMs = Math.min(...wakes, ...this.#inFlight.map((each) => each.atMs));
      if (nextMs > endMs) break;
      this.nowMs = Math.max(this.nowMs, nextMs);
      const due = this.#inFlight.filter((each) => each.atMs <= this.nowMs);
      this.#inFlight = this.#inFlight.filter((each) => each.atMs > this.nowMs);
      for (const { to, bytes } of due) this.give(to, { kind: "message", message: decodeActorMessage(bytes) });
      for (const [node, actor] of this.actors) if (actor.wakeAtMs <= this.nowMs) this.give(node, { kind: "time" });
    }
    this.nowMs = endMs;
  }

  /** What was seen of one kind since `fromMs`. */
  of<K extends ActorOutput["kind"]>(kind: K, fromMs = 0): (Seen & { output: Extract<ActorOutput, { kind: K }> })[] {
    return this.seen.filter((each) => each.output.kind === kind && each.atMs >= fromMs) as never;
  }

  /** The pings that were sent since `fromMs`. */
  pings(fromMs = 0): { atMs: number; node: string }[] {
    return this.of("send", fromMs).filter((each) => each.output.message.type === "ping");
  }
}
