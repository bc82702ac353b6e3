/**
 * Which fault met which step of the protocol, and how often: a fault that never met a step proves nothing about it.
 *
 * @module
 */

/** Whatever can go wrong. Those in {@linkcode laterFaults} are drawn apart from the others, which keep their seeds. */
export const faults = [
  "loss",
  "duplicate",
  "reorder",
  "delay",
  "late copy",
  "partial",
  "one-way cut",
  "split",
  "broker restart",
  "slow reader",
  "kill",
  "crash point",
  "power cut",
  "torn record",
  "lost rename",
  "damage",
  "full disk",
  "disk error",
  "clock jump",
  "pause",
  "lost reply",
  "clean stop",
  "backup",
  "cold copy",
  "twin",
  "death",
  "join",
  "save and load",
  "forget",
  "damaged tail",
  "copy",
] as const;

/** One of them. */
export type Fault = typeof faults[number];

/** Faults that came later. */
export const laterFaults: readonly Fault[] = ["damaged tail", "copy"];

/** Messages, by their kind. */
const messages = ["have", "update", "again", "want", "claim", "heads", "gone", "bye", "ask", "foreign"] as const;

/** What a node can be at: messages, and what happens inside. */
export const steps = [
  ...messages,
  "write",
  "merge",
  "conflict",
  "superseded",
  "believed",
  "purged",
  "renamed",
  "watched",
  "resynced",
  "copied",
] as const;

/** One of them. */
export type Step = typeof steps[number];

/** Those that are messages. */
export const messageSteps: readonly Step[] = messages;

/** How often which fault met which step, as plain data. */
export type Meetings = ReadonlyMap<string, number>;

/** See the module. */
export class Coverage {
  readonly #counts = new Map<string, number>();

  /** That fault met that step. */
  met(fault: Fault, step: Step, times: number = 1): void {
    const key = `${fault}|${step}`;
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + times);
  }

  /** How often. */
  count(fault: Fault, step: Step): number {
    return this.#counts.get(`${fault}|${step}`) ?? 0;
  }

  /** All there is. */
  get meetings(): Meetings {
    return this.#counts;
  }

  /** Takes over what another run met. */
  add(other: Meetings): void {
    for (const [key, n] of other) this.#counts.set(key, (this.#counts.get(key) ?? 0) + n);
  }

  /** A table for people. */
  table(): string {
    const short = (n: number) =>
      n < 10_000 ? String(n) : n < 10_000_000 ? `${Math.round(n / 1000)}k` : `${Math.round(n / 1e6)}M`;
    const rows = faults.map((fault) => [fault, ...steps.map((step) => short(this.count(fault, step)))]);
    const all = [["fault", ...steps], ...rows];
    const widths = all[0].map((_, i) => Math.max(...all.map((row) => row[i].length)));
    return all.map((row) => row.map((cell, i) => i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i])).join(" "))
      .join("\n");
  }
}
