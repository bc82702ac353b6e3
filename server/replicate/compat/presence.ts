/**
 * Who is on the channels: servers of this kind, and others. While any name of the last hour is not known to be ours, the
 * original may be listening, and gets everything in its own form.
 *
 * @module
 */

import type { CompatHost } from "../seam.ts";

/** A name counts for so long after it was heard. */
const rememberedMs = 3_600_000;

/** Names remembered; of more, the oldest goes. */
const namesMax = 1000;

/** See the module. */
export class Presence {
  /** When each name was heard last, oldest first. */
  readonly #heardAtMs = new Map<string, number>();

  /**
   * @param host Who is ours
   * @param doubtUntilMs Until then the original may be there without having been heard
   */
  constructor(private readonly host: CompatHost, private readonly doubtUntilMs: number) {}

  /** Whether `name` is this server's, or one of another server of its kind. */
  isOurs(name: string): boolean {
    return name === this.host.parts.node || this.host.peers.get(name)?.isOurs === true;
  }

  /** A server's name was heard. Returns whether it is not one of ours. */
  hear(name: string, nowMs: number): boolean {
    if (name === this.host.parts.node) return false;
    this.#heardAtMs.delete(name);
    this.#heardAtMs.set(name, nowMs);
    if (this.#heardAtMs.size > namesMax) this.#heardAtMs.delete(this.#heardAtMs.keys().next().value!);
    return !this.host.heard(name).isOurs;
  }

  /** The names of the last hour that are not ours. */
  originals(nowMs: number): string[] {
    const names: string[] = [];
    for (const [name, at] of this.#heardAtMs) {
      if (nowMs - at >= rememberedMs) this.#heardAtMs.delete(name);
      else if (!this.isOurs(name)) names.push(name);
    }
    return names;
  }

  /** Whether a server of the original was heard within the last hour. */
  hasOriginals(nowMs: number): boolean {
    for (const [name, at] of this.#heardAtMs) if (nowMs - at < rememberedMs && !this.isOurs(name)) return true;
    return false;
  }

  /** Whether one may be listening. */
  isMixed(nowMs: number): boolean {
    return nowMs < this.doubtUntilMs || this.hasOriginals(nowMs);
  }

  /** The servers of this kind that are here, this one included, lowest name first. */
  ours(nowMs: number): string[] {
    const names = [this.host.parts.node];
    for (const peer of this.host.peers.values()) if (peer.isOurs && peer.isPresent(nowMs)) names.push(peer.node);
    return names.sort((a, b) => a < b ? -1 : 1);
  }

  /** This server's place among them, from 0: who goes first. */
  place(nowMs: number): number {
    return this.ours(nowMs).indexOf(this.host.parts.node);
  }
}
