/**
 * The virtual network: what is published travels to every member, or is lost, late, repeated, overtaken. Machines are named
 * by their place (`A`, `B`, …), which a node keeps over all its lives.
 *
 * @module
 */

import { Bus, type InProcessBackend } from "../../server/backend/in_process.ts";
import type { Channel } from "../../server/backend/backend.ts";
import type { Chance } from "./chance.ts";
import type { Coverage, Fault, Step } from "./coverage.ts";
import { type Parcel, readParcel } from "./message.ts";
import type { Timeline } from "./timeline.ts";

/** How bad it is; probabilities for each message and receiver. */
export interface Weather {
  loss: number;
  duplicate: number;
  /** Whether messages may overtake each other. */
  reorder: boolean;
  /** Up to so long, and sometimes ten times as long. */
  delayMs: number;
  /** Copies that come much later. */
  lateCopy: number;
  /** Messages that reach only some. */
  partial: number;
}

/** Nothing is wrong. */
export const fairWeather: Weather = {
  loss: 0,
  duplicate: 0,
  reorder: false,
  delayMs: 0,
  lateCopy: 0,
  partial: 0,
};

/** What the network needs of the world. */
export interface NetworkParts {
  readonly timeline: Timeline;
  readonly chance: Chance;
  readonly coverage: Coverage;
  /** Something was published. */
  readonly published: (from: string, parcel: Parcel) => void;
  /** Something arrives; `deliver` hands it over. */
  readonly arrived: (to: string, from: string, parcel: Parcel, deliver: () => void) => void;
}

/** Without any fault. */
const baseMs = 0.4;
/** What a slow reader may leave unread. */
const unreadMax = 40;

/** See the module. */
export class Network {
  weather: Weather = { ...fairWeather };
  /** `A>B`: nothing from A reaches B. */
  readonly cuts: Set<string> = new Set();
  /** Machines of different groups do not hear each other. */
  readonly groups: Map<string, number> = new Map();
  /** Machines that take so long for each message. */
  readonly slow: Map<string, number> = new Map();
  /** Machines for whom the weather is always fair. */
  readonly sheltered: Set<string> = new Set();
  /** Scripts say here what gets through; the last word on each message and receiver. */
  passes: (from: string, to: string, parcel: Parcel) => boolean = () => true;
  /** Scripts get a chance to keep a delivery for later. */
  overhear: (from: string, to: string, parcel: Parcel, again: () => void) => void = () => {};
  /** Messages by kind since the start, each counted once. */
  readonly sent: Map<Step, number> = new Map();
  bytes = 0;
  /** When the last of the late copies arrives. */
  copiesUntilMs = 0;
  readonly #bus: Bus;
  readonly #members = new Map<string, InProcessBackend>();
  readonly #lastAt = new Map<string, number>();
  readonly #unread = new Map<string, { count: number; untilMs: number }>();
  #payload: Uint8Array | undefined;
  #parcel!: Parcel;
  #isPartial = false;
  #brokerLife = 0;
  #isBrokerUp = true;

  constructor(private readonly parts: NetworkParts) {
    this.#bus = new Bus((from, to, channel, payload, deliver) => this.#carry(from, to, channel, payload, deliver));
  }

