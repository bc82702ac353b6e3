/**
 * How a server is, as it says itself.
 *
 * @module
 */

import type { ServerStatus } from "../wire/message/status.ts";
import type { Reply } from "./reply.ts";

export type { PeerStatus, ServerStatus } from "../wire/message/status.ts";

/** The result of `get_status`. */
export function statusResult({ seq: _seq, tock: _tock, ...status }: Reply): ServerStatus {
  return status as unknown as ServerStatus;
}
