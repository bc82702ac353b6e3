/**
 * How nodes are set up.
 *
 * @module
 */

import type { FsyncPolicy } from "../../server/persist/surroundings.ts";

/** How a node is set up. */
export interface NodeOptions {
  /** Where it is: `A`. */
  readonly machine: string;
  /** Its name, `A` as a rule. */
  readonly name: string;
  readonly fsync: FsyncPolicy;
  readonly turnMs: number;
  /** A log of so many bytes is replaced. */
  readonly logBytesMin: number;
  /** Whether it can tell one start of its machine from the next. */
  readonly hasBootId: boolean;
  /** Whether it asks who is there before it says anything of itself, as servers do that may have a namesake. */
  readonly asksFirst: boolean;
  /** Whether it gets its first state by a copy. */
  readonly copies: boolean;
}

/** How a node is set up unless told otherwise. */
export const usualNode: Omit<NodeOptions, "machine" | "name"> = {
  fsync: "everysec",
  turnMs: 0,
  logBytesMin: 4096,
  hasBootId: true,
  asksFirst: false,
  copies: false,
};
