/**
 * What can go wrong with stored code.
 *
 * @module
 */

/**
 * | kind | what happened | the program afterwards |
 * | --- | --- | --- |
 * | `rejected` | it ran and threw, or the schema does not fit: the value is bad | goes on |
 * | `bad_result` | it returned what no value can be: a function, a cycle, something too large | goes on |
 * | `syntax` | it cannot be compiled; the schema is none | there is none |
 * | `timeout` | it did not come back within the deadline and was killed | inactive until it is stored anew |
 * | `memory` | the child died of it: its heap was full (a `MemoryError` of the code itself is `rejected`) | inactive |
 * | `crash` | the child died of it, or cannot be started | inactive, if it was at fault |
 * | `inactive` | it was killed earlier | still so |
 */
export type SandboxErrorKind = "rejected" | "syntax" | "timeout" | "memory" | "crash" | "bad_result" | "inactive";

/** A value was refused by stored code, or the code itself is at fault. */
export class SandboxError extends Error {
  /** The name of the class, also in minified programs. */
  override name = "SandboxError";
  /**
   * An error of stored code.
   * @param kind Whose fault it is
   * @param exception The exception's class: `ValueError`
   * @param text As Python's `repr()` prints it: `ValueError('not an integer')`
   */
  constructor(readonly kind: SandboxErrorKind, readonly exception: string, readonly text: string) {
    super(text);
  }
}
