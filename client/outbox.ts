/**
 * What is to be sent: requests made in one turn of the event loop leave in one write.
 *
 * @module
 */

import { Encoder } from "../wire/msgpack/encoder.ts";

/** Collects messages and writes them. While a write is under way, the next one collects. */
export class Outbox {
  /** Where messages are appended; call {@linkcode Outbox.schedule} afterwards. */
  encoder: Encoder = new Encoder(16 * 1024);
  #spare: Encoder = new Encoder(16 * 1024);
  #state: "idle" | "scheduled" | "writing" | "broken" = "idle";
  #drained: (() => void)[] = [];

  /**
   * @param write Writes the bytes, which may be reused when it is done
   * @param onError Told of the first write that fails; nothing is written after it
   */
  constructor(readonly write: (bytes: Uint8Array) => Promise<void>, readonly onError: (error: unknown) => void) {}

  /** Bytes that wait for the write that is under way. */
  get waitingBytes(): number {
    return this.encoder.length;
  }

  /** Writes what was appended, after the code that runs now. */
  schedule(): void {
    if (this.#state !== "idle") return;
    this.#state = "scheduled";
    queueMicrotask(this.#flush);
  }

  readonly #flush = async (): Promise<void> => {
    this.#state = "writing";
    try {
      while (this.encoder.length > 0) await this.#writeOnce();
      this.#state = "idle";
    } catch (error) {
      this.#state = "broken";
      this.onError(error);
    }
    for (const wake of this.#drained.splice(0)) wake();
  };

  async #writeOnce(): Promise<void> {
    const full = this.encoder;
    this.encoder = this.#spare;
    this.#spare = full;
    await this.write(full.view());
    full.reset();
  }

  /** Whether nothing waits, or nothing can be written any more. */
  get isDrained(): boolean {
    return this.#state === "idle" || this.#state === "broken";
  }

  /** Waits until everything is written, or cannot be. */
  drained(): Promise<void> {
    if (this.isDrained) return Promise.resolve();
    return new Promise((resolve) => this.#drained.push(resolve));
  }
}
