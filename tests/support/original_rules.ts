/**
 * The original's rules once more, small and separate from ours: a server of the original as a member of a bus. It merges as
 * spec/server-protocol.md 2.4 says (a tombstone takes anything, the last one wins ties, a higher tick of a writer in a chain
 * decides), believes `known` and `deleted` at once, resends two links, asks once for what it lacks, and dies of what kills
 * the original: `death` says of what.
 *
 * Of ours it uses the codec and the election.
 *
 * @module
 */

import type { RuleOptions } from "./original_options.ts";
import { keyOf, linksOut, OriginalTree, type RuleLink, type RuleNode, sets } from "./original_tree.ts";
import { Actor, type ActorOutput } from "../../wire/actor/actor.ts";
import { decodeActorMessage, encodeActorMessage } from "../../wire/actor/message.ts";
import { type ActorSettings, mainSettings } from "../../wire/actor/settings.ts";
import { FragmentJoiner } from "../../wire/message/fragment.ts";
import { decode } from "../../wire/msgpack/decoder.ts";
import { encode } from "../../wire/msgpack/encoder.ts";
import { Path } from "../../wire/path/path.ts";
import { parsePath } from "../../wire/path/parse.ts";
import type { Value } from "../../wire/value.ts";

// deno-lint-ignore no-explicit-any -- messages are taken as they come; whatever does not fit kills, as in Python
type Message = any;

/** Unread messages that one channel holds. */
const unreadMax = 99;

/** See the module. */
export class OriginalRules extends OriginalTree {
  tock = 0;
  isReady: boolean;
  /** Why it is dead. */
  death: string | undefined;
  /** Most unread messages at any time. */
  unreadPeak = 0;
  readonly actor: Actor;
  readonly #options: RuleOptions;
  readonly #settings: ActorSettings;
  readonly #joiner = new FragmentJoiner();
  readonly #subscriptions: Disposable[] = [];
  readonly #unread: { readonly word: string; readonly payload: Uint8Array }[] = [];
  #inits = 0;
  #readAtMs = Infinity;
  #answerAtMs = Infinity;
  #steps: { readonly atMs: number; readonly run: () => void }[] = [];

