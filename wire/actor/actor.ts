/**
 * The election as a step function: what happens goes in with the time, what to do comes out, and `wakeAtMs` says when to
 * ask again. About once a cycle exactly one member pings and is "it" until the next ping; a ping whose predecessor is not
 * the one that the receiver knows is a collision, a new member, or a split that heals.
 *
 * ```text
 *             ping sent                gap over: tag            cycle − gap/2 over: untag
 *   idle ───────────────────▶ gap ───────────────────▶ tagged ─────────────────────────────▶ idle
 *                              └──── another member's valid ping: idle (untag, if tagged) ────┘
 * ```
 *
 * Three things differ from the original, all on purpose: two members that are both alone report their meeting (the
 * original takes it for a plain collision and never exchanges what it missed); settings are announced only if the caller
 * says that nobody can have higher ones (hearing lower ones kills the original of 2024); a `hist` of another member of the
 * own side is enough not to send one's own.
 *
 * Source: `spec/server-protocol.md` 4.
 *
 * @module
 */

import { History } from "./history.ts";
import type { ActorMessage, ActorValue } from "./message.ts";
import { goesBefore } from "./priority.ts";
import { pingDelayGaps } from "./schedule.ts";
import type { ActorSettings } from "./settings.ts";
import { Timers } from "./timers.ts";

/** What can happen to a member. */
export type ActorInput =
  /** The member appears. `announce`: tell the settings, too. */
  | { readonly kind: "start"; readonly announce: boolean }
  | { readonly kind: "message"; readonly message: ActorMessage }
  /** Time has passed. */
  | { readonly kind: "time" }
  /** What the member tells of itself from now on. */
  | { readonly kind: "value"; readonly value: ActorValue }
  /** Take part, in a group of so many. */
  | { readonly kind: "enable"; readonly members: number }
  /** Only listen from now on. */
  | { readonly kind: "disable" };

/** What a member does, or tells its owner. */
export type ActorOutput =
  | { readonly kind: "send"; readonly message: ActorMessage }
  /** I am it. */
  | { readonly kind: "tag" }
  /** No longer: the time is over, or another's turn began. */
  | { readonly kind: "untag" }
  /** No longer: the other side of a collision goes first. */
  | { readonly kind: "detag" }
  /** I am not ready, but these are. */
  | { readonly kind: "good"; readonly nodes: readonly string[] }
  /** Two sides met. `prio` is the own place in the own side's history. */
  | {
    readonly kind: "recover";
    readonly prio: number;
    readonly replaced: boolean;
    readonly local: readonly string[];
    readonly remote: readonly string[];
  }
  /** Another member is it. */
  | { readonly kind: "ping"; readonly message: ActorMessage }
  /** Others have newer settings, which hold from now on. */
  | { readonly kind: "setup"; readonly settings: ActorSettings }
  /** Another member bears the own name. */
  | { readonly kind: "clash" };

/** Values of more members than this are not remembered. */
const valuesMax = 1000;

/** One member of an election. */
export class Actor {
  /** What counts at present. */
  settings: ActorSettings;
  /** The state, see the drawing above. */
  phase: "disabled" | "starting" | "idle" | "gap" | "tagged" = "idle";
  readonly #history: History;
  readonly #values = new Map<string, ActorValue>();
  readonly #timers = new Timers();
  #value: ActorValue = null;
  #heardOwnInit = false;
  /** The side whose leader a pending `hist` names. */
  #side: readonly string[] = [];
  #pinged: ActorMessage | undefined;
  #nowMs = 0;
  #outputs: ActorOutput[] = [];

  /**
   * @param self The member's name
   * @param settings What it begins with
   * @param random 0 ≤ random() < 1
   */
  constructor(readonly self: string, settings: ActorSettings, readonly random: () => number) {
    this.settings = settings;
    this.#history = new History(settings.historyMax);
  }

  /** When something is due; Infinity if nothing is. */
  get wakeAtMs(): number {
    return this.#timers.nextMs;
  }

  /** The members that pinged lately, newest first. */
  get history(): readonly string[] {
    return this.#history.names;
  }

