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
export { decode, Decoder } from "./msgpack/decoder.ts";
export { encode, Encoder, preEncode } from "./msgpack/encoder.ts";
export { skip } from "./msgpack/skip.ts";
export { MessageReader } from "./msgpack/chunks.ts";
export { equalValues } from "./msgpack/deep_equal.ts";
export { sameValue } from "./msgpack/same_value.ts";
