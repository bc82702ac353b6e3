/**
 * One line on a terminal that says how far a long piece of work is.
 *
 * @module
 */

import type { Output } from "../context.ts";

/** Work that is done sooner shows nothing. */
const silentMs = 500;

/** A person reads no faster. */
const stepMs = 200;

/** Counts, and shows the count on a terminal; elsewhere it does nothing. End it with `using`. */
export class Progress implements Disposable {
  readonly #label: string;
  readonly #output: Output | undefined;
  readonly #now: () => number;
  #nextMs: number;
  #shown = false;

  /**
   * @param output Where it is shown; nothing is written unless it is a terminal
   * @param label What is counted: `records`
   */
  constructor(output: Output, label: string, now: () => number = () => performance.now()) {
    this.#output = output.isTerminal ? output : undefined;
    this.#label = label;
    this.#now = now;
    this.#nextMs = now() + silentMs;
  }

  /** Shows that `done` of `total` (if that is known) are done. Cheap enough to call each time. */
  at(done: number, total?: number): void {
    if (!this.#output || this.#now() < this.#nextMs) return;
    this.#nextMs = this.#now() + stepMs;
    this.#shown = true;
    const of = total ? ` of ${total.toLocaleString("en")} (${Math.floor(done / total * 100)} %)` : "";
    this.#output.write(`\r\x1b[K${done.toLocaleString("en")}${of} ${this.#label}`);
    this.#output.flush();
  }

  /** Takes the line away. */
  [Symbol.dispose](): void {
    if (this.#shown) this.#output?.write("\r\x1b[K");
    this.#shown = false;
  }
}
