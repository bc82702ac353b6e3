/**
 * What client and server agree on: values, paths, messages. No socket, no clock, no randomness.
 *
 * `wire/PROTOCOL.md` describes the protocol.
 *
 * @example Values and paths
 * ```ts
 * import { decode, encode, P } from "@moat/kv/wire";
 *
 * const path = P("home.kitchen:3");
 * decode(encode({ path, value: 21.5 }));
 * ```
 *
 * @module
 */

export { Ext, Float, Raw, Timestamp } from "./value.ts";
export type { Value } from "./value.ts";

export {
  AclError,
  AuthError,
  ChainError,
  ConnectionError,
  KvError,
  NotFoundError,
  ProtocolError,
  RequestError,
  TypeCheckError,
} from "./errors.ts";
export type { ErrorCode } from "./errors.ts";
export * as limits from "./limits.ts";

export { encode, Encoder, preEncode } from "./msgpack/encoder.ts";
export { decode, Decoder } from "./msgpack/decoder.ts";
export { skip } from "./msgpack/skip.ts";
export { MessageReader } from "./msgpack/chunks.ts";
export { equalValues } from "./msgpack/deep_equal.ts";
export { sameValue } from "./msgpack/same_value.ts";

export { Path } from "./path/path.ts";
export type { PathElement, PathInput } from "./path/path.ts";
export { parsePath, PathSyntaxError } from "./path/parse.ts";
export { parseSlashPath, printSlashPath } from "./path/slash.ts";
export { P } from "./path/template.ts";
export { elementOf, encodeArray, encodeKey, encodePath, KeyObject, keyOf, keysOf, readPathKeys } from "./path/keys.ts";
export type { ElementKey } from "./path/keys.ts";
export { PathLengthener, PathShortener } from "./path/shorten.ts";

export { RequestView, scanRequest } from "./message/request.ts";
export { encodeChain, readChain } from "./message/chain.ts";
export type { Chain } from "./message/chain.ts";
export { encodeRanges, readRanges } from "./message/ranges.ts";
export type { Range, Ranges } from "./message/ranges.ts";
export { encodeChange, encodeEntry, readUpdate } from "./message/update.ts";
export type { Update } from "./message/update.ts";
export { encodeInfo, readInfo } from "./message/info.ts";
export type { Info, NodeRanges } from "./message/info.ts";
export { FragmentJoiner } from "./message/fragment.ts";
