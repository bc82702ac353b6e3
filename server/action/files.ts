/**
 * `save {path, ?full}` and `log {path | nil, ?fetch}` → `{result: true}`: state files, on the server's own disk. A file that
 * exists and is no state file is not touched.
 *
 * @module
 */

import type { Call } from "./call.ts";
import { missingField } from "./refusal.ts";

/** Answers `save`. */
export async function save(call: Call): Promise<void> {
  const path = call.text("path");
  await call.services.files.save(path, call.request.bool("full", false));
  done(call);
}

/** Answers `log`. */
export async function log(call: Call): Promise<void> {
  const { request, services } = call;
  if (!request.has("path")) throw missingField("path");
  const path = request.value("path") === null ? null : call.text("path");
  await services.files.log(path, request.bool("fetch", false));
  done(call);
}

function done(call: Call): void {
  const out = call.begin(2);
  out.str("result");
  out.bool(true);
  call.tock();
  call.end();
}
