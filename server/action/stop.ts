/**
 * `stop {task}` → `{result: true | false}`: ends a stream, or gives up a request that is not answered yet. The stream's `end`
 * comes behind this reply.
 *
 * @module
 */

import type { Call } from "./call.ts";
import { missingField } from "./refusal.ts";

/** Answers `stop`. */
export function stop(call: Call): void {
  const { request } = call;
  const start = request.rawStart("task");
  if (start < 0) throw missingField("task");
  const number = request.int("task", NaN);
  // Numbers of other kinds are compared as bytes, like RequestView.seqKey.
  const key = Number.isNaN(number)
    ? String.fromCharCode(...request.bytes.subarray(start, request.rawEnd("task")))
    : number;
  const isRunning = call.client.stop(key);
  const out = call.begin(2);
  out.str("result");
  out.bool(isRunning);
  call.tock();
  call.end();
}
