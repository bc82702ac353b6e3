/**
 * The names of reply fields, encoded once, and the replies that every action has in common.
 *
 * @module
 */

import { type Encoder, preEncode } from "../msgpack/encoder.ts";

/** Reply fields, ready to be appended with `encoder.raw()`. */
export const replyKeys: {
  readonly ack: Uint8Array;
  readonly chain: Uint8Array;
  readonly changed: Uint8Array;
  readonly depth: Uint8Array;
  readonly error: Uint8Array;
  readonly etype: Uint8Array;
  readonly head: Uint8Array;
  readonly path: Uint8Array;
  readonly prev: Uint8Array;
  readonly reason: Uint8Array;
  readonly result: Uint8Array;
  readonly seq: Uint8Array;
  readonly state: Uint8Array;
  readonly tock: Uint8Array;
  readonly token: Uint8Array;
  readonly value: Uint8Array;
  readonly wseq: Uint8Array;
} = {
  ack: preEncode("ack"),
  chain: preEncode("chain"),
  changed: preEncode("changed"),
  depth: preEncode("depth"),
  error: preEncode("error"),
  etype: preEncode("etype"),
  head: preEncode("head"),
  path: preEncode("path"),
  prev: preEncode("prev"),
  reason: preEncode("reason"),
  result: preEncode("result"),
  seq: preEncode("seq"),
  state: preEncode("state"),
  tock: preEncode("tock"),
  token: preEncode("token"),
  value: preEncode("value"),
  wseq: preEncode("wseq"),
};

/** What a message of a stream can say about the stream itself. */
export type StreamWord = "start" | "uptodate" | "token" | "resync" | "ack" | "end";

/**
 * Appends `seq` as the client wrote it: any value, in any encoding.
 * @param bytes Where it is
 */
export function writeSeq(out: Encoder, bytes: Uint8Array, start: number = 0, end: number = bytes.length): void {
  out.raw(replyKeys.seq);
  out.raw(bytes, start, end);
}

/** Appends `tock`. */
export function writeTock(out: Encoder, tock: number): void {
  out.raw(replyKeys.tock);
  out.int(tock);
}

/**
 * Appends an error reply: `{error, etype, tock, ?seq}`.
 * @param text What the original would say: a Python exception
 * @param etype Our code for it
 * @param seq The request's, encoded; undefined if it had none
 */
export function writeError(out: Encoder, text: string, etype: string, tock: number, seq?: Uint8Array): void {
  out.mapHeader(seq === undefined ? 3 : 4);
  out.raw(replyKeys.error);
  out.str(text);
  out.raw(replyKeys.etype);
  out.str(etype);
  writeTock(out, tock);
  if (seq !== undefined) writeSeq(out, seq);
}
