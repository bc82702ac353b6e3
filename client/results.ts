/**
 * What requests result in.
 *
 * @module
 */

import { ProtocolError } from "../wire/errors.ts";
import type { Path } from "../wire/path/path.ts";
import type { Value } from "../wire/value.ts";
import { type Chain, chainOf, numberOf, pathOf, type Reply, textOf } from "./reply.ts";

/** An entry as it is now. */
export interface GetResult {
  /** Its value; there is none if the entry has none, which is not the same as the value `null`. */
  readonly value?: Value;
  /** Who changed it, if that was asked for (`nchain`); `null` if it has no value. */
  readonly chain: Chain | null | undefined;
  /** The network's counter when it was changed. */
  readonly tock: number;
}

/** How safe a change is: in the memory and log file of the server, or on its disk. */
export type AckLevel = "memory" | "disk";

/** What a change did. */
export interface SetResult {
  /** Whether the value is another one now. */
  readonly changed: boolean;
  /** The value before; only if neither `chain` nor `prev` was given. */
  readonly prev: Value | undefined;
  /** The entry's chain now: what the next careful write expects. `null` if it has no value any more. */
  readonly chain: Chain | null | undefined;
  /** The network's counter at this change. */
  readonly tock: number;
  /** How safe it is, if that was asked for and the server says so; `"none"` if the server keeps nothing. */
  readonly ack: AckLevel | "none" | undefined;
  /** How many servers have it on their disks, if that was asked for and the server says so. */
  readonly nodes?: number;
  /** Whether it lost on one of them against a change that did not know it: see `client.conflicts`. */
  readonly lost?: boolean;
}

/** An entry below the one that was asked for. */
export interface TreeItem extends GetResult {
  /** Where it is, below the path that was asked for. */
  readonly path: Path;
}

/** An entry that was deleted together with others. */
export interface DeletedItem {
  /** Where it was, below the path that was deleted. */
  readonly path: Path;
  /** Its last value. */
  readonly prev: Value | undefined;
  /** The chain of its deletion. */
  readonly chain: Chain | null | undefined;
  /** The network's counter at its deletion. */
  readonly tock: number;
}

/** A message on a topic. */
export interface TopicMessage {
  /** The topic it was sent to. */
  readonly topic: Path;
  /** Its value, unless the bytes were asked for or mean nothing. */
  readonly data?: Value;
  /** Its bytes. */
  readonly raw?: Uint8Array;
  /** Why there is no `data`. */
  readonly error?: string;
}

/** The result of `get_value` and `root`. */
export function getResult(reply: Reply): GetResult {
  const { value } = reply;
  const [chain, tock] = [chainOf(reply.chain), numberOf(reply.tock)];
  return value === undefined ? { chain, tock } : { value, chain, tock };
}

/** The result of `set_value` and `delete_value`. */
export function setResult(reply: Reply): SetResult {
  const ack = textOf(reply.ack);
  return {
    changed: reply.changed === true,
    prev: reply.prev,
    chain: chainOf(reply.chain),
    tock: numberOf(reply.tock),
    ack: ack === "memory" || ack === "disk" || ack === "none" ? ack : undefined,
    ...(typeof reply.nodes === "number" ? { nodes: reply.nodes, lost: reply.lost === true } : {}),
  };
}

/** An item of `get_tree`. */
export function treeItem(reply: Reply): TreeItem {
  return { path: needPath(reply.path), ...getResult(reply) };
}

/** An item of `delete_tree`; what has no path is the original's surplus last message. */
export function deletedItem(reply: Reply): DeletedItem | undefined {
  const path = pathOf(reply.path);
  if (path === undefined) return undefined;
  const chain = chainOf(reply.chain ?? chainAtTop(reply));
  return { path, prev: reply.old_value, chain, tock: numberOf(reply.tock) };
}

/** The original puts the links of a deletion beside the path. */
function chainAtTop({ node, tick, prev }: Reply): Value | undefined {
  if (node === undefined || tick === undefined) return undefined;
  return prev === undefined ? { node, tick } : { node, tick, prev };
}

/** An item of `msg_monitor`. */
export function topicMessage(reply: Reply): TopicMessage {
  const { data, raw, error } = reply;
  return {
    topic: needPath(reply.topic),
    ...(data === undefined ? {} : { data }),
    ...(raw instanceof Uint8Array ? { raw } : {}),
    ...(typeof error === "string" ? { error } : {}),
  };
}

function needPath(value: Value | undefined): Path {
  const path = pathOf(value);
  if (path === undefined) throw new ProtocolError("The reply lacks a path", 0);
  return path;
}