  constructor(options: RuleOptions) {
    super();
    this.#options = options;
    this.#settings = options.settings ?? mainSettings;
    this.isReady = options.isReady ?? true;
    this.actor = new Actor(options.name, this.#settings, options.random);
  }

  get name(): string {
    return this.#options.name;
  }
  get wakeAtMs(): number {
    if (this.death !== undefined) return Infinity;
    const steps = this.#steps.map((step) => step.atMs);
    return Math.min(this.actor.wakeAtMs, this.#readAtMs, this.#answerAtMs, ...steps);
  }
  get #own(): RuleNode {
    return this.node(this.name);
  }

  start(): void {
    const { backend, root } = this.#options;
    for (const word of ["update", "info", "ping"]) {
      this.#subscriptions.push(backend.monitor([...root, word], (payload) => this.#arrived(word, payload)));
    }
    if (this.isReady) this.#own.tick ??= 0;
    this.#act(() => this.actor.step(this.#options.nowMs(), { kind: "start", announce: true }));
  }
  stop(): void {
    for (const each of this.#subscriptions) each[Symbol.dispose]();
    this.death ??= "stopped";
  }

  time(): void {
    const nowMs = this.#options.nowMs();
    while (this.#readAtMs <= nowMs && this.death === undefined) this.#readOne();
    for (const step of this.#steps.filter((each) => each.atMs <= nowMs)) {
      this.#steps = this.#steps.filter((each) => each !== step);
      step.run();
    }
    if (this.#answerAtMs <= nowMs) this.#answer();
    if (this.actor.wakeAtMs <= nowMs) this.#act(() => this.actor.step(nowMs, { kind: "time" }));
  }

  // ---- clients

  get(path: string): Value | undefined {
    return this.entries.get(keyOf(parsePath(path)))?.value;
  }
  set(path: string, value: Value): void {
    this.#write(parsePath(path), value);
  }
  delete(path: string): void {
    this.#write(parsePath(path), undefined);
  }
  #write(path: Path, value: Value | undefined): void {
    const tick = this.#own.tick = (this.#own.tick ?? 0) + 1;
    this.tock += 2;
    const old = this.entries.get(keyOf(path))?.chain ?? [];
    const chain = [{ node: this.name, tick }, ...old.filter((link) => link.node !== this.name)];
    const tock = this.tock++;
    this.apply(path, chain, value, tock);
    const message: Message = { node: this.name, tick, ...linksOut(chain, 5), path, tock };
    this.#send("update", value === undefined ? message : { ...message, value });
  }

  // ---- messages

  #send(word: string, message: Message): void {
    const { backend, root } = this.#options;
    const envelope = { tock: message.tock ?? ++this.tock, node: this.name, tick: this.#own.tick };
    backend.publish([...root, word], encode({ ...envelope, ...message }));
  }
  #arrived(word: string, payload: Uint8Array): void {
    if (this.death !== undefined) return;
    this.#unread.push({ word, payload });
    const unread = this.#unread.filter((each) => each.word === word).length;
    this.unreadPeak = Math.max(this.unreadPeak, unread);
    if (unread > unreadMax) this.death = `${unread} unread messages on ${word}`;
    this.#readAtMs = Math.min(this.#readAtMs, this.#options.nowMs() + (this.#options.readMs ?? 1));
  }
  #readOne(): void {
    const { word, payload } = this.#unread.shift()!;
    this.#readAtMs = this.#unread.length > 0 ? this.#readAtMs + (this.#options.readMs ?? 1) : Infinity;
    try {
      if (word === "ping") return this.#elect(payload);
      const whole = this.#joiner.push(payload, this.#options.nowMs());
      if (whole === undefined) return;
      const message: Message = decode(whole);
      if (typeof message.tock === "number") this.tock = Math.max(this.tock, message.tock);
      if (word === "update") this.#update(message);
      else this.#info(message);
    } catch (error) {
      this.death ??= `${word}: ${(error as Error).message}`;
    }
  }
  #update(message: Message): void {
    if (message.tock === undefined) throw new Error("no tock");
    const path: Path = message.path instanceof Path ? message.path : Path.of(...message.path);
    if (path.elements.some((element, i) => i > 0 && element === null)) throw new Error("null in a path");
    const chain: RuleLink[] = [];
    for (let link = message.chain ?? message; link; link = link.prev) chain.push({ node: link.node, tick: link.tick });
    if (new Set(chain.map((link) => link.node)).size < chain.length) throw new Error("a node twice in a chain");
    this.apply(path, chain, message.value, message.tock);
  }
  #info(message: Message): void {
    if (message.node === undefined) throw new Error("no node");
    if (message.node === this.name) return;
    for (const [name, tick] of Object.entries<number | null>(message.ticks ?? {})) {
      const node = this.node(name);
      if (tick !== null) node.tick = Math.max(node.tick ?? 0, tick);
    }
    let isAny = false;
    for (const [name, ranges] of sets(message.missing)) {
      this.node(name).wanted.addAll(ranges);
      this.node(name).seenMissing.addAll(ranges);
      isAny ||= !ranges.isEmpty;
    }
    if (isAny) this.#answerWithin(this.#settings.cycleMs * (1 + this.#options.random() / 3));
    for (const [name, ranges] of sets(message.superseded ?? message.known)) this.forget(name, ranges);
    for (const [name, ranges] of sets(message.deleted)) this.drop(name, ranges);
  }

  // ---- asking and answering

  #ask(isForced: boolean): void {
    const missing: { [name: string]: Value } = {};
    for (const [name, node] of this.nodes) {
      const open = this.missing(node).difference(node.seenMissing);
      if (open.isEmpty) continue;
      missing[name] = open.toWire();
      node.seenMissing.addAll(open);
    }
    if (isForced || Object.keys(missing).length > 0) this.#send("info", { missing });
  }
  #answerWithin(ms: number): void {
    this.#answerAtMs = Math.min(this.#answerAtMs, this.#options.nowMs() + ms);
  }
  #answer(): void {
    this.#answerAtMs = Infinity;
    const known: { [name: string]: Value } = {};
    const deleted: { [name: string]: Value } = {};
    for (const [name, node] of this.nodes) {
      const superseded = node.wanted.intersection(node.superseded);
      const gone = node.wanted.intersection(node.deleted);
      for (const tick of node.wanted.intersection(node.present)) {
        if (!node.wanted.remove(tick)) continue;
        const { path, value, chain, tock } = node.entries.get(tick)!;
        const message: Message = { chain: linksOut(chain, 2, chain[0]), path, tock };
        this.#send("update", value === undefined ? message : { ...message, value });
      }
      if (!superseded.isEmpty) known[name] = superseded.toWire();
      if (!gone.isEmpty) deleted[name] = gone.toWire();
    }
    if (Object.keys(known).length + Object.keys(deleted).length > 0) this.#send("info", { known, deleted });
  }

  // ---- the election

  #elect(payload: Uint8Array): void {
    const message = decodeActorMessage(payload);
    const value = message.type === "ping" || message.type === "hist" ? message.value : null;
    if (Array.isArray(value)) {
      this.tock = Math.max(this.tock, value[0]);
      const node = this.node(message.type === "hist" ? message.history[0] : (message as { node: string }).node);
      node.tick = Math.max(node.tick ?? 0, value[1]);
    }
    if (message.type === "init" && message.node === this.name && ++this.#inits > 1) throw new Error("a namesake");
    if (message.type === "vers" && message.settings.version < this.actor.settings.version) {
      throw new Error("a lower version of settings");
    }
    this.#act(() => this.actor.step(this.#options.nowMs(), { kind: "message", message }));
  }
  #act(step: () => readonly ActorOutput[]): void {
    const nowMs = this.#options.nowMs();
    const value = this.isReady ? [this.tock, this.#own.tick ?? 0] : null;
    const { backend, root } = this.#options;
    const beforeMs = Math.min(nowMs, this.actor.wakeAtMs - 1);
    for (const output of [...this.actor.step(beforeMs, { kind: "value", value }), ...step()]) {
      if (output.kind === "send") backend.publish([...root, "ping"], encodeActorMessage(output.message));
      else if (output.kind === "tag") this.#ask(false);
      else if (output.kind === "recover") this.#recover(output.prio);
    }
  }
  #recover(prio: number): void {
    const { cycleMs } = this.#settings;
    const late = 1 - 2 ** -prio;
    const [first, second, third] = [cycleMs * late, cycleMs * (1 + late) / 2, cycleMs * late];
    const ticks = () =>
      this.#send("info", { ticks: Object.fromEntries([...this.nodes].map(([n, { tick }]) => [n, tick])) });
    this.#in(first, ticks);
    this.#in(first + second, () => this.#ask(true));
    this.#in(first + second + third, () => {
      for (const node of this.nodes.values()) node.seenMissing.clear();
      this.#answerWithin(cycleMs * (1 - 2 ** -prio / 2 - this.#options.random() / 5));
    });
  }
  #in(ms: number, run: () => void): void {
    this.#steps.push({ atMs: this.#options.nowMs() + ms, run });
  }
}
