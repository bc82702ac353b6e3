/**
 * Looks through what was logged for what concerns originals.
 *
 * @module
 */

import { Change, type Effect } from "../../core/effect.ts";
import { NO_VALUE } from "../../core/values.ts";
import type { ReplicatorParts } from "../parts.ts";
import type { Assertions } from "./assertions.ts";
import type { Audit } from "./audit.ts";
import type { Bridge } from "./bridge.ts";
import type { Deleters } from "./deleters.ts";
import type { Elections } from "./elections.ts";
import type { Outbox } from "./outbox.ts";
import type { Presence } from "./presence.ts";
import type { Resets } from "./resets.ts";
import type { TickMemory } from "./tick_memory.ts";

/** What hears of it. */
export interface NoticerParts {
  readonly parts: ReplicatorParts;
  /** Whether nothing may be shared yet. */
  readonly isMute: () => boolean;
  readonly presence: Presence;
  readonly live: TickMemory;
  readonly outbox: Outbox;
  readonly bridge: Bridge;
  readonly deleters: Deleters;
  readonly elections: Elections;
  readonly assertions: Assertions;
  readonly resets: Resets;
  readonly audit: Audit;
  /** How long a winner waits before it is written again. */
  readonly assertMs: number;
}

/** See the module. */
export class Noticer {
  constructor(private readonly rooms: NoticerParts) {}

  /** These effects are logged; values can be read. `isMixed`: originals may be listening. */
  committed(effects: readonly Effect[], isMixed: boolean, nowMs: number): void {
    const { bridge, audit, parts, isMute } = this.rooms;
    if (isMixed && effects.length > 0) audit.noticed(nowMs);
    const isHeard = isMixed && !isMute();
    const bridges = isHeard && (parts.isReady?.() ?? true);
    for (const effect of effects) {
      if (effect instanceof Change) this.#changed(effect, isHeard, bridges, nowMs);
      else if (isMixed) {
        this.#happened(effect, nowMs);
        if (bridges) bridge.noticed(effect, nowMs);
      }
    }
  }

  #changed(change: Change, isHeard: boolean, bridges: boolean, nowMs: number): void {
    const { live, outbox, bridge, deleters, elections } = this.rooms;
    if (change.value !== NO_VALUE) live.add(change.writer.name, change.tick);
    if (isHeard && change.local && !change.isRefresh) outbox.changed(change, nowMs);
    if (bridges && !change.local) bridge.changed(change, nowMs);
    if (deleters.isList(change.entry) && deleters.read()) elections.join(deleters.members, nowMs);
  }

  #happened(effect: Exclude<Effect, Change>, nowMs: number): void {
    const { assertions, resets, live, presence, assertMs } = this.rooms;
    const dueMs = nowMs + assertMs;
    if (effect.kind === "conflict") {
      if (effect.value !== null) live.add(effect.writer.name, effect.tick);
      assertions.conflict(effect, dueMs);
    } else if (effect.kind === "alarm" && effect.reason === "reset" && !presence.isOurs(effect.writer.node)) {
      assertions.reset(effect, dueMs);
      resets.exchange(effect.writer.node, `${effect.writer.node} uses ticks again`, nowMs);
    }
  }
}
