/**
 * Messages by topic: what `msg_send` publishes and `msg_monitor` hears. A topic is a list of levels; a pattern may have `+`
 * for one level and, as its last one, `#` for any number of them.
 *
 * @module
 */

/** Receives the messages of a pattern. The bytes are shared: they must not be changed. */
export type TopicListener = (levels: readonly string[], payload: Uint8Array) => void;

/** Carries messages to whoever listens. */
export interface Topics {
  /** Sends a message. */
  publish(levels: readonly string[], payload: Uint8Array): void;
  /** Calls `listener` with each message that fits, until the returned function is called. */
  monitor(pattern: readonly string[], listener: TopicListener): () => void;
}

/** Whether a topic fits a pattern. Names that begin with `$` are the broker's own and fit no wildcard. */
export function fitsPattern(pattern: readonly string[], levels: readonly string[]): boolean {
  for (let i = 0; i < pattern.length; i++) {
    const part = pattern[i];
    if ((part === "#" || part === "+") && i === 0 && levels[0]?.startsWith("$")) return false;
    if (part === "#") return true;
    if (i === levels.length || (part !== "+" && part !== levels[i])) return false;
  }
  return levels.length === pattern.length;
}
