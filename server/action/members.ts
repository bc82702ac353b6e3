/**
 * `forget_node {node, ?force}`: nobody waits for that node any more. What it alone had is given up, and deleted entries go
 * without its word. If it comes back it takes a new writer name, and compares what it has with another node.
 *
 * It is remembered for ever, in the internal entry `member NODE`. A node that is here is not forgotten unless `force`.
 *
 * @module
 */

import { RequestError } from "../../wire/errors.ts";
import type { Call } from "./call.ts";
import { noKey, serverError } from "./refusal.ts";

/** Answers `forget_node`. */
export function forgetNode(call: Call): void {
  const { request, services: { cluster, node, turn } } = call;
  const name = call.text("node");
  if (turn.refusal !== undefined) throw new RequestError("read_only", turn.refusal);
  if (name === node) throw serverError(`Node ${name} is this one`);
  const member = cluster.member(name);
  if (member === undefined) throw noKey(name);
  if (member === "here" && !request.bool("force", false)) {
    throw serverError(`Node ${name} is here: stop it first, or say that you mean it (force)`);
  }
  if (member !== "forgotten") cluster.forget(name);
  call.done();
}
