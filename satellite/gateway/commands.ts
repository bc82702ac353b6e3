/**
 * What is to be said to a satellite, and which commands wait for their result: newest wins per slot, at most four open.
 * Pure: the clock is given.
 *
 * @module
 */

import { codes, commandIdMax, encodeMessage } from "../../wire/link/messages.ts";
import type { HostSlot } from "./host_slot.ts";

/** Commands that may wait for their result. */
const openMax = 4;

/** A momentary command is too old after this, if its slot says nothing else. */
const momentaryMs = 2000;

/** A command whose result is awaited. */
export interface OpenCommand {
  readonly slot: HostSlot;
  readonly isMomentary: boolean;
}

/** Everything that waits to go to one satellite. */
export class Commands {
  readonly #slots: readonly (HostSlot | undefined)[];
  readonly #open = new Map<number, OpenCommand>();
  readonly #extra: Uint8Array[] = [];
  #lastId = 0;

  constructor(slots: readonly (HostSlot | undefined)[]) {
    this.#slots = slots;
  }

  /** How many results are awaited. */
  get open(): number {
    return this.#open.size;
  }

  /** Something that is said as it is, in its turn. At most 64 wait. @returns Whether there was room */
  push(message: Uint8Array): boolean {
    if (this.#extra.length >= 64) return false;
    this.#extra.push(message);
    return true;
  }

  /** A new session: nothing is open, and everything desired is said again. */
  reset(): void {
    this.#open.clear();
    this.#extra.length = 0;
    for (const slot of this.#slots) {
      if (slot === undefined) continue;
      slot.isDesiredDue = slot.desired !== undefined;
      slot.isPolicyDue = slot.policy !== undefined;
      slot.isMomentaryDue = slot.momentary !== undefined;
    }
  }

  /** Takes the command that this result is of. */
  result(id: number): OpenCommand | undefined {
    const command = this.#open.get(id);
    this.#open.delete(id);
    return command;
  }

  /** Momentary commands that got too old before they could be sent. */
  *expired(nowMs: number): Iterable<HostSlot> {
    for (const slot of this.#slots) {
      if (slot?.momentary !== undefined && slot.isMomentaryDue && nowMs - slot.momentary.atMs > momentaryMs) yield slot;
    }
  }

  /** The next message that has at most so many bytes. */
  next(bytesMax: number): Uint8Array | undefined {
    if (this.#extra.length > 0) return this.#extra[0].length <= bytesMax ? this.#extra.shift() : undefined;
    for (const slot of this.#slots) {
      const message = slot && (this.#policy(slot, bytesMax) ?? this.#command(slot, bytesMax));
      if (message !== undefined) return message;
    }
  }

  #policy(slot: HostSlot, bytesMax: number): Uint8Array | undefined {
    if (!slot.isPolicyDue) return undefined;
    const message = encodeMessage(codes.policy, [slot.announcement.slot, ...slot.policy ?? [0, 0, 0, 0]], 5);
    if (message.length > bytesMax) return undefined;
    slot.isPolicyDue = false;
    return message;
  }

  #command(slot: HostSlot, bytesMax: number): Uint8Array | undefined {
    const isMomentary = slot.isMomentaryDue;
    if ((!isMomentary && !slot.isDesiredDue) || this.#open.size >= openMax) return undefined;
    const value = isMomentary ? null : slot.desired ?? null;
    const id = this.#nextId();
    const message = encodeMessage(slot.announcement.slot, [value, id], 2);
    if (message.length > bytesMax) return undefined;
    if (isMomentary) slot.isMomentaryDue = false;
    else slot.isDesiredDue = false;
    this.#open.set(id, { slot, isMomentary });
    return message;
  }

  #nextId(): number {
    do this.#lastId = this.#lastId % commandIdMax + 1; while (this.#open.has(this.#lastId));
    return this.#lastId;
  }
}
