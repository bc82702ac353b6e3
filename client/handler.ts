/**
 * Who takes the replies to one request.
 *
 * @module
 */

import type { Reply } from "./reply.ts";

/** A request under way. */
export interface Handler {
  /** What was asked for. */
  readonly action: string;
  /** Whether it asked for a change, so that its outcome is unknown when no reply comes. */
  readonly isChange: boolean;
  /** Takes a reply; true if it was the last. */
  receive(reply: Reply): boolean;
  /** No reply will come. */
  fail(error: Error): void;
}

/** Actions that change nothing; of any other, the outcome is unknown if the reply is lost. */
const reading = new Set([
  "get_value",
  "get_internal",
  "get_tree",
  "get_tree_internal",
  "enum",
  "enumerate",
  "enum_internal",
  "enum_node",
  "watch",
  "msg_monitor",
  "get_tock",
  "get_state",
  "test_acl",
  "auth_info",
  "auth_list",
  "auth_get",
  "stop",
]);

/** Whether an action may change something. */
export function isChange(action: string): boolean {
  return !reading.has(action);
}
