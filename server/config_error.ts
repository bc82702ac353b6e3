/**
 * A server was told something that cannot be.
 *
 * @module
 */

import { KvError } from "../wire/errors.ts";

/** A server was told something that cannot be. */
export class ConfigError extends KvError {
  /** The name of the class, also in minified programs. */
  override name = "ConfigError";
}
