/**
 * This server in the two elections of the original: that of all servers on `ROOT/ping`, and that of those that purge on
 * `ROOT/del`. The elections themselves are pure (wire/actor); here is what they get and what follows.
 *
 * No `init` is sent: originals do not need it, and one that bears this server's name would die of it. So whoever says this
 * server's name in an `init`, or in a ping that it did not send, is another one.
 *
 * Settings are announced only if nobody else can have higher ones, because hearing lower ones kills the original of 2024, and
 * originals tell theirs only when they start: never when this server starts, and after a while of listening only if they were
 * changed at all, and no original was heard.
 *
 * @module
 */

import { Actor, type ActorOutput } from "../../../wire/actor/actor.ts";
import {
  type ActorMessage,
  type ActorValue,
  decodeActorMessage,
  encodeActorMessage,
} from "../../../wire/actor/message.ts";
import type { ActorSettings } from "../../../wire/actor/settings.ts";

/** What the elections mean for the server. */
export interface ElectionHooks {
  /** A message of either election, of another server. */
  readonly heard: (word: ElectionWord, message: ActorMessage) => void;
  /** It is this server's turn. */
  readonly tag: (word: ElectionWord) => void;
  /** Two sides have met. */
  readonly recover: (prio: number, local: readonly string[], remote: readonly string[]) => void;
  /** This server is not ready, these are. */
  readonly good: (nodes: readonly string[]) => void;
  /** Another server bears this one's name. */
  readonly clash: () => void;
  /** Sends a message. */
  readonly send: (word: ElectionWord, message: ActorMessage) => void;
  /** Whether originals may be there, whose settings are not known. */
  readonly isMixed: () => boolean;
  /** What this server tells of itself. */
  readonly value: (word: ElectionWord) => ActorValue;
}

/** Which election, by its channel. */
export type ElectionWord = "ping" | "del";

/** Own pings that may still come back. */
const echoesMax = 20;

/** See the module. */
export class Elections {
  /** That of all servers. */
  readonly main: Actor;
  /** That of those that purge. */
  readonly deleter: Actor;
  #announceAtMs = Infinity;
  #highestVersion = -1;
  readonly #settings: ActorSettings;
  /** The last own pings, as they come back. */
  readonly #echoes: string[] = [];

  constructor(
    private readonly node: string,
    settings: { readonly main: ActorSettings; readonly deleter: ActorSettings },
    random: () => number,
    private readonly hooks: ElectionHooks,
  ) {
    this.#settings = settings.main;
    this.main = new Actor(node, settings.main, random);
    this.deleter = new Actor(node, settings.deleter, random);
    this.deleter.phase = "disabled";
  }

  /** When something is due. */
  get wakeAtMs(): number {
    return Math.min(this.main.wakeAtMs, this.deleter.wakeAtMs, this.#announceAtMs);
  }

  /** Appears in both. */
  start(nowMs: number): void {
    this.#step("del", nowMs, { kind: "start", announce: false });
    this.#step("ping", nowMs, { kind: "start", announce: false });
    const { version, cycleMs, gapMs } = this.#settings;
    if (version > 0) this.#announceAtMs = nowMs + 3 * cycleMs + 2 * gapMs;
  }

  /** Does what is due. */
  time(nowMs: number): void {
    if (this.main.wakeAtMs <= nowMs) this.#step("ping", nowMs, { kind: "time" });
    if (this.deleter.wakeAtMs <= nowMs) this.#step("del", nowMs, { kind: "time" });
    if (this.#announceAtMs > nowMs) return;
    this.#announceAtMs = Infinity;
    const { settings } = this.main;
    if (this.hooks.isMixed() || settings.version <= this.#highestVersion) return;
    this.hooks.send("ping", { type: "vers", node: this.node, settings });
  }

  /**
   * A message came.
   * @throws {ProtocolError} If it is malformed
   */
  receive(word: ElectionWord, payload: Uint8Array, nowMs: number): void {
    const message = decodeActorMessage(payload);
    if (message.type === "vers" && message.node !== this.node && word === "ping") {
      this.#highestVersion = Math.max(this.#highestVersion, message.settings.version);
    }
    if (senderOf(message) !== this.node) this.hooks.heard(word, message);
    else if (message.type === "init" || message.type === "ping" && !this.#echoes.includes(textOf(message))) {
      return this.hooks.clash();
    }
    this.#step(word, nowMs, { kind: "message", message });
  }

  /** Takes part in the second election, in a group of so many; 0: only listens. */
  join(members: number, nowMs: number): void {
    // A longer history would need a higher version, which kills originals that start later with their own.
    const count = Math.min(members, this.deleter.settings.historyMax);
    if (members === 0) this.#step("del", nowMs, { kind: "disable" });
    else this.#step("del", nowMs, { kind: "enable", members: count });
  }

  #step(word: ElectionWord, nowMs: number, input: Parameters<Actor["step"]>[1]): void {
    const actor = word === "ping" ? this.main : this.deleter;
    // Before anything is due: a ping tells what is true now.
    const beforeMs = Math.min(nowMs, actor.wakeAtMs - 1);
    this.#handle(word, actor.step(beforeMs, { kind: "value", value: this.hooks.value(word) }));
    this.#handle(word, actor.step(nowMs, input));
  }

  #send(word: ElectionWord, message: ActorMessage): void {
    if (message.type === "init") return;
    if (message.type === "ping") {
      this.#echoes.push(textOf(message));
      if (this.#echoes.length > echoesMax) this.#echoes.shift();
    }
    this.hooks.send(word, message);
  }

  #handle(word: ElectionWord, outputs: readonly ActorOutput[]): void {
    for (const output of outputs) {
      if (output.kind === "send") this.#send(word, output.message);
      else if (output.kind === "tag") this.hooks.tag(word);
      else if (output.kind === "clash") this.hooks.clash();
      else if (word === "ping" && output.kind === "good") this.hooks.good(output.nodes);
      else if (word === "ping" && output.kind === "recover") {
        this.hooks.recover(output.prio, output.local, output.remote);
      }
    }
  }
}

function textOf(message: ActorMessage): string {
  return encodeActorMessage(message).toHex();
}

/** Who sent a message; of a `hist`, whose side it is. */
export function senderOf(message: ActorMessage): string {
  return message.type === "hist" ? message.history[0] : message.node;
}
