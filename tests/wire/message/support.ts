/** What the message tests share. */

import { RequestView, scanRequest } from "../../../wire/message/request.ts";
import { Encoder } from "../../../wire/msgpack/encoder.ts";

/** A view of the one message in `bytes`. */
export function scanned(bytes: Uint8Array): RequestView {
  const view = new RequestView();
  const end = scanRequest(bytes, 0, bytes.length, view);
  if (end !== bytes.length) throw new Error(`The message ends at ${end} of ${bytes.length}`);
  return view;
}

/** What `write` appends. */
export function bytesOf(write: (out: Encoder) => void): Uint8Array {
  const out = new Encoder();
  write(out);
  return out.take();
}
