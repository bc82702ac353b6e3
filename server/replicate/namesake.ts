/**
 * Notices that somebody else writes under this server's writer name, and takes another one then. What no start can see
 * shows on contact:
 *
 * | what is heard | who it is |
 * | --- | --- |
 * | a tick of the own writer that was not made here | an image of this disk, started elsewhere |
 * | the own writer with another life id | another machine of that name |
 * | a tick of the own writer at another place than here | an image that has used the same ticks |
 *
 * Whatever heads an entry under the old name is written again under the new one: then no tick that means two things
 * decides anything. That holds for the names of earlier runs, too, and where an event meets such an entry, before it is
 * merged: its chain may name the other server's ticks, and what was written here would seem to be known there.
 *
 * @module
 */

import type { SyncHead } from "../../wire/message/sync_heads.ts";
import type { SyncHave, SyncMessage } from "../../wire/message/sync.ts";
import type { ElementKey } from "../../wire/path/keys.ts";
import type { IncomingChain } from "../core/chain.ts";
import type { Effect } from "../core/effect.ts";
import { rewriteHeads } from "../core/identity.ts";
import type { Incoming } from "../core/incoming.ts";
import type { Writer } from "../core/writer.ts";
import { NamesakeProcesses } from "./namesake_processes.ts";
import type { ReplicatorParts } from "./parts.ts";
import { Strangers } from "./strangers.ts";

/** After what could not be logged. */
const retryMs = 1000;
/** So many former names are told. */
const wasMax = 20;
/** Entries written again in one turn. */
const turnMax = 500;

/** See the module. */
export class Namesake {
  /** When something is due. */
  dueMs = Infinity;
  readonly #processes: NamesakeProcesses;
  /** The names that this server has written under, in this run or an earlier one. */
  readonly #used: Set<string>;
  readonly #strangers: Strangers;
  readonly was: string[] = [];
  /** Those under which no entry stands any more. */
  readonly #clean = new Set<string>();
  /** Writers whose heads are to be written again. */
  readonly #left: Writer[] = [];
  #isTaken = false;
  /** The new name, until it is logged, and the one before. */
  #pending: { readonly writer: Writer; readonly before: Writer } | undefined;

  /** @param renamed Called when the writer has another name, and when all heads are written again */
  constructor(private readonly parts: ReplicatorParts, private readonly renamed: (isDone: boolean) => void) {
    const { node, store: { local, writers } } = parts;
    this.#used = new Set([local.name]);
    this.#strangers = new Strangers(parts.nowMs);
    this.#processes = new NamesakeProcesses(parts.nowMs);
    for (const { name, node: own, lifeId } of writers.values()) {
      if (own === node && lifeId !== null) this.#used.add(name);
    }
  }

