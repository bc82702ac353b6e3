/**
 * The parts of what speaks to originals, made and tied together.
 *
 * @module
 */

import type { CompatHost } from "../seam.ts";
import { addTo } from "../ticks.ts";
import { Audit } from "./audit.ts";
import { Assertions } from "./assertions.ts";
import { Bridge } from "./bridge.ts";
import { Channels } from "./channels.ts";
import { Deleters } from "./deleters.ts";
import { Elections } from "./elections.ts";
import { Facts } from "./facts.ts";
import { Hints } from "./hints.ts";
import { makeHooks } from "./hooks.ts";
import { Hostmap } from "./hostmap.ts";
import { TickMemory } from "./tick_memory.ts";
import { Noticer } from "./noticer.ts";
import type { CompatChoices, OriginalState } from "./options.ts";
import { Outbox } from "./outbox.ts";
import { Pace } from "./pace.ts";
import { Presence } from "./presence.ts";
import { Reception } from "./reception.ts";
import { Recoveries } from "./recovery.ts";
import { Requests } from "./requests.ts";
import { Resets } from "./resets.ts";
import { Statements } from "./statements.ts";
import { type MutableTicks, toRanges } from "./tick_sets.ts";

/** All parts. */
export interface CompatRooms {
  /** Whether nothing may be shared yet. */
  readonly isMute: () => boolean;
  readonly presence: Presence;
  readonly outbox: Outbox;
  readonly facts: Facts;
  readonly requests: Requests;
  readonly recoveries: Recoveries;
  readonly hints: Hints;
  readonly resets: Resets;
  readonly statements: Statements;
  readonly assertions: Assertions;
  readonly audit: Audit;
  readonly deleters: Deleters;
  readonly elections: Elections;
  readonly reception: Reception;
  readonly noticer: Noticer;
  readonly bridge: Bridge;
  readonly hostmap: Hostmap;
}

/** A recovery round takes so many cycles. */
const roundCycles = 3;

/** Before a meeting is noticed, ours have been in touch for some cycles; then it takes two until originals have asked. */
const bridgeCycles = 5;

/** So often originals are asked what they have, while deletions wait. */
const statementCycles = 6;

/** Makes them. */
export function makeRooms(host: CompatHost, choices: CompatChoices): CompatRooms {
  const { parts } = host;
  const { store } = parts;
  const { cycleMs, gapMs } = choices.main;
  const presence = new Presence(host, parts.nowMs() + 3 * cycleMs + 2 * gapMs);
  // Without another of ours there is nobody to compare with, and originals do not ask.
  const isMute = () => host.isHolding && presence.ours(parts.nowMs()).length > 1;
  const live = new TickMemory();
  const heard = new TickMemory();
  const pace = new Pace();
  const channels = new Channels(parts, choices.cutsMessages ?? false);
  const sharers = (): number => {
    const nowMs = parts.nowMs();
    return choices.updates === "always" && !presence.hasOriginals(nowMs) ? 0 : presence.ours(nowMs).length;
  };
  const outbox: Outbox = new Outbox({
    store,
    channels,
    pace,
    live,
    heard,
    isAttached: () => parts.backend.isAttached,
    links: choices.links,
    sharers,
    sender: () => facts.sender,
    report: parts.report,
  });
  const bridge = new Bridge(outbox, heard, bridgeCycles * cycleMs);
  const requests = new Requests(store, outbox);
  const facts = new Facts(parts, cycleMs, (info, nowMs) => {
    outbox.info(info, nowMs);
    // Others may lack the same, and do not ask again: should it come the short way, it is sent to them.
    if (info.missing !== undefined && requests.asked(info.missing)) requests.within(nowMs + cycleMs);
  });
  const recoveries = new Recoveries(cycleMs, {
    ticks: () => facts.tellTicks(parts.nowMs(), true),
    missing: () => facts.askForMissing(parts.nowMs(), true),
    answer: (prio) => requests.within(parts.nowMs() + cycleMs * (1 - 2 ** -prio / 2 - parts.random() / 5)),
  });
  const told = (node: string, state: OriginalState) => {
    const have = haveOf(state);
    host.statement(node, have);
    // Whoever is out of the history does not ping: what it wrote last may be known to nobody else.
    const news = new Map([...have].filter(([name, { max }]) => max > (store.writers.get(name)?.tick ?? 0)));
    if (news.size > 0) parts.turn(() => host.hear(new Map([...news].map(([name, { max }]) => [name, max]))));
  };
  const hints = new Hints({
    store,
    ask: choices.ask,
    roundMs: roundCycles * cycleMs,
    turn: parts.turn,
    merge: (events, from) => host.merge(events, from),
    told,
  });
  const resets = new Resets({
    store,
    outbox,
    ask: choices.ask,
    againMs: roundCycles * cycleMs,
    yieldMs: () => presence.place(parts.nowMs()) * gapMs,
    merge: (events, from, then) => host.merge(events, from, then),
    report: parts.report,
    wake: () => host.wake(),
  });
  const statements = new Statements(store, choices.ask, statementCycles * cycleMs, told);
  const assertions = new Assertions(store);
  const audit = new Audit({
    store,
    ask: choices.ask,
    outbox,
    assertions,
    settleMs: roundCycles * cycleMs,
    everyMs: statementCycles * cycleMs,
    place: () => presence.place(parts.nowMs()),
    isReady: (node) => host.peers.get(node)?.isReady ?? false,
    exchange: (node, nowMs) => resets.compare(node, nowMs),
    lacked: (ticks, nowMs) => {
      if (requests.asked(toRanges(ticks))) requests.within(nowMs);
    },
    told,
  });
  const deleters = new Deleters(store);
  const hooks = makeHooks(host, choices, {
    presence,
    channels,
    facts,
    recoveries,
    resets,
    deleters,
    bridge,
    audit,
    elections: () => elections,
  });
  const elections: Elections = new Elections(parts.node, choices, parts.random, hooks);
  const noticer = new Noticer({
    parts,
    isMute,
    presence,
    live,
    outbox,
    bridge,
    deleters,
    elections,
    assertions,
    resets,
    audit,
    assertMs: cycleMs,
  });
  // The first of ours after a quarter of a gap or two, each next one a quarter later: seconds before the originals.
  const answerDelayMs = () => gapMs * (1 + presence.place(parts.nowMs()) + parts.random()) / 4;
  const reception = new Reception({
    host,
    presence,
    pace,
    requests,
    outbox,
    hints,
    facts,
    recoveries,
    heard,
    live,
    resets,
    assertions,
    audit,
    assertMs: cycleMs,
    answerDelayMs,
  });
  return {
    isMute,
    noticer,
    bridge,
    hostmap: new Hostmap(parts),
    presence,
    outbox,
    facts,
    requests,
    recoveries,
    hints,
    resets,
    statements,
    assertions,
    audit,
    deleters,
    elections,
    reception,
  };
}

function haveOf({ present, known }: OriginalState): MutableTicks {
  const have: MutableTicks = new Map();
  addTo(have, present);
  addTo(have, known);
  return have;
}
