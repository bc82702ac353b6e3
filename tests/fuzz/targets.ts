/** What must hold for any bytes at all. Each target throws if it does not. */

import { KvError, ProtocolError } from "../../wire/errors.ts";
import { readInfo } from "../../wire/message/info.ts";
import { RequestView, scanRequest } from "../../wire/message/request.ts";
import { readUpdate } from "../../wire/message/update.ts";
import { MessageReader } from "../../wire/msgpack/chunks.ts";
import { decode, Decoder } from "../../wire/msgpack/decoder.ts";
import { equalValues } from "../../wire/msgpack/deep_equal.ts";
import { encode } from "../../wire/msgpack/encoder.ts";
import { skip } from "../../wire/msgpack/skip.ts";
import { type ElementKey, readPathKeys } from "../../wire/path/keys.ts";
import { assertEquals, assertTrue } from "../support/assert.ts";
import type { Random } from "../support/random.ts";

/** A check of one input. */
export type Target = (bytes: Uint8Array, random: Random) => void;

/** The result, or the error if it is of the kind that is allowed. */
function attempt<T>(allowed: typeof KvError | typeof ProtocolError, body: () => T): T | KvError {
  try {
    return body();
  } catch (error) {
    if (error instanceof allowed) return error;
    throw error;
  }
}

/** skip() and the decoder agree, and offsets of errors are within the input. */
function skipAndDecode(bytes: Uint8Array): void {
  const end = attempt(ProtocolError, () => skip(bytes, 0, bytes.length));
  const decoder = new Decoder(bytes);
  const value = attempt(ProtocolError, () => decoder.value());
  for (const result of [end, value]) {
    if (result instanceof ProtocolError) {
      assertTrue(result.offset >= 0 && result.offset <= bytes.length, result.message);
    }
  }
  if (typeof end === "number" && end >= 0) assertEquals(decoder.offset, end);
  else assertTrue(value instanceof ProtocolError, "decoded what skip() did not pass");
}

/** What can be decoded is encoded to something equal, which is then stable. */
function roundTrip(bytes: Uint8Array): void {
  const value = attempt(ProtocolError, () => decode(bytes));
  if (value instanceof ProtocolError) return;
  const again = encode(value as ReturnType<typeof decode>);
  assertTrue(equalValues(bytes, 0, bytes.length, again, 0, again.length), `not equal to ${again.toHex()}`);
  assertEquals(encode(decode(again)), again);
}

/** MessageReader finds what skip() finds, wherever the bytes are cut. */
function cutAnywhere(bytes: Uint8Array, random: Random): void {
  const reader = new MessageReader();
  const found: number[] = [];
  let error: KvError | undefined;
  for (let at = 0; at < bytes.length && error === undefined;) {
    const size = 1 + random.below(random.below(2) === 0 ? 4 : bytes.length);
    reader.push(bytes.subarray(at, at + size));
    at += size;
    for (let more: boolean | KvError = true; more === true;) {
      more = attempt(ProtocolError, () => reader.next());
      if (more === true) found.push(reader.end - reader.start);
      if (more instanceof KvError) error = more;
    }
  }
  const { lengths, isBad } = skipAll(bytes);
  assertEquals(found, lengths);
  // The reader also refuses what promises to be too long; and where bytes are missing for sure, it waits for them first.
  if (error !== undefined && !error.message.includes("longer than")) assertTrue(isBad, error.message);
}

function skipAll(bytes: Uint8Array): { lengths: number[]; isBad: boolean } {
  const lengths: number[] = [];
  for (let at = 0; at < bytes.length;) {
    const end = attempt(ProtocolError, () => skip(bytes, at, bytes.length));
    if (typeof end !== "number") return { lengths, isBad: true };
    if (end < 0) break;
    lengths.push(end - at);
    at = end;
  }
  return { lengths, isBad: false };
}

const view = new RequestView();

/** A request is as long as skip() says; its fields can be asked for, and what servers tell each other can be read. */
function messages(bytes: Uint8Array): void {
  const end = attempt(ProtocolError, () => skip(bytes, 0, bytes.length));
  const scanned = attempt(ProtocolError, () => scanRequest(bytes, 0, bytes.length, view));
  if (typeof end !== "number" || end < 0) return;
  assertEquals(scanned, end);
  for (const name of ["seq", "action", "path", "nothing"]) view.value(name);
  void [view.action, view.state, view.ack, view.seqStart < 0 || view.seqKey, view.text("node"), view.int("tick", 0)];
  attempt(KvError, () => readUpdate(view));
  attempt(KvError, () => readInfo(decode(bytes, 0, end)));
}

/** Any value may stand where a path should be. */
function paths(bytes: Uint8Array): void {
  const end = attempt(ProtocolError, () => skip(bytes, 0, bytes.length));
  if (typeof end !== "number" || end < 0) return;
  const keys: ElementKey[] = [];
  attempt(KvError, () => readPathKeys(bytes, 0, end, keys));
}

/** All of them. */
export const targets: readonly Target[] = [skipAndDecode, roundTrip, cutAnywhere, messages, paths];
