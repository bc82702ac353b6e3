/**
 * The names of the formats that values are converted between.
 *
 * @module
 */

/** What `util convert` reads and writes. */
export const formats = ["json", "yaml", "cbor", "msgpack", "python"] as const;

/** One of them. */
export type Format = typeof formats[number];
