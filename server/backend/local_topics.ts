/**
 * Messages between the clients of one server, without a broker.
 *
 * @module
 */

/** Receives the messages of a pattern. */
type Listener = (levels: readonly string[], payload: Uint8Array) => void;

/** Decides whether a topic fits a pattern. */
type Fits = (pattern: readonly string[], levels: readonly string[]) => boolean;

/** Publishes to the listeners of this process, at once and in order. */
export class LocalTopics {
  readonly #monitors = new Set<{ pattern: readonly string[]; listener: Listener }>();

  constructor(readonly fits: Fits) {}

  /** Sends a message. */
  publish(levels: readonly string[], payload: Uint8Array): void {
    for (const { pattern, listener } of this.#monitors) if (this.fits(pattern, levels)) listener(levels, payload);
  }

  /** Calls `listener` with each message that fits, until the returned function is called. */
  monitor(pattern: readonly string[], listener: Listener): () => void {
    const monitor = { pattern, listener };
    this.#monitors.add(monitor);
    return () => this.#monitors.delete(monitor);
  }
}
