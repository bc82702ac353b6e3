/**
 * `get_status` → how this server is, and what it knows of the others: see `wire/PROTOCOL.md`.
 *
 * @module
 */

import type { Call } from "./call.ts";

/** Answers `get_status`. */
export function getStatus(call: Call): void {
  const fields = Object.entries(call.services.cluster.status());
  const out = call.begin(fields.length + 1);
  for (const [name, value] of fields) {
    out.str(name);
    out.value(value);
  }
  call.tock();
  call.end();
}
