/**
 * What is known of another server.
 *
 * @module
 */

import type { Ticks } from "../core/claims.ts";

/** A peer that was not heard for so long is not there: three heartbeats. */
export const presentMs = 30_000;

/** Another server. */
export class Peer {
  /** Its process, random; empty: none was heard yet. */
  id = "";
  /** The highest number of its messages, and of those that say what it has. */
  seq = 0;
  haveSeq = 0;
  /** Whether it speaks on `ROOT/sync`; a server of the original does not. */
  isOurs = false;
  /** The name under which it writes. */
  writer: string;
  /** Everything it had when it said so last. */
  have: Ticks = new Map();
  /** What of it is on its disk; null: it did not say. */
  onDisk: Ticks | null = null;
  /** What has lost there, and has no record yet. */
  lost: Ticks = new Map();
  /** Whether it has no disk: it comes back with nothing, or as it was. */
  isMemoryOnly = false;
  /** Whether nothing may be purged on its word: it has just started, or compares its state with another's. */
  isSilent = true;
  /** The servers it knows. */
  members: readonly string[] = [];
  /** Where its clients connect. */
  addresses: readonly string[] = [];
  /** Of its tree, when it said so last. */
  digest = "";
  /** Whether one may copy from it. */
  isReady = false;
  /** Whether nothing is missing there. */
  isQuiet = false;
  /** When it was heard last; −Infinity: never. */
  lastHeardMs = -Infinity;
  /** When it said last what it has. */
  haveAtMs = -Infinity;
  /** When it was heard for the first time since it was gone. */
  sinceMs = -Infinity;
  /** Whether it has said that it leaves. */
  hasLeft = false;
  /** The process of that name before this one. */
  otherId = "";
  /** The highest number of that one's messages. */
  otherSeq = 0;
  /** When two live processes bore its name: then nothing they say of their disks counts. */
  doubledAtMs = -Infinity;

  /** @param node Its name */
  constructor(readonly node: string) {
    this.writer = node;
  }

  /** Whether it is there. */
  isPresent(nowMs: number): boolean {
    return !this.hasLeft && nowMs - this.lastHeardMs < presentMs;
  }
}