  /** A message under this server's name came from another process. */
  heard(message: SyncMessage): void {
    if (this.#processes.heard(message, this.parts.store.local.name)) this.#take();
  }

  /** Learns the life ids of writers, and which names others do not use any more because somebody else does. */
  lives(message: SyncHave): void {
    const { lives, node, was } = message;
    const { store, store: { writers }, turn } = this.parts;
    this.#strangers.told(message);
    const learned: [Writer, string][] = [];
    for (const name of was) if (this.#used.has(name) && !this.#clean.has(name)) this.#isShared(name);
    for (const [name, life] of lives) {
      const writer = writers.get(name);
      if (writer === undefined || writer.lifeId === life) continue;
      if (writer.lifeId === null) {
        if (!this.#used.has(name)) learned.push([writer, life]);
      } else if (this.#used.has(name)) {
        if (!this.#clean.has(name)) this.#isShared(name);
      } else this.#reportTwo(name, node);
    }
    if (learned.length > 0) turn(() => learned.forEach(([writer, life]) => store.learnLife(writer, life)));
  }

  readonly #reported = new Set<string>();
  #reportTwo(name: string, node: string): void {
    if (this.#reported.has(name) || this.#reported.size > 100) return;
    this.#reported.add(name);
    this.parts.report(`Two servers have written under the name ${name}, as ${node} says`);
  }

  /**
   * Within a turn: looks at events before they are merged, and writes again what they meet. Returns those that may be
   * merged now; the others will be asked for. @param id The process that sends them, if it is one of ours
   */
  incoming(events: readonly Incoming[], id?: string): readonly Incoming[] {
    const own = events.filter((event) => this.#looksAt(event));
    if (own.length === 0) return events;
    this.check();
    const isStrange = id !== undefined && this.#strangers.has(id);
    return events.filter((event) => !own.includes(event) || !this.#meetsOwn(event, isStrange));
  }

  /** Whether an event's chain names one of the own names, which may tell that somebody else uses it. */
  #looksAt({ chain, keys, length }: Incoming): boolean {
    const { local } = this.parts.store;
    let isFound = false;
    for (let link: IncomingChain | null | undefined = chain; link; link = link.prev) {
      if (!this.#used.has(link.node)) continue;
      isFound = true;
      if (link.node === local.name && link.tick > local.tick) this.#take();
      this.#at(link.node, link.tick, keys, length);
    }
    return isFound;
  }

  /** Whether an event has to wait. What it meets and was written under a name that is in doubt is written again. */
  #meetsOwn({ keys, length }: Incoming, isStrange: boolean): boolean {
    const { store } = this.parts;
    const entry = store.find(keys, length);
    const writer = entry?.writer;
    if (!entry || !writer || !this.#used.has(writer.name) || this.#clean.has(writer.name)) return false;
    const isLeft = this.#left.includes(writer) || writer === this.#pending?.before;
    if (isLeft) store.rewrite(entry);
    return !isLeft && isStrange;
  }

  /** Looks at what a peer shows. */
  heads(heads: readonly SyncHead[]): void {
    for (const { keys, links } of heads) {
      for (const [name, tick] of links) if (this.#used.has(name)) this.#at(name, tick, keys, keys.length);
    }
  }

  /** Somebody has this tick of an own writer in a chain there. Here it may be in one elsewhere. */
  #at(name: string, tick: number, keys: readonly ElementKey[], length: number): void {
    const { store } = this.parts;
    const places = store.writers.get(name)?.entries(tick) ?? [];
    if (places.length > 0 && !places.includes(store.find(keys, length)!)) this.#isShared(name);
  }

  /** Somebody else has written under this name, too. */
  #isShared(name: string): void {
    const { store, nowMs } = this.parts;
    if (name === store.local.name) return this.#take();
    const writer = store.writers.get(name)!;
    if (this.#left.includes(writer) || !writer.headsAny) return;
    this.#left.push(writer);
    this.dueMs = nowMs();
  }

  /** Within a turn, after something was heard: takes another name if need be. */
  check(): void {
    const { local } = this.parts.store;
    const { have, tick } = local;
    const isWhole = tick === 0 || (have.rangeCount === 1 && have.first(0) === 1 && have.last(0) === tick);
    if (!isWhole) this.#take();
    if (this.#isTaken && local !== this.#pending?.writer) this.#rename(local);
  }

  #take(): void {
    this.#isTaken = true;
    this.dueMs = this.parts.nowMs();
  }

  #rename(before: Writer): void {
    const { store, newWriterName } = this.parts;
    store.adoptWriter(newWriterName());
    this.#renewLife();
    this.#pending = { writer: store.local, before };
  }

  /** Looks for alarms, and for what was done here: it counts when it is logged. */
  committed(effects: readonly Effect[]): void {
    const { store: { local }, nowMs } = this.parts;
    for (const effect of effects) {
      if (effect.kind === "alarm" && effect.writer === local && effect.reason !== "reset") this.#take();
      if (effect.kind === "renamed" && effect.writer === this.#pending?.writer) this.#isRenamed(this.#pending.before);
    }
    if (this.#left.length > 0) this.dueMs = Math.min(this.dueMs, nowMs() + 1);
  }

  #isRenamed(before: Writer): void {
    const { store, report, nowMs } = this.parts;
    this.#isTaken = false;
    this.#pending = undefined;
    const hasWritten = !before.have.isEmpty;
    report(
      hasWritten
        ? `Another server writes under the name ${before.name}: from now on this one writes as ${store.local.name}`
        : `The name ${before.name} was in use before: this server writes as ${store.local.name}`,
    );
    if (hasWritten) this.#left.push(before);
    if (this.was.length < wasMax) this.was.push(before.name);
    this.dueMs = nowMs();
    this.renamed(false);
  }

  /** Takes a new writer name for another reason. Within a turn. */
  renew(): void {
    if (this.parts.store.local.tick > 0) this.parts.store.adoptWriter(this.parts.newWriterName());
    this.#renewLife();
  }

  #renewLife(): void {
    const { store, random } = this.parts;
    this.#used.add(store.local.name);
    store.local.lifeId ??= Array.from({ length: 16 }, () => letters[Math.floor(random() * letters.length)]).join("");
  }

  /** Does what is due. What cannot be logged is tried again after a while. */
  time(): void {
    const { nowMs, turn, store } = this.parts;
    this.dueMs = this.#isTaken || this.#left.length > 0 ? nowMs() + retryMs : Infinity;
    if (this.#isTaken) return turn(() => this.check());
    const writer = this.#left[0];
    if (writer === undefined) return;
    let count = -1;
    turn(() => void (count = rewriteHeads(store, writer, turnMax)));
    if (count !== 0) return;
    this.#left.shift();
    this.#clean.add(writer.name);
    this.dueMs = nowMs();
    if (this.#left.length === 0) this.renamed(true);
  }
}

const letters = "abcdefghijklmnopqrstuvwxyz234567";
