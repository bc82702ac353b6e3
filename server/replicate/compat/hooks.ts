/**
 * What follows from the elections' messages and outcomes.
 *
 * @module
 */

import type { ActorMessage, ActorValue } from "../../../wire/actor/message.ts";
import { tockRefusal } from "../../core/incoming.ts";
import type { CompatHost } from "../seam.ts";
import type { Audit } from "./audit.ts";
import type { Bridge } from "./bridge.ts";
import type { Channels } from "./channels.ts";
import type { Deleters } from "./deleters.ts";
import { type ElectionHooks, type Elections, type ElectionWord, senderOf } from "./elections.ts";
import type { Facts } from "./facts.ts";
import type { CompatChoices } from "./options.ts";
import type { Presence } from "./presence.ts";
import type { Recoveries } from "./recovery.ts";
import type { Resets } from "./resets.ts";

/** Another server of the same name is reported so often. */
const clashEveryMs = 60_000;

/** What the elections touch. */
export interface HookParts {
  readonly presence: Presence;
  readonly channels: Channels;
  readonly facts: Facts;
  readonly recoveries: Recoveries;
  readonly resets: Resets;
  readonly deleters: Deleters;
  readonly bridge: Bridge;
  readonly audit: Audit;
  readonly elections: () => Elections;
}

/** Makes them. */
export function makeHooks(host: CompatHost, choices: CompatChoices, rooms: HookParts): ElectionHooks {
  const { presence, channels, facts, recoveries, deleters, bridge, audit, elections } = rooms;
  const { cycleMs, gapMs } = choices.main;
  const { nowMs } = host.parts;
  let reportAtMs = -Infinity;
  return {
    heard: (word, message) => hear(host, rooms, word, message),
    tag: (word) => {
      if (word === "del") deleters.tag(elections().deleter.history.length);
      else if (presence.isMixed(nowMs())) facts.missWithin(0, nowMs());
    },
    recover: (prio, local, remote) => {
      if (!presence.isMixed(nowMs())) return;
      recoveries.begin(nowMs(), prio, local, remote);
      audit.noticed(nowMs());
      // One that is alone has only just come: nobody depends on what it tells.
      if (local.length > 1) bridge.met(nowMs() + 2 * cycleMs + presence.place(nowMs()) * gapMs);
    },
    good: (nodes) => {
      for (const name of nodes) if (!presence.isOurs(name)) host.ready(name, true);
    },
    clash: () => {
      host.clashed();
      if (nowMs() < reportAtMs) return;
      reportAtMs = nowMs() + clashEveryMs;
      host.parts.report(`Another server is called ${host.parts.node}: give one of them another name`);
    },
    send: (word, message) => channels.actor(word, message),
    isMixed: () => presence.isMixed(nowMs()),
    value: (word): ActorValue => word === "ping" ? facts.value : deleters.value,
  };
}

/** A message of an election: who is there, and in the servers' one what it knows of itself. */
function hear(host: CompatHost, { presence, resets }: HookParts, word: ElectionWord, message: ActorMessage): void {
  const { store, turn, nowMs, node } = host.parts;
  const sender = senderOf(message);
  const isForeign = presence.hear(sender, nowMs());
  if (isForeign && message.type === "ping") host.ready(sender, message.value !== null);
  if (message.type !== "ping" && message.type !== "hist") return;
  if (isForeign) { for (const name of message.history) if (name !== "" && name !== node) host.heard(name); }
  if (word !== "ping" || !Array.isArray(message.value) || message.value.length !== 2) return;
  const [tock, tick] = message.value as readonly number[];
  if (!isTick(tock) || !isTick(tick)) return host.refuse("A ping must tell a tock and a tick", sender);
  if (isForeign && message.type === "ping") resets.pinged(sender, tick, nowMs());
  const isTockGood = tock > store.clock && tockRefusal(tock, store.clock) === undefined;
  const isTickNews = tick > (store.writers.get(sender)?.tick ?? 0);
  if (!isTockGood && !isTickNews) return;
  turn(() => {
    if (isTockGood) store.hearTock(tock);
    if (isTickNews) host.hear(new Map([[sender, tick]]));
  });
}

function isTick(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}
