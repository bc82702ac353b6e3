/**
 * Writes that wait for other nodes: `set_value`, `delete_value` and their `_internal` forms with `nodes: N, ?timeout=5`.
 *
 * The write happens at once. It is answered when N nodes have it on their disks, this one included, or after `timeout`
 * seconds; the reply also has `nodes`, how many have it by then, `ack`, and `lost: true` if it lost somewhere against a write
 * whose author did not know it. A time-out takes nothing back. Other requests of the connection go on meanwhile.
 *
 * @module
 */

import { RequestError } from "../../wire/errors.ts";
import { replyKeys } from "../../wire/message/reply.ts";
import { Float } from "../../wire/value.ts";
import type { Call } from "./call.ts";
import { badField } from "./refusal.ts";

/** More nodes than anybody has. */
const nodesMax = 1000;
/** In seconds. */
const timeoutDefault = 5;
const timeoutMax = 3600;

/** Makes a write and answers it when enough nodes have it. The call has an output of its own. */
export async function acknowledged(call: Call, write: (call: Call) => void | Promise<void>): Promise<void> {
  const { services: { turn, cluster }, request } = call;
  const nodes = readNodes(call);
  const timeoutMs = 1000 * readTimeout(call);
  if (turn.refusal !== undefined) throw new RequestError("read_only", turn.refusal);
  const hasLevel = request.rawStart("ack") >= 0;
  const level = turn.require("disk");
  call.beforeApply = () => void turn.require("disk");
  await write(call);
  const path = call.keys.slice(0, call.keyCount);
  const { head } = call;
  if (!head?.writer) throw new RequestError("internal", "The event that was written is not there");
  const event = { path, writer: head.writer.name, tick: head.tick };
  const reply = call.out.take();
  call.out.reset();
  await turn.committed();
  const reached = await cluster.acknowledge({ ...event, nodes, timeoutMs, isGone: () => call.isStopped });
  const out = call.out;
  // A reply to a write has fewer than 16 fields: its first byte says how many.
  out.mapHeader((reply[0] & 15) + 1 + (hasLevel ? 0 : 1) + (reached.isLost ? 1 : 0));
  out.raw(reply, 1, reply.length);
  if (!hasLevel) {
    out.raw(replyKeys.ack);
    out.str(level);
  }
  out.str("nodes");
  out.int(reached.nodes);
  if (!reached.isLost) return;
  out.str("lost");
  out.bool(true);
}

function readNodes(call: Call): number {
  const nodes = call.request.value("nodes");
  if (typeof nodes === "number" && Number.isInteger(nodes) && nodes >= 1 && nodes <= nodesMax) return nodes;
  throw badField("nodes", `an integer from 1 to ${nodesMax}`);
}

function readTimeout(call: Call): number {
  const value = call.request.value("timeout") ?? timeoutDefault;
  const seconds = value instanceof Float ? value.valueOf() : value;
  if (typeof seconds === "number" && seconds >= 0 && seconds <= timeoutMax) return seconds;
  throw badField("timeout", `seconds from 0 to ${timeoutMax}`);
}
