/**
 * Speaks to servers of the original, beside the replication among ours: takes part in their elections, takes their updates
 * in, sends ours in their form and no faster than they can read, answers what they lack, and repairs after a split as they
 * do. Like the replicator it is a step machine; what it sends leaves from `committed()` and `time()`, elections' messages
 * apart.
 *
 * ```text
 * ROOT/ping, del ─▶ elections ─▶ recovery, our turn, who is there
 * ROOT/update ────▶ reception ─▶ host.merge
 * ROOT/info ──────▶ reception ─▶ ticks heard · requests (what they lack) · hints (what they say is superseded)
 * committed() ────▶ outbox ─▶ ROOT/update, paced
 * ```
 *
 * Source: `spec/server-protocol.md`; DESIGN 4.7, 4.10.
 *
 * @module
 */

import { KvError } from "../../../wire/errors.ts";
import type { Info, NodeRanges } from "../../../wire/message/info.ts";
import type { Effect } from "../../core/effect.ts";
import { missingOf } from "../ticks.ts";
import type { Compat, CompatHost } from "../seam.ts";
import { type CompatCounters, countersOf } from "./counters.ts";
import { choicesOf, type CompatChoices, type CompatOptions } from "./options.ts";
import { type CompatRooms, makeRooms } from "./rooms.ts";
import type { ElectionWord } from "./elections.ts";
import { addTick, type MutableTicks, toRanges } from "./tick_sets.ts";

/** Ticks of one question that are looked up; an original asks for 100 at a time. */
const checkedMax = 100_000;

/** Makes what the replicator is given as `compat`. */
export function compatWith(options: CompatOptions = {}): (host: CompatHost) => OriginalsCompat {
  return (host) => new OriginalsCompat(host, choicesOf(options));
}

/** See the module. */
export class OriginalsCompat implements Compat {
  readonly #rooms: CompatRooms;
  readonly #subscriptions = new DisposableStack();
  #isStarted = false;
  #wasMixed = false;
  /** Looked at with whatever else is due. */
  #hostmapDueMs = 0;

  constructor(private readonly host: CompatHost, private readonly choices: CompatChoices) {
    this.#rooms = makeRooms(host, choices);
  }

  /** Names of the last hour that are not ours. */
  get originals(): readonly string[] {
    return this.#rooms.presence.originals(this.#nowMs);
  }

  /** Whether updates go out in the original's form. */
  get isMixed(): boolean {
    return this.choices.updates === "always" || this.#rooms.presence.isMixed(this.#nowMs);
  }

  /** What was done so far. */
  get counters(): CompatCounters {
    return countersOf(this.#rooms);
  }

  get #nowMs(): number {
    return this.host.parts.nowMs();
  }

