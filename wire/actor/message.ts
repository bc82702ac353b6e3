/**
 * The four messages of an election, and their bytes. What comes in is checked: a defective message is a
 * {@linkcode ProtocolError} here, never a crash later.
 *
 * | t | fields | meaning |
 * | --- | --- | --- |
 * | `init` | node | I am here; sent once |
 * | `vers` | node, version, cycle, gap, nodes, splits, n_hosts, force_in | my settings |
 * | `ping` | node, value, history | I am it; `history[0]` is `node` |
 * | `hist` | value, history | after a collision: our side's leader is `history[0]`, `value` is its value. No `node` |
 *
 * Source: `spec/server-protocol.md` 4.2; bytes in `tests/vectors/mqtt.jsonl`.
 *
 * @module
 */

import { ProtocolError } from "../errors.ts";
import { decode } from "../msgpack/decoder.ts";
import { encode } from "../msgpack/encoder.ts";
import type { Value } from "../value.ts";
import { Float } from "../value.ts";
import { type ActorSettings, settingsProblem } from "./settings.ts";

/** What a member tells of itself: `[tock, tick]` of a server, a load of a runner, null while it is not ready. */
export type ActorValue = null | number | readonly number[];

/** One message of an election. */
export type ActorMessage =
  | { readonly type: "init"; readonly node: string }
  | { readonly type: "vers"; readonly node: string; readonly settings: ActorSettings }
  | { readonly type: "ping"; readonly node: string; readonly value: ActorValue; readonly history: readonly string[] }
  | { readonly type: "hist"; readonly value: ActorValue; readonly history: readonly string[] };

/** Longest history that is believed. */
const historyLengthMax = 1000;

/** The bytes of a message: plain msgpack without extension types, as the original's actors want it. */
export function encodeActorMessage(message: ActorMessage): Uint8Array {
  switch (message.type) {
    case "init":
      return encode({ t: "init", node: message.node });
    case "vers":
      return encode({ t: "vers", node: message.node, ...wireSettings(message.settings) });
    case "ping":
      return encode({ t: "ping", node: message.node, value: message.value, history: message.history });
    case "hist":
      return encode({ t: "hist", value: message.value, history: message.history });
  }
}

function wireSettings(settings: ActorSettings): { [key: string]: Value } {
  return {
    cycle: settings.cycleMs / 1000,
    gap: settings.gapMs / 1000,
    nodes: settings.historyMax,
    splits: settings.splits,
    n_hosts: settings.hosts,
    version: settings.version,
    force_in: settings.forceIn ? 1 : 0,
  };
}

/**
 * Reads one message.
 * @throws {ProtocolError} If it is none, naming what is wrong
 */
export function decodeActorMessage(bytes: Uint8Array): ActorMessage {
  const map = decode(bytes);
  if (!isMap(map)) throw wrong("An actor message must be a map");
  switch (map.t) {
    case "init":
      return { type: "init", node: name(map, "node") };
    case "vers":
      return { type: "vers", node: name(map, "node"), settings: settings(map) };
    case "ping":
      return ping(map);
    case "hist":
      return { type: "hist", value: value(map), history: history(map) };
    default:
      throw wrong(`An actor message must have a type init, vers, ping or hist: ${String(map.t)} given`);
  }
}

type Fields = { readonly [key: string]: Value };

function isMap(value: Value): value is Fields {
  return typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

function wrong(text: string): ProtocolError {
  return new ProtocolError(text, 0);
}

function name(map: Fields, key: string): string {
  const value = map[key];
  if (typeof value !== "string" || value === "") throw wrong(`An actor message must have a ${key}`);
  return value;
}

function ping(map: Fields): ActorMessage {
  const node = name(map, "node");
  const names = history(map);
  // The original's documents say that the sender is left out; its code puts it first. Both are understood.
  return { type: "ping", node, value: value(map), history: names[0] === node ? names : [node, ...names] };
}

function history(map: Fields): readonly string[] {
  const names = map.history;
  const good = Array.isArray(names) && names.length <= historyLengthMax &&
    names.every((each) => typeof each === "string");
  if (!good || (map.t === "hist" && names.length === 0)) throw wrong(`A ${map.t} must have a history of names`);
  return [...new Set(names as string[])];
}

function value(map: Fields): ActorValue {
  const given = map.value ?? null;
  if (given === null) return null;
  if (isNumber(given)) return Float.toNumber(given);
  if (Array.isArray(given) && given.every(isNumber)) return given.map(Float.toNumber);
  throw wrong(`A ${map.t} must have a value of numbers`);
}

function isNumber(value: Value): value is number | Float {
  return typeof value === "number" || value instanceof Float;
}

function settings(map: Fields): ActorSettings {
  const number = (key: string, fallback?: number): number => {
    const given = map[key] ?? fallback;
    if (typeof given === "boolean") return given ? 1 : 0;
    if (given === undefined || !isNumber(given)) throw wrong(`A vers must have a number ${key}`);
    return Float.toNumber(given);
  };
  const read: ActorSettings = {
    cycleMs: number("cycle") * 1000,
    gapMs: number("gap") * 1000,
    historyMax: number("nodes"),
    splits: number("splits"),
    hosts: number("n_hosts"),
    version: number("version"),
    forceIn: number("force_in", 0) !== 0,
  };
  const problem = settingsProblem(read);
  if (problem !== undefined) throw wrong(`A vers is of no use: ${problem}`);
  return read;
}
