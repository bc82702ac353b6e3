/**
 * `get_status` → how this server is, and what it knows of the others: see `wire/PROTOCOL.md`.
 *
 * @module
 */

import type { Call } from "./call.ts";

/** What everybody may know. The rest tells of the network and the disk, and is for those whom no ACL binds. */
const open = ["node", "version", "uptime"];

/** Answers `get_status`. */
export function getStatus(call: Call): void {
  const status = Object.entries(call.services.cluster.status());
  const fields = call.client.rights === undefined ? status : status.filter(([name]) => open.includes(name));
  const out = call.begin(fields.length + 1);
  for (const [name, value] of fields) {
    out.str(name);
    out.value(value);
  }
  call.tock();
  call.end();
}
