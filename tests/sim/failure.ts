/**
 * What must always hold did not.
 *
 * @module
 */

/** The laws that are checked, by the number of their rule. */
export type Law =
  /** What a node has is visible in its tree, or outranked there, or deleted there by a higher rank. */
  | "cover"
  /** No path's rank falls except by purge. */
  | "rank"
  /** What a node has never shrinks in a life. */
  | "have"
  /** A tick is never used twice. */
  | "tick"
  /** Nothing leaves a node before it is written, and nothing changes on its way. */
  | "truth"
  /** What was written is there after a restart. */
  | "disk"
  /** Healed and quiet, all nodes hold the same. */
  | "same"
  /** An acknowledged write is there, superseded knowingly, or in the conflict list. */
  | "lost"
  /** Then only heartbeats. */
  | "quiet"
  /** Nobody holds more than it needs. */
  | "memory"
  /** Who watches ends with what the node shows, and never goes back in rank without `resync`. */
  | "watch"
  /** Nothing that ours send harms a server of the original. */
  | "harm"
  /** An error that nobody expected. */
  | "error";

/** See the module. */
export class Violation extends Error {
  override name = "Violation";
  /** @param law Which one @param text What was seen */
  constructor(readonly law: Law, text: string, options?: ErrorOptions) {
    super(`${law}: ${text}`, options);
  }
}
