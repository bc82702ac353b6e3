/**
 * A server's status for people.
 *
 * @module
 */

import type { PeerStatus, ServerStatus } from "../../status.ts";
import { columns } from "../output/columns.ts";
import { humanDelta } from "../util/human_delta.ts";

/** The whole text. */
export function statusText(status: ServerStatus): string {
  const facts = columns([
    ["node", headText(status)],
    ["network", networkText(status)],
    ...loginText(status),
    ["state", stateText(status)],
    ["entries", entriesText(status)],
    ["changes", changesText(status)],
    ["conflicts", conflictsText(status)],
    ["clients", `${count(status.clients.connections, "connection")}, ${count(status.clients.watchers, "watch")}`],
    ["messages", messagesText(status)],
  ]);
  const parts = [facts];
  if (status.peers.length > 0) parts.push(peersText(status.peers));
  if (status.problems.length > 0) parts.push(["Problems:", ...status.problems.map((line) => `  ${line}`)]);
  return parts.map((lines) => lines.join("\n") + "\n").join("\n");
}

function headText({ node, writer, version, uptime }: ServerStatus): string {
  const name = writer === node ? node : `${node} (writes as ${writer})`;
  return `${name}, version ${version}, up ${ago(uptime)}`;
}

/** Older servers do not say. */
function loginText({ login }: ServerStatus): [string, string][] {
  return login === undefined ? [] : [["login", login === null ? "nobody has to log in" : `by ${login}`]];
}

function networkText({ network, backend, peers, partition }: ServerStatus): string {
  if (backend === null) return "none: this server is alone";
  const here = peers.filter(({ state }) => state === "here").length;
  const line = backend.connected ? "connected" : "NOT CONNECTED";
  const own = backend.broker === "own" ? ", offered by this server" : "";
  const name = network === null ? "" : `${network}, `;
  const split = partition ? " (PARTITION SUSPECTED)" : "";
  return `${name}${count(here + 1, "server")} here${split}; ${backend.name}: ${line}${own}`;
}

function stateText({ log, read_only }: ServerStatus): string {
  if (log === null) return "kept nowhere (memory only)";
  const { directory, fsync, bytes, unsynced, snapshot } = log;
  const parts = [directory, `fsync ${fsync}`, size(bytes)];
  if (unsynced > 0) parts.push(`${unsynced} not synced yet`);
  parts.push(snapshot === null ? "no snapshot yet" : `snapshot ${ago(snapshot.age)} ago (${size(snapshot.bytes)})`);
  if (read_only !== null) parts.push("READ-ONLY");
  return parts.join(", ");
}

function entriesText({ entries, tombstones, memory }: ServerStatus): string {
  const text = `${number(entries)} with a value (${size(memory.values)}; process ${size(memory.process)})`;
  if (tombstones.count === 0) return text;
  const holders = Object.keys(tombstones.held_by);
  const held = holders.length === 0 ? "" : `, waiting for ${holders.join(", ")}`;
  return `${text}, ${number(tombstones.count)} deleted${held}`;
}

function changesText({ missing, claims, given_up }: ServerStatus): string {
  const parts = [missing === 0 ? "none missing" : `${number(missing)} missing`];
  if (claims > 0) parts.push(`${count(claims, "claim")} open`);
  if (given_up > 0) parts.push(`${number(given_up)} given up`);
  return parts.join(", ");
}

function conflictsText({ conflicts: { records, pending, dropped } }: ServerStatus): string {
  const parts = [records === 0 ? "none" : `${number(records)} (see 'moat conflict ls')`];
  if (pending > 0) parts.push(`${number(pending)} not recorded yet`);
  if (dropped > 0) parts.push(`${number(dropped)} dropped`);
  return parts.join(", ");
}

function messagesText({ messages: { sent, dropped, refused, alarms } }: ServerStatus): string {
  const parts = [`${number(sent)} sent`];
  if (dropped > 0) parts.push(`${number(dropped)} not sent`);
  if (refused > 0) parts.push(`${number(refused)} refused`);
  if (alarms > 0) parts.push(count(alarms, "alarm"));
  return parts.join(", ");
}

function peersText(peers: readonly PeerStatus[]): string[] {
  const rows = peers.map(({ node, state, ours, heard, behind, ahead, addresses }) => [
    node,
    state === "missing" ? "MISSING" : state,
    heard === null ? "never" : `${ago(heard)} ago`,
    behind === null ? "?" : number(behind),
    ahead === null ? "?" : number(ahead),
    addresses[0] ?? (ours === false ? "(original)" : ""),
  ]);
  return columns([["SERVER", "IS", "HEARD", "LACKS", "HAS MORE", "CLIENTS"], ...rows]);
}

function ago(seconds: number): string {
  return seconds === 0 ? "0 sec" : humanDelta(seconds, 2).replace(".0 sec", " sec");
}

function count(n: number, noun: string): string {
  const plural = noun.endsWith("ch") ? `${noun}es` : `${noun}s`;
  return `${number(n)} ${n === 1 ? noun : plural}`;
}

function number(n: number): string {
  return String(n).replace(/\B(?=(\d{3})+$)/g, ",");
}

function size(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  if (bytes < 1e6) return `${(bytes / 1e3).toFixed(bytes < 1e4 ? 1 : 0)} kB`;
  return `${(bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)} MB`;
}
