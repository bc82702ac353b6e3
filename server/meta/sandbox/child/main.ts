/**
 * The child process: reads requests, runs stored code, writes replies. It is started without any permission.
 *
 * @module
 */

import { Encoder, MessageReader } from "../../../../wire/mod.ts";
import { flushMs } from "../protocol.ts";
import { loadJavaScript } from "./javascript.ts";
import { loadSchemas } from "./schema.ts";
import { Workshop } from "./workshop.ts";

/** Replies of this size are written at once. */
const replyBytesMax = 64 * 1024;

const reader = new MessageReader();
const replies = new Encoder(replyBytesMax);
const workshop = new Workshop(replies);

/** Writes what was answered so far, without giving anybody else a turn. */
function flush(): void {
  const bytes = replies.view();
  for (let written = 0; written < bytes.length;) written += Deno.stdout.writeSync(bytes.subarray(written));
  replies.reset();
}

/** Answers all requests that are there. */
function work(): void {
  let since = performance.now();
  while (reader.next()) {
    if (replies.length > 0 && (performance.now() - since > flushMs || replies.length > replyBytesMax)) {
      flush();
      since = performance.now();
    }
    take();
  }
  flush();
}

/** Does what the current message wants. An interpreter that broke down may have left anything behind, so that is the end. */
function take(): void {
  try {
    workshop.take(reader.bytes, reader.start, reader.end);
  } catch (error) {
    flush();
    console.error(`${error}`);
    Deno.exit(1);
  }
}

async function main(): Promise<void> {
  await Promise.all([loadJavaScript(), loadSchemas()]);
  replies.arrayHeader(1);
  replies.int(0);
  flush();
  for (;;) {
    const length = Deno.stdin.readSync(reader.writable()); // there is nobody else to give a turn to
    if (length === null) return;
    reader.advance(length);
    work();
  }
}

if (import.meta.main) await main();
