/**
 * Replies that say no: `{error, etype, seq, tock}`. The connection goes on, unless what came was no msgpack.
 *
 * Source: `spec/client-protocol.md` 1.1, 3.4.
 *
 * @module
 */

import { type ErrorCode, ProtocolError, type RequestError } from "../../wire/errors.ts";
import type { RequestView } from "../../wire/message/request.ts";
import type { Encoder } from "../../wire/msgpack/encoder.ts";
import { errorText } from "../action/refusal.ts";

/** Refuses the request whose encoded number is `bytes[start … end)`. */
export function writeRefusal(
  out: Encoder,
  bytes: Uint8Array,
  start: number,
  end: number,
  error: RequestError,
  tock: number,
): void {
  out.mapHeader(4);
  out.str("error");
  out.str(errorText(error));
  out.str("etype");
  out.str(error.code);
  out.str("seq");
  out.raw(bytes, start, end);
  out.str("tock");
  out.int(tock);
}

/** Refuses a message that has no number to answer to. */
export function refuseWithoutSeq(out: Encoder, view: RequestView, tock: number): void {
  writeUnnumbered(
    out,
    view.isMap ? "seq" : `'${typeName(view.bytes[view.start])}' object has no attribute 'seq'`,
    tock,
  );
}

/** Refuses bytes that are no message. The connection is closed after this: nobody knows where the next one begins. */
export function refuseMalformed(out: Encoder, error: ProtocolError | RequestError, tock: number): void {
  if (error instanceof ProtocolError) writeUnnumbered(out, `ProtocolError: ${error.message}`, tock);
  else writeUnnumbered(out, errorText(error), tock, error.code);
}

function writeUnnumbered(out: Encoder, text: string, tock: number, code: ErrorCode = "request"): void {
  out.mapHeader(3);
  out.str("error");
  out.str(text);
  out.str("etype");
  out.str(code);
  out.str("tock");
  out.int(tock);
}

/** What Python calls the value that begins with this byte. */
function typeName(first: number): string {
  if (first < 0x80 || first >= 0xe0 || (first >= 0xcc && first <= 0xd3)) return "int";
  if (first < 0xa0 || first === 0xdc || first === 0xdd) return "tuple";
  if (first < 0xc0 || (first >= 0xd9 && first <= 0xdb)) return "str";
  if (first === 0xc0) return "NoneType";
  if (first === 0xc2 || first === 0xc3) return "bool";
  if (first <= 0xc6) return "bytes";
  if (first === 0xca || first === 0xcb) return "float";
  return "ExtType";
}
