/**
 * What client and server agree on: values, paths, messages. No socket, no clock, no randomness.
 *
 * @module
 */

export { Ext, Float, Raw, Timestamp } from "./value.ts";
export type { Value } from "./value.ts";
export { Path } from "./path/path.ts";
export type { PathElement, PathInput } from "./path/path.ts";
export { parsePath, PathSyntaxError } from "./path/parse.ts";
export { P } from "./path/template.ts";
