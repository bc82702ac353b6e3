/**
 * What really happened: every event that any node ever logged, with its path and rank, who had it, and which events its
 * author had. No node knows all that; the checks do.
 *
 * @module
 */

import type { Change } from "../../server/core/effect.ts";
import type { Store } from "../../server/core/store.ts";
import { NO_VALUE } from "../../server/core/values.ts";
import { decode } from "../../wire/msgpack/decoder.ts";
import type { ElementKey } from "../../wire/path/keys.ts";
import { Violation } from "./failure.ts";

/** An event. */
export interface GhostEvent {
  readonly writer: string;
  readonly tick: number;
  readonly tock: number;
  readonly keys: readonly ElementKey[];
  /** The path, to compare and to print. */
  readonly path: string;
  /** The value in hexadecimal digits; null is a deletion. */
  readonly value: string | null;
  /** Where it was made. */
  readonly machine: string;
  readonly atMs: number;
  /** The events at this path that its author had. */
  readonly knew: ReadonlySet<GhostEvent>;
  /** Whether it is in its author's log for sure. A process that dies while it writes leaves this open. */
  isSure: boolean;
  /** Whether its client was told, and at which level. */
  acknowledged: "no" | "memory" | "disk";
  /** The machines that have it, or had it when they were last seen. */
  readonly holders: Set<string>;
  /** Whether the only machines that had it lost it in a way that they may. */
  isExcused: boolean;
  /** Whether it is a deletion that some node has purged, on everybody's word. */
  isPurged: boolean;
  /** Whether a node that nobody had waited for took it back; then it is in the conflict list, or was deleted elsewhere. */
  isRetired: boolean;
}

/** Whether the first event ranks above the second. */
export function isAbove(
  a: { tock: number; writer: string; tick: number },
  b: { tock: number; writer: string; tick: number },
): boolean {
  if (a.tock !== b.tock) return a.tock > b.tock;
  if (a.writer !== b.writer) return a.writer < b.writer;
  return a.tick > b.tick;
}

/** `a.b` of keys; internal ones begin with `null`. */
export function pathText(keys: readonly ElementKey[], length: number = keys.length): string {
  let text = "";
  for (let i = 0; i < length; i++) text += `${i > 0 ? "." : ""}${typeof keys[i] === "number" ? ":" : ""}${keys[i]}`;
  return text;
}

/** Bytes as text. */
export function hexOf(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += byte.toString(16).padStart(2, "0");
  return text;
}

/** An event in few words. */
export function eventText(event: GhostEvent): string {
  const { path, value, writer, tick, tock, machine, atMs } = event;
  const bytes = value === null ? null : Uint8Array.from(value.match(/../g) ?? [], (digits) => parseInt(digits, 16));
  const shown = bytes === null ? "deleted" : JSON.stringify(decode(bytes));
  return `${path} = ${shown} ${writer}:${tick}@${tock} (made on ${machine} at ${(atMs / 1000).toFixed(3)})`;
}

/** See the module. */
export class Ghost {
  readonly byTick: Map<string, GhostEvent[]> = new Map();
  readonly byPath: Map<string, GhostEvent[]> = new Map();
  /** Writer names that two living nodes used before they met: their ticks are used twice, and they mend that. */
  readonly tainted: Set<string> = new Set();
  /** Events that are acknowledged. */
  acknowledged = 0;

  /** All events of that head: one, unless two nodes shared a name. */
  of(writer: string, tick: number): readonly GhostEvent[] {
    return this.byTick.get(`${tick} ${writer}`) ?? [];
  }

  /** All events at a path. */
  at(path: string): readonly GhostEvent[] {
    return this.byPath.get(path) ?? [];
  }

  /** A node made an event, and is about to log it. */
  made(change: Change, store: Store, machine: string, atMs: number): GhostEvent {
    const keys: ElementKey[] = [];
    const length = change.entry.readKeys(keys);
    const path = pathText(keys, length);
    const knew = new Set<GhostEvent>();
    for (const other of this.at(path)) {
      const isKnown = other.isSure || other.machine === machine;
      if (isKnown && store.writers.get(other.writer)?.have.has(other.tick)) knew.add(other);
    }
    const { tock, tick } = change;
    const writer = change.writer.name;
    const value = change.value === NO_VALUE ? null : hexOf(store.values.read(change.value));
    const event: GhostEvent = {
      writer,
      tick,
      tock,
      keys: keys.slice(0, length),
      path,
      value,
      machine,
      atMs,
      knew,
      isSure: false,
      acknowledged: "no",
      holders: new Set(),
      isExcused: false,
      isPurged: false,
      isRetired: false,
    };
    this.#checkTick(event);
    push(this.byTick, `${tick} ${writer}`, event);
    push(this.byPath, path, event);
    return event;
  }

  #checkTick(event: GhostEvent): void {
    const before = this.of(event.writer, event.tick).find((other) => other.isSure);
    if (before === undefined || this.tainted.has(event.writer)) return;
    throw new Violation(
      "tick",
      `${event.machine} uses a tick twice: ${eventText(event)}, before: ${eventText(before)}`,
    );
  }

  /** It is in the log. @param machine Where; absent: where it was made */
  logged(event: GhostEvent, machine: string = event.machine): void {
    event.isSure = true;
    event.holders.add(machine);
  }

  /** It is not in the log, and never was anywhere else. */
  forget(event: GhostEvent): void {
    remove(this.byTick, `${event.tick} ${event.writer}`, event);
    remove(this.byPath, event.path, event);
  }

  /** A client was told that it is safe. */
  acknowledge(event: GhostEvent, level: "memory" | "disk"): void {
    event.acknowledged = level;
    this.acknowledged++;
  }
}

function push(map: Map<string, GhostEvent[]>, key: string, event: GhostEvent): void {
  const list = map.get(key);
  if (list) list.push(event);
  else map.set(key, [event]);
}

function remove(map: Map<string, GhostEvent[]>, key: string, event: GhostEvent): void {
  const rest = (map.get(key) ?? []).filter((other) => other !== event);
  if (rest.length > 0) map.set(key, rest);
  else map.delete(key);
}