  /** Whether there is somebody to tell something, and a connection. */
  get #isActive(): boolean {
    return this.#wasMixed && this.host.parts.backend.isAttached;
  }

  /** When `time()` has to be called. */
  get wakeAtMs(): number {
    const { elections, recoveries, facts, requests, hints, resets, statements, assertions, audit, outbox, bridge } =
      this.#rooms;
    const alwaysMs = Math.min(elections.wakeAtMs, recoveries.wakeAtMs);
    if (!this.#isActive) return alwaysMs;
    return Math.min(
      alwaysMs,
      facts.wakeAtMs,
      requests.dueMs,
      hints.wakeAtMs,
      resets.wakeAtMs,
      statements.dueMs,
      assertions.wakeAtMs,
      audit.dueMs,
      outbox.wakeAtMs,
      bridge.dueMs,
    );
  }

  /** Subscribes, and appears as soon as there is a connection. */
  start(): void {
    const { backend, root } = this.host.parts;
    for (const word of ["ping", "del"] as const) {
      this.#subscriptions.use(backend.monitor([...root, word], (payload) => this.#elect(word, payload)));
    }
    for (const word of ["update", "info"] as const) {
      this.#subscriptions.use(backend.monitor([...root, word], (payload) => {
        this.#rooms.reception.receive(word, payload, this.#nowMs);
        this.#noticed();
      }));
    }
    this.#subscriptions.use(backend.watch((event) => {
      if (event.kind === "attached") this.#attached();
    }));
    if (backend.isAttached) this.#attached();
  }

  #attached(): void {
    const { facts, elections, deleters, audit } = this.#rooms;
    facts.logged();
    audit.noticed(this.#nowMs);
    facts.ticksDueMs = this.#nowMs + this.choices.main.gapMs;
    if (!this.#isStarted) {
      this.#isStarted = true;
      elections.start(this.#nowMs);
      if (deleters.read()) elections.join(deleters.members, this.#nowMs);
    }
    this.#noticed();
  }

  #elect(word: ElectionWord, payload: Uint8Array): void {
    try {
      this.#rooms.elections.receive(word, payload, this.#nowMs);
    } catch (error) {
      if (!(error instanceof KvError)) throw error;
      this.host.refuse(error.message, `somebody on ROOT/${word}`);
    }
    this.#noticed();
  }

  /** Something came in: what follows is due soon. */
  #noticed(): void {
    const { facts } = this.#rooms;
    const { gapMs } = this.choices.main;
    const isMixed = this.isMixed;
    if (isMixed && !this.#wasMixed) facts.ticksDueMs = Math.min(facts.ticksDueMs, this.#nowMs + gapMs / 2);
    if (isMixed) facts.missWithin(gapMs / 4, this.#nowMs);
    this.#wasMixed = isMixed;
    this.host.wake();
  }

  /** Everything up to here is logged. */
  committed(effects: readonly Effect[]): void {
    const nowMs = this.#nowMs;
    const isMixed = this.#wasMixed = this.isMixed;
    this.#rooms.facts.logged();
    this.#rooms.noticer.committed(effects, isMixed, nowMs);
    if (isMixed) this.#rooms.outbox.flush(nowMs);
  }

  /** Does what is due. */
  time(): void {
    const { elections, recoveries, facts, requests, hints, resets, statements, audit, presence, outbox, bridge } =
      this.#rooms;
    const nowMs = this.#nowMs;
    facts.logged();
    elections.time(nowMs);
    recoveries.time(nowMs);
    if (!this.isMixed) return this.#rest();
    if (!this.host.parts.backend.isAttached) return;
    facts.time(nowMs);
    if (nowMs >= requests.dueMs) this.#answer(nowMs);
    hints.time(nowMs);
    statements.time(nowMs, () => presence.originals(nowMs));
    audit.time(nowMs, this.#isQuiet, () => presence.originals(nowMs));
    resets.time(nowMs);
    bridge.time(nowMs);
    outbox.flush(nowMs);
    this.#write(nowMs);
  }

  /** Nobody listens: nothing needs to be told. */
  #rest(): void {
    const { facts, outbox, assertions, requests } = this.#rooms;
    this.#wasMixed = false;
    outbox.clear();
    assertions.clear();
    facts.ticksDueMs = facts.missingDueMs = requests.dueMs = Infinity;
  }

  #answer(nowMs: number): void {
    const { requests, isMute } = this.#rooms;
    const { cycleMs } = this.choices.main;
    if (isMute()) return void (requests.dueMs = nowMs + cycleMs);
    const isMore = requests.answer(nowMs);
    // What is missing here, too, may have arrived by then.
    requests.within(nowMs + (isMore ? 10 : cycleMs));
  }

  /** What changes the store comes last: nothing is sent before it is logged. */
  #write(nowMs: number): void {
    const { assertions, hostmap, presence } = this.#rooms;
    const { turn, isReady } = this.host.parts;
    if (nowMs >= this.#hostmapDueMs) {
      this.#hostmapDueMs = nowMs + this.choices.main.cycleMs;
      if ((isReady?.() ?? true) && presence.hasOriginals(nowMs) && hostmap.isWrong) turn(() => hostmap.write());
    }
    if (assertions.wakeAtMs > nowMs) return;
    if (this.#isQuiet) turn(() => assertions.time(nowMs, presence.place(nowMs) * this.choices.main.gapMs));
    else assertions.putOff(nowMs + this.choices.main.gapMs);
  }

  get #isQuiet(): boolean {
    return this.host.isQuiet && !this.#rooms.recoveries.isRunning && missingOf(this.host.parts.store).size === 0;
  }

  /** A client (an original that resyncs) asks which of these are deleted: those that are purged here are told to all. */
  checkDeleted(ticks: NodeRanges): void {
    const purged: MutableTicks = new Map();
    let left = checkedMax;
    for (const [writer, ranges] of ticks) {
      for (const [first, last] of ranges) {
        for (let tick = first; tick <= last && left-- > 0; tick++) {
          if (this.host.isPurged(writer, tick)) addTick(purged, writer, tick);
        }
      }
    }
    if (purged.size > 0) this.tell({ deleted: toRanges(purged) });
  }

  /** Originals, if there may be any, hear this. */
  tell(info: Info): void {
    if (!this.isMixed) return;
    this.#rooms.outbox.info(info, this.#nowMs);
    this.host.wake();
  }

  /** The last chance to publish. */
  stop(): void {
    this.#subscriptions.dispose();
  }
}
