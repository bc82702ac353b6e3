/**
 * `msg_send` and `msg_monitor`: messages that are not kept.
 *
 * `msg_send {topic, data}` or `{topic, raw: bytes}` → `{}`; `msg_monitor {topic, ?raw}` → a stream of `{topic: [levels], data}`,
 * or `{topic, raw}` if raw bytes were asked for or there is no message in them.
 *
 * A topic is a list of levels or a Path. As a text it is one level for `msg_send`, and a dotted path for `msg_monitor`. A
 * first level that begins with `:` stands below the servers' root. The servers' own topics (`ROOT/update`, …) are closed
 * to clients: a forged message there would change every server's data.
 *
 * Whoever is bound by an ACL needs `w` at `:.moat.kv.msg.TOPIC` to send, and `r` to hear; of a pattern, he hears those topics
 * that he may.
 *
 * @module
 */

import { RequestError } from "../../wire/errors.ts";
import { parsePath, PathSyntaxError } from "../../wire/path/parse.ts";
import { Path } from "../../wire/path/path.ts";
import { Float } from "../../wire/value.ts";
import type { ElementKey } from "../../wire/path/keys.ts";
import type { Rights } from "../meta/acl/rights.ts";
import type { Call } from "./call.ts";
import { MonitorSource } from "./monitor_source.ts";
import { badField, clientError, missingField } from "./refusal.ts";
import { fitsPattern } from "./topics.ts";

/** Below the servers' root. */
const ownTopics = ["update", "info", "ping", "del", "sync"];

/** Answers `msg_send`. */
export function msgSend(call: Call): void {
  const { request } = call;
  const levels = readTopic(call, (text) => [text]);
  if (levels.some((level) => /[+#]/.test(level))) throw badField("topic", "without wildcards");
  if (request.has("data") === request.has("raw")) {
    throw clientError("Either 'data' or 'raw' must be given, and not both");
  }
  const isClosed = ownTopics.some((topic) => isSame(levels, [...call.services.topicRoot, topic]));
  if (isClosed) throw closedTopic(levels);
  const keys = topicKeys(levels);
  call.client.rights?.check("w", keys, keys.length);
  call.services.topics.publish(levels, payload(call));
  call.done();
}

/** Answers `msg_monitor`. */
export function msgMonitor(call: Call): void {
  const { services: { topics, topicRoot }, request } = call;
  const pattern = readTopic(call, dotted);
  pattern.forEach((level, i) => {
    const isWildcard = level === "+" || (level === "#" && i === pattern.length - 1);
    if (!isWildcard && /[+#]/.test(level)) throw badField("topic", "levels with + alone, and # alone and last");
  });
  if (ownTopics.some((topic) => isSame(pattern, [...topicRoot, topic]))) throw closedTopic(pattern);
  const { rights } = call.client;
  const keys = topicKeys(pattern);
  if (!pattern.some((level) => level === "+" || level === "#")) rights?.check("r", keys, keys.length);
  const isOwn = (levels: readonly string[]) => ownTopics.some((topic) => fitsPattern([...topicRoot, topic], levels));
  const isHidden = (levels: readonly string[]) => isOwn(levels) || (rights !== undefined && !mayHear(rights, levels));
  call.client.open(call, new MonitorSource(topics, pattern, isHidden, request.bool("raw", false)));
}

/** Where an ACL says who may send, and hear, messages of a topic. */
function topicKeys(levels: readonly string[]): ElementKey[] {
  return [".moat", "kv", "msg", ...levels];
}

function mayHear(rights: Rights, levels: readonly string[]): boolean {
  const keys = topicKeys(levels);
  return rights.may("r", keys, keys.length);
}

function payload(call: Call): Uint8Array {
  const { request } = call;
  const start = request.rawStart("data");
  if (start >= 0) return request.bytes.slice(start, request.rawEnd("data"));
  const raw = request.value("raw");
  if (!(raw instanceof Uint8Array)) throw badField("raw", "bytes");
  return raw;
}

function readTopic(call: Call, readText: (text: string) => string[]): string[] {
  const topic = call.request.value("topic");
  if (topic === undefined) throw missingField("topic");
  let levels: string[];
  if (typeof topic === "string") levels = readText(topic);
  else if (topic instanceof Path) levels = topic.elements.map(levelText);
  else if (Array.isArray(topic)) levels = topic.map(levelText);
  else throw badField("topic", "a list of levels, a path or a text");
  levels = levels.flatMap((level) => level.split("/"));
  if (levels[0]?.startsWith(":")) levels = [...call.services.topicRoot, levels[0].slice(1), ...levels.slice(1)];
  if (levels.length === 0 || levels.join("/") === "") throw badField("topic", "not empty");
  if (levels.join("/").length > 65535) throw badField("topic", "shorter than 65536 characters");
  if (levels.some((level) => level.includes("\0"))) throw badField("topic", "without NUL");
  return levels;
}

/** The levels of a dotted path. */
function dotted(text: string): string[] {
  try {
    return parsePath(text).elements.map(levelText);
  } catch (error) {
    if (error instanceof PathSyntaxError) throw badField("topic", `a path, but ${error.message}`);
    throw error;
  }
}

function levelText(level: unknown): string {
  if (typeof level === "string") return level;
  if (typeof level === "number" || typeof level === "bigint" || level instanceof Float) return String(level);
  throw badField("topic", "texts and numbers");
}

function isSame(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((level, i) => level === b[i]);
}

function closedTopic(levels: readonly string[]): RequestError {
  return new RequestError("acl", `The topic ${levels.join("/")} is the servers' own`);
}
