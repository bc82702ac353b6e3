/**
 * Looks at what a client wants to store in the hidden subtree.
 *
 * @module
 */

import type { ElementKey } from "../../wire/path/keys.ts";

/**
 * Validates a value (encoded) for `keys`. Returns what is to be stored in its place, if it is not stored as it is.
 * @throws {RequestError} If it makes no sense
 */
export type Validator = (value: Uint8Array, keys: readonly ElementKey[]) => Promise<Uint8Array | undefined>;
