/**
 * How safe a change has to be: `--ack disk`, `--ack 2 --timeout 10`.
 *
 * @module
 */

import { InvalidArgumentError } from "commander";
import type { CliContext, Fields, Reply } from "../context.ts";
import type { MoatCommand } from "../options.ts";

/** What was asked for. */
export interface AckOptions {
  readonly ack?: "memory" | "disk" | number;
  readonly timeout?: number;
}

/** Adds `--ack` and `--timeout`. */
export function ackOptions(command: MoatCommand): MoatCommand {
  return command
    .option("--ack <level>", "wait until it is on the disk (disk), or on the disks of so many servers", level)
    .option("--timeout <seconds>", "how long to wait for other servers (5); the change stays anyway", seconds);
}

function level(text: string): "memory" | "disk" | number {
  if (text === "memory" || text === "disk") return text;
  const nodes = Number(text);
  if (/^\d+$/.test(text) && nodes >= 1 && nodes <= 1000) return nodes;
  throw new InvalidArgumentError("It should be disk, memory or a number of servers.");
}

function seconds(text: string): number {
  const n = Number(text);
  if (text.trim() !== "" && n >= 0 && n <= 3600) return n;
  throw new InvalidArgumentError("It should be seconds, from 0 to 3600.");
}

/** The fields to send. */
export function ackFields({ ack, timeout }: AckOptions, command: MoatCommand): Fields {
  if (timeout !== undefined && typeof ack !== "number") command.refuse("'timeout' needs '--ack' with a number.");
  if (ack === undefined) return {};
  return typeof ack === "number" ? { nodes: ack, timeout } : { ack };
}

/** Says what was not reached: then the exit status is 1, though the change was made. */
export function reportAck(context: CliContext, reply: Reply, { ack }: AckOptions): void {
  if (ack === undefined) return;
  const fail = (text: string) => {
    context.note(text);
    context.exit(1);
  };
  if (typeof ack !== "number") {
    if (reply.ack !== ack && reply.ack !== "disk") fail(`The change is made, but kept ${placeOf(reply.ack)}.`);
    return;
  }
  const nodes = typeof reply.nodes === "number" ? reply.nodes : 0;
  if (nodes < ack) fail(`The change is made, but it is on ${nodes} of ${ack} servers' disks so far.`);
  if (reply.lost === true) fail("The change lost against another one: see 'moat conflict ls'.");
}

function placeOf(level: Reply[string]): string {
  return level === "none" || level === undefined ? "nowhere but in memory" : `in ${String(level)} only`;
}