  /** What a member told of itself last. */
  valueOf(name: string): ActorValue | undefined {
    return this.#values.get(name);
  }

  /** Lets something happen at `nowMs`; returns what follows from it, in order. */
  step(nowMs: number, input: ActorInput): readonly ActorOutput[] {
    this.#outputs = [];
    this.#fireUntil(nowMs);
    this.#nowMs = nowMs;
    switch (input.kind) {
      case "start":
        this.#start(input.announce);
        break;
      case "message":
        this.#receive(input.message);
        break;
      case "value":
        this.#value = input.value;
        break;
      case "enable":
        this.#enable(input.members);
        break;
      case "disable":
        this.#disable();
    }
    return this.#outputs;
  }

  #fireUntil(nowMs: number): void {
    for (let due = this.#timers.take(nowMs); due !== undefined; due = this.#timers.take(nowMs)) {
      this.#nowMs = Math.max(this.#nowMs, due.atMs);
      if (due.name === "ping") this.#ping();
      else if (due.name === "gap") this.#becomeIt();
      else if (due.name === "hold") this.#release("untag");
      else if (due.name === "vers") this.#sendSettings();
      else if (due.name === "hist") this.#sendHistory();
      else this.#tellPing();
    }
  }

  #send(message: ActorMessage): void {
    this.#outputs.push({ kind: "send", message });
  }

  #start(announce: boolean): void {
    this.#send({ type: "init", node: this.self });
    if (announce) this.#sendSettings();
    if (this.phase === "disabled") return;
    this.phase = "starting";
    const { cycleMs, gapMs } = this.settings;
    this.#timers.set("ping", this.#nowMs + cycleMs + gapMs * (1.5 + this.random() / 2));
  }

  #enable(members: number): void {
    if (this.settings.historyMax > 0 && this.settings.historyMax < members) {
      this.#adopt({ ...this.settings, historyMax: members, version: this.settings.version + 1 });
      this.#sendSettings();
    }
    if (this.phase !== "disabled") return;
    this.#history.replace([]);
    this.phase = "idle";
    this.#ping();
  }

  #disable(): void {
    this.#release("untag");
    this.phase = "disabled";
    for (const name of ["ping", "vers", "hist"] as const) this.#timers.clear(name);
  }

  // ---- the own turn

  #ping(): void {
    const isAlone = this.#history.length === 0;
    this.#release("untag");
    this.#remember(this.self, this.#value);
    this.#history.add(this.self);
    const history = this.#history.names.slice(0, this.settings.splits);
    this.#send({ type: "ping", node: this.self, value: this.#value, history });
    this.#schedule();
    if (isAlone) return; // somebody may be about to answer: the second ping counts
    this.phase = "gap";
    this.#timers.set("gap", this.#nowMs + this.settings.gapMs);
  }

  #becomeIt(): void {
    this.phase = "tagged";
    this.#outputs.push({ kind: "tag" });
    this.#timers.set("hold", this.#nowMs + this.settings.cycleMs - this.settings.gapMs / 2);
  }

  /** Back to idle; says so if this member was it. */
  #release(kind: "untag" | "detag"): void {
    if (this.phase === "tagged") this.#outputs.push({ kind });
    if (this.phase !== "disabled") this.phase = "idle";
    this.#timers.clear("gap");
    this.#timers.clear("hold");
  }

  #schedule(): void {
    const gaps = pingDelayGaps({
      self: this.self,
      history: this.#history.names,
      values: this.#values,
      settings: this.settings,
      random: this.random,
    });
    this.#timers.set("ping", this.#nowMs + this.settings.cycleMs + this.settings.gapMs * gaps);
  }

  // ---- others' messages

  #receive(message: ActorMessage): void {
    if (message.type === "init" && message.node === this.self) return this.#hearOwnInit();
    if (this.phase === "disabled") return this.#noteForPing(message);
    if (message.type === "vers") this.#receiveSettings(message.node, message.settings);
    else if (message.type !== "init") this.#receivePing(message);
  }

  #hearOwnInit(): void {
    if (this.#heardOwnInit) this.#outputs.push({ kind: "clash" });
    this.#heardOwnInit = true;
  }

  #receivePing(message: Extract<ActorMessage, { history: readonly string[] }>): void {
    const { history, value } = message;
    const sender = history[0];
    if (sender === this.#side[0]) this.#timers.clear("hist");
    if (sender === this.self || sender === this.#history.leader) return;
    this.#remember(sender, value);
    if (this.#value === null && value !== null) {
      this.#outputs.push({ kind: "good", nodes: history.filter((name) => (this.#values.get(name) ?? null) !== null) });
    }
    if (history[1] !== this.#history.leader) this.#collide(message);
    else if (message.type === "ping") this.#accept(message);
  }

  #accept(message: ActorMessage & { readonly type: "ping" }): void {
    this.#history.add(message.node);
    this.#leave("untag", message);
  }

  /** Another's turn began. A member that has not begun keeps listening. */
  #leave(kind: "untag" | "detag", message: ActorMessage): void {
    if (this.phase !== "starting") {
      this.#release(kind);
      this.#schedule();
    }
    this.#noteForPing(message);
  }

  #collide(message: Extract<ActorMessage, { history: readonly string[] }>): void {
    const { history: remote, value } = message;
    const local = this.#history.names;
    const leader = local[0];
    const isBetter = leader === undefined || goesBefore(remote[0], value, leader, this.#values.get(leader) ?? null);
    if (isBetter) {
      this.#history.replace(this.settings.historyMax > 0 ? remote.slice(0, this.settings.historyMax) : remote);
      this.#leave("detag", message);
    }
    const areBothAlone = local.length === 1 && remote.length === 1 && value !== null;
    if (remote[1] === local[1] && !areBothAlone) return;
    const prio = local.indexOf(this.self);
    if (this.#value === null || prio < 0) return;
    this.#outputs.push({ kind: "recover", prio, replaced: isBetter, local, remote });
    this.#side = local;
    this.#timers.set("hist", this.#nowMs + this.#turnMs(prio));
  }

  /** The member at place p of a history speaks after gap·(1 − 2^−p), unless another did. */
  #turnMs(place: number): number {
    return this.settings.gapMs * (1 - 2 ** -place);
  }

  #sendHistory(): void {
    const history = this.#side.slice(0, this.settings.splits);
    this.#send({ type: "hist", value: this.#values.get(history[0]) ?? null, history });
  }

  #receiveSettings(node: string, settings: ActorSettings): void {
    if (node === this.self) return;
    const { version } = this.settings;
    if (settings.version >= version) this.#timers.clear("vers");
    if (settings.version > version) {
      this.#adopt(settings);
      this.#outputs.push({ kind: "setup", settings });
    } else if (settings.version < version) {
      const place = this.#history.position(this.self);
      if (place >= 0) this.#timers.set("vers", this.#nowMs + this.#turnMs(place));
    }
  }

  #adopt(settings: ActorSettings): void {
    this.settings = settings;
    this.#history.max = settings.historyMax;
  }

  #sendSettings(): void {
    this.#send({ type: "vers", node: this.self, settings: this.settings });
  }

  /** The owner hears of others' turns once things are quiet: two gaps after the first message, the last one counts. */
  #noteForPing(message: ActorMessage): void {
    if (this.#pinged === undefined) this.#timers.set("tell", this.#nowMs + 2 * this.settings.gapMs);
    this.#pinged = message;
  }

  #tellPing(): void {
    const message = this.#pinged;
    this.#pinged = undefined;
    if (message !== undefined && this.phase !== "gap" && this.phase !== "tagged") {
      this.#outputs.push({ kind: "ping", message });
    }
  }

  #remember(name: string, value: ActorValue): void {
    if (!this.#values.has(name) && this.#values.size >= valuesMax) {
      const gone = [...this.#values.keys()].find((each) => this.#history.position(each) < 0);
      if (gone !== undefined) this.#values.delete(gone);
    }
    this.#values.set(name, value);
  }
}
