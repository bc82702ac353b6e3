/**
 * What `--version` prints. A test compares it with `deno.json`.
 *
 * @module
 */

/** Name and version of the package. */
export const version = "@moat/kv 0.1.0";