  /** A process on that machine connects. */
  join(machine: string): InProcessBackend {
    const member = this.#bus.join(machine);
    this.#members.set(machine, member);
    if (!this.#isBrokerUp) member.detach("no broker");
    return member;
  }

  /** Its process is gone. */
  leave(machine: string): void {
    this.#members.get(machine)?.detach("closed");
    this.#members.delete(machine);
  }

  /** The broker is gone, with all that is under way, and comes back. */
  restartBroker(downMs: number): void {
    if (!this.#isBrokerUp) return;
    this.#isBrokerUp = false;
    this.#brokerLife++;
    for (const member of this.#members.values()) member.detach("the broker is gone");
    this.parts.timeline.after(downMs, () => {
      this.#isBrokerUp = true;
      for (const machine of this.#members.keys()) {
        this.parts.timeline.after(this.parts.chance.between(0, 200), () => {
          const now = this.#members.get(machine);
          if (now !== undefined && !now.isAttached && this.#isBrokerUp) now.attach();
        });
      }
    });
  }

  /** Whether a connection of clients would come about, and hold. */
  connects(a: string, b: string): boolean {
    const { cuts, groups } = this;
    return groups.get(a) === groups.get(b) && !cuts.has(`${a}>${b}`) && !cuts.has(`${b}>${a}`);
  }

  /** Ends all faults. */
  heal(): void {
    this.weather = { ...fairWeather };
    this.cuts.clear();
    this.groups.clear();
    this.slow.clear();
  }

  #met(fault: Fault): true {
    this.parts.coverage.met(fault, this.#parcel.kind);
    return true;
  }

  #carry(
    from: InProcessBackend,
    to: InProcessBackend,
    channel: Channel,
    payload: Uint8Array,
    deliver: () => void,
  ): void {
    const { chance } = this.parts;
    if (payload !== this.#payload) this.#begin(from, channel, payload);
    const parcel = this.#parcel;
    const arrive = () => this.parts.arrived(to.name, from.name, parcel, deliver);
    if (from === to) return this.#after(baseMs, arrive);
    const weather = this.sheltered.has(to.name) ? fairWeather : this.weather;
    this.overhear(from.name, to.name, parcel, arrive);
    if (!this.passes(from.name, to.name, parcel)) return;
    if (this.cuts.has(`${from.name}>${to.name}`)) return void this.#met("one-way cut");
    if (this.groups.get(from.name) !== this.groups.get(to.name)) return void this.#met("split");
    if (this.#isPartial && weather.partial > 0 && chance.happens(0.5)) return void this.#met("partial");
    if (chance.happens(weather.loss)) return void this.#met("loss");
    this.#send(weather, from.name, to.name, arrive);
    if (chance.happens(weather.duplicate) && this.#met("duplicate")) this.#send(weather, from.name, to.name, arrive);
    if (chance.happens(weather.lateCopy) && this.#met("late copy")) {
      const ms = chance.between(5_000, 40_000);
      this.copiesUntilMs = Math.max(this.copiesUntilMs, this.parts.timeline.nowMs + ms);
      this.parts.timeline.after(ms, arrive);
    }
  }

  #begin(from: InProcessBackend, channel: Channel, payload: Uint8Array): void {
    this.#payload = payload;
    this.#parcel = readParcel(channel, payload);
    this.#isPartial = this.parts.chance.happens(this.weather.partial);
    this.sent.set(this.#parcel.kind, (this.sent.get(this.#parcel.kind) ?? 0) + 1);
    this.bytes += payload.length;
    this.parts.published(from.name, this.#parcel);
  }

  #send({ delayMs, reorder }: Weather, from: string, to: string, arrive: () => void): void {
    const { chance, timeline } = this.parts;
    let ms = baseMs + chance.next() * 0.2;
    if (delayMs > 0 && this.#met("delay")) ms += chance.next() * delayMs * (chance.happens(0.05) ? 10 : 1);
    const line = `${from}>${to}`;
    const last = this.#lastAt.get(line) ?? 0;
    let atMs = timeline.nowMs + ms;
    if (atMs < last) {
      if (reorder) this.#met("reorder");
      else atMs = last;
    }
    this.#lastAt.set(line, Math.max(last, atMs));
    const slowMs = this.slow.get(to);
    if (slowMs !== undefined) return this.#queue(to, slowMs, atMs - timeline.nowMs, arrive);
    this.#after(atMs - timeline.nowMs, arrive);
  }

  /** A slow reader has a queue with an end. */
  #queue(to: string, slowMs: number, ms: number, arrive: () => void): void {
    this.#met("slow reader");
    const { timeline } = this.parts;
    const unread = this.#unread.get(to) ?? { count: 0, untilMs: 0 };
    this.#unread.set(to, unread);
    if (unread.count >= unreadMax) return;
    unread.count++;
    unread.untilMs = Math.max(unread.untilMs, timeline.nowMs + ms) + slowMs;
    this.#after(unread.untilMs - timeline.nowMs, () => {
      unread.count--;
      arrive();
    });
  }

  #after(ms: number, arrive: () => void): void {
    const life = this.#brokerLife;
    const parcel = this.#parcel;
    this.parts.timeline.after(ms, () => {
      if (life === this.#brokerLife) arrive();
      else this.parts.coverage.met("broker restart", parcel.kind);
    });
  }
}
