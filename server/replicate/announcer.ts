/**
 * Says what this server has: on every attach, at most a second after a change, every ten seconds, and within five
 * milliseconds when somebody wants to know.
 *
 * @module
 */

import { ticksField } from "../../wire/message/sync.ts";
import type { Conflict } from "../core/effect.ts";
import { RangeSet } from "../core/range_set.ts";
import type { Outbox } from "./outbox.ts";
import type { ReplicatorParts } from "./parts.ts";
import { haveOf, missingOf, type MutableTicks, splitTicks } from "./ticks.ts";

/** After a change made here; the others hear of its loss from this. */
export const ownChangeMs = 400;
/** After a change that came from elsewhere. */
export const otherChangeMs = 900;
/** Without a change. */
export const heartbeatMs = 10_000;
/** While probing. */
const probeAgainMs = 1000;
/** When it is wanted. */
export const wantedMs = 3;

/** More ranges, or life ids, go in several messages: some tens of kilobytes each. */
export const partRanges = 2000;

/** Losers without a record that are told. */
const lostMax = 1000;

/** What only others know. */
export interface Announced {
  readonly members: readonly string[];
  readonly forgotten: readonly string[];
  readonly isReady: boolean;
  readonly back: number;
  /** The names that it writes under no more, because others do. */
  readonly was: readonly string[];
  /** Whether nothing may be purged on this server's word. */
  readonly isSilent: boolean;
}

/** See the module. */
export class Announcer {
  /** When the next announcement is due. */
  dueMs = Infinity;
  /** From when on it asks. Not before: an answer that asks again would be answered, and so on. */
  #askMs = Infinity;
  /**
   * While this server does not know whether another one bears its name: nothing is said of what is here, because a live
   * server would take another writer name on hearing of it. The others are only asked.
   */
  isProbing = false;
  /** Of what was said in several messages. */
  #nr = 1;
  /** Whether only the own life id is told: enough after a change. */
  #isBrief = false;

  constructor(
    private readonly parts: ReplicatorParts,
    private readonly outbox: Outbox,
    private readonly announced: () => Announced,
  ) {}

  /** In `ms` at the latest. With `asks`, others are asked to say the same of themselves. */
  within(ms: number, asks: boolean = false): void {
    this.#isBrief = false;
    this.#by(ms);
    if (asks) this.#askMs = Math.min(this.#askMs, this.parts.nowMs() + ms);
  }

  /** After a change. */
  changed(isOwn: boolean): void {
    const before = this.dueMs;
    this.#by(isOwn ? ownChangeMs : otherChangeMs);
    if (this.dueMs < before) this.#isBrief = true;
  }

  #by(ms: number): void {
    this.dueMs = Math.min(this.dueMs, this.parts.nowMs() + ms);
  }

  /** Others were asked in another way. */
  asked(): void {
    this.#askMs = Infinity;
  }

  /** Says it. */
  time(): void {
    const { store, nowMs, random, addresses } = this.parts;
    if (this.isProbing) {
      this.outbox.send("ask");
      return void (this.dueMs = nowMs() + probeAgainMs);
    }
    const onDisk = this.parts.onDisk();
    const asks = this.#askMs <= nowMs();
    const { members, forgotten, isReady, back, was, isSilent } = this.announced();
    const lives: [string, string][] = [];
    for (const writer of this.#isBrief ? [store.local] : store.writers.values()) {
      if (writer.lifeId !== null) lives.push([writer.name, writer.lifeId]);
    }
    const disk = onDisk && splitTicks(onDisk, partRanges);
    const parts = splitTicks(haveOf(store), partRanges);
    const lifeParts = splitLives(lives);
    const count = Math.max(1, parts.length, disk?.length ?? 0, lifeParts.length);
    const part = (i: number) => ({
      writer: store.local.name,
      lives: lifeParts[i] ?? {},
      have: ticksField(parts[i] ?? new Map()),
      disk: disk && ticksField(disk[i] ?? new Map()),
      ...(count > 1 ? { nr: this.#nr, part: i, parts: count } : {}),
    });
    if (count > 1) this.#nr++;
    this.outbox.send("have", {
      ...part(0),
      members: [...members],
      forgotten: [...forgotten],
      at: [...addresses()],
      digest: store.digest,
      ready: isReady,
      quiet: missingOf(store).size === 0 || undefined,
      wanted: asks || undefined,
      back: back || undefined,
      memory: this.parts.isMemoryOnly || undefined,
      silent: isSilent || undefined,
      was: was.length > 0 ? [...was] : undefined,
      lost: store.conflicts.size > 0 ? ticksField(lostIn(store.conflicts)) : undefined,
    });
    for (let i = 1; i < count; i++) this.outbox.send("have", { ...part(i), digest: "" });
    this.#isBrief = false;
    if (asks) this.#askMs = Infinity;
    this.dueMs = Math.min(this.#askMs, nowMs() + heartbeatMs * (0.8 + 0.2 * random()));
  }
}

function splitLives(lives: readonly [string, string][]): { readonly [writer: string]: string }[] {
  const parts: { readonly [writer: string]: string }[] = [];
  for (let at = 0; at < lives.length; at += partRanges) {
    parts.push(Object.fromEntries(lives.slice(at, at + partRanges)));
  }
  return parts;
}

function lostIn(conflicts: Iterable<Conflict>): MutableTicks {
  const lost: MutableTicks = new Map();
  let count = 0;
  for (const { writer, tick } of conflicts) {
    if (++count > lostMax) break;
    const set = lost.get(writer.name) ?? new RangeSet();
    lost.set(writer.name, set);
    set.add(tick);
  }
  return lost;
}
