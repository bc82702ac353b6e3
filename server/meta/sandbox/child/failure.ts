/**
 * What the child tells about a run that failed.
 *
 * @module
 */

import { pythonRepr } from "../python_repr.ts";
import type { SandboxErrorKind } from "../sandbox_error.ts";

/** Longer messages are cut. */
const textCharactersMax = 2000;

/** A run failed. The child goes on. */
export class Failure extends Error {
  /**
   * A failed run.
   * @param kind Whose fault it is
   * @param exception The exception's class
   * @param text As Python's `repr()` prints it
   * @param isBroken Whether whatever ran it has to be made anew
   */
  constructor(
    readonly kind: SandboxErrorKind,
    readonly exception: string,
    readonly text: string,
    readonly isBroken: boolean = false,
  ) {
    super(text);
  }
}

/** A failure whose text is made of the exception's class and its message. */
export function failure(kind: SandboxErrorKind, exception: string, message: string, isBroken = false): Failure {
  const name = /^[A-Za-z_][A-Za-z0-9_]{0,63}$/.test(exception) ? exception : "Error";
  return new Failure(kind, name, `${name}(${message === "" ? "" : pythonRepr(shorten(message))})`, isBroken);
}

/** Cuts a text that is too long for a message. */
export function shorten(text: string): string {
  return text.length > textCharactersMax ? text.slice(0, textCharactersMax).toWellFormed() + "…" : text.toWellFormed();
}
