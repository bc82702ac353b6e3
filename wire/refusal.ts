/**
 * A refusal whose text on the wire is the original's: Python's `repr` of an exception, such as `ValueError('not an integer')`.
 *
 * @module
 */

import { type ErrorCode, RequestError } from "./errors.ts";

/** A refusal whose text on the wire is not simply its class and message. */
export class Refusal extends RequestError {
  /**
   * A refusal.
   * @param code What travels as `etype`
   * @param message For people
   * @param wire The text that travels as `error`
   */
  constructor(code: ErrorCode, message: string, readonly wire: string, options?: ErrorOptions) {
    super(code, message, options);
  }
}
