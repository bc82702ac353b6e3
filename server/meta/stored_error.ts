/**
 * What a client is told when stored code refuses a value, or cannot be asked.
 *
 * | what happened | `error` on the wire |
 * | --- | --- |
 * | the value is bad | the exception itself: `ValueError('not an integer')` |
 * | the code returned a function, a cycle, … | `RuntimeError('Cannot decode a.b: its codec x returned what is no value: …')` |
 * | the code is inactive, or was killed just now | `RuntimeError('Cannot set a.b: its type int is inactive: …')` |
 *
 * @module
 */

import type { ErrorCode } from "../../wire/errors.ts";
import { Refusal } from "../../wire/refusal.ts";
import { quote } from "../../wire/repr.ts";
import { SandboxError } from "./sandbox/sandbox_error.ts";

/** Refuses with a Python exception: `pythonError("type", "ValueError", "did not fail on 4")`. */
export function pythonError(code: ErrorCode, exception: string, text: string, options?: ErrorOptions): Refusal {
  return new Refusal(code, text, `${exception}(${quote(text)})`, options);
}

/** Whether it is the value's fault, and not the code's. */
export function isRejection(error: SandboxError): boolean {
  return error.kind === "rejected";
}

/**
 * The refusal of a value.
 *
 * @param what Where, for what is not the value's fault: `Cannot set a.b: its type int`
 */
export function refusalOf(error: unknown, code: ErrorCode, what: string): unknown {
  if (!(error instanceof SandboxError)) return error;
  if (isRejection(error)) return new Refusal(code, messageOf(error), error.text, { cause: error });
  const problem = error.kind === "bad_result" ? "returned what is no value" : "is inactive";
  return pythonError(code, "RuntimeError", `${what} ${problem}: ${error.text}`, { cause: error });
}

/** The exception's own words: `not an integer` of `ValueError('not an integer')`. */
export function messageOf({ exception, text }: SandboxError): string {
  const inner = text.startsWith(`${exception}(`) && text.endsWith(")") ? text.slice(exception.length + 1, -1) : text;
  const isQuoted = /^(['"])(?:(?!\1)[^\\])*\1$/.test(inner);
  return isQuoted ? inner.slice(1, -1) : inner;
}
