/**
 * What the child's three languages have in common.
 *
 * @module
 */

/** What the code sees beside `value`, as msgpack; absent fields are `undefined`. */
export interface RunContext {
  readonly entry?: Uint8Array;
  readonly data?: Uint8Array;
  readonly match?: Uint8Array;
  readonly conv?: Uint8Array;
  readonly prev?: Uint8Array;
}

/** The names of the context, in the order in which they travel. */
export const contextNames = ["entry", "data", "match", "conv", "prev"] as const;

/** A compiled program. */
export interface Runner {
  /**
   * Runs it. Returns the result as msgpack if `wantsResult`.
   * @throws {Failure} If it failed
   */
  run(value: Uint8Array, context: RunContext | undefined, wantsResult: boolean): Uint8Array | undefined;
  /** Gives its memory back. */
  close(): void;
}

/** What a program may use. */
export interface RunLimits {
  readonly memoryBytesMax: number;
  readonly resultBytesMax: number;
}
