/**
 * What servers of this kind tell each other on `ROOT/sync`. One msgpack map per message; what is not known is ignored.
 *
 * | `t` | fields | means |
 * | --- | --- | --- |
 * | `have` | `writer`, `lives`, `have`, ?`disk`, `members`, `forgotten`, `at`, `digest`, `ready`, ?`quiet`, ?`wanted`, ?`back`, ?`memory`, ?`lost`, ?`silent` | what I have; `disk` absent: all of it is on my disk |
 * | `update` | `tock`, `events`, ?`wanted`, ?`re`, ?`back` | events; see sync_update.ts |
 * | `want` | `to` (nil: anybody), `ticks` | send me these |
 * | `claim` | `for`, `known`, ?`have`, `part`, `nr` | of what you wanted, `known` is superseded here; the last part has all that I have |
 * | `heads` | `to`, `nr`, `why`, `heads`, ?`last` | at these paths these events are what I show |
 * | `gone` | `for`, `nr`, `gone`, `have` | of what you show, this is not shown here, though I have it; and all that I have |
 * | `bye` | | I leave |
 *
 * Every message has `node`, the sender's name, and `id`, random for each process. Sets of ticks are maps of writer names to
 * ranges (ranges.ts).
 *
 * @module
 */

import { ProtocolError, RequestError } from "../errors.ts";
import { counterMax } from "../limits.ts";
import { type Encoder, preEncode } from "../msgpack/encoder.ts";
import type { Value } from "../value.ts";
import { isCounter } from "./chain.ts";
import { entriesOf, isMap } from "./decoded_map.ts";
import { type Ranges, readRanges } from "./ranges.ts";
import { RequestView, scanRequest } from "./request.ts";
import { readSyncEvents, type SyncEvents } from "./sync_update.ts";
import { readHeads, type SyncHead } from "./sync_heads.ts";

/** Ticks by writer name. */
export type TickSets = ReadonlyMap<string, Ranges>;

/** Who speaks. */
export interface SyncSender {
  /** The server's name. */
  readonly node: string;
  /** Random for each process: tells two live servers of one name apart. */
  readonly id: string;
}

/** What a server has. */
export interface SyncHave extends SyncSender {
  readonly t: "have";
  /** The name under which it writes at present. */
  readonly writer: string;
  /** The life ids of the writers it knows. */
  readonly lives: ReadonlyMap<string, string>;
  /** Everything it has. */
  readonly have: TickSets;
  /** What of it survives a power cut; undefined: all. */
  readonly disk: TickSets | undefined;
  /** The servers it knows. */
  readonly members: readonly string[];
  /** Those of them that nobody waits for. */
  readonly forgotten: readonly string[];
  /** Where its clients connect. */
  readonly at: readonly string[];
  /** Of its tree. */
  readonly digest: string;
  /** Whether others may copy from it. */
  readonly isReady: boolean;
  /** Whether nothing is missing that it knows of. */
  readonly isQuiet: boolean;
  /** Whether it would like to hear the same of others now. */
  readonly isWanted: boolean;
  /** It was forgotten under so many names, and has made up for it; 0: not, or not yet. */
  readonly back: number;
  /** Whether it has no disk. */
  readonly isMemoryOnly: boolean;
  /** Events that have lost there, and have no record yet. */
  readonly lost: TickSets;
  /** Whether nothing may be purged on its word yet. */
  readonly isSilent: boolean;
}

/** Events. */
export interface SyncUpdate extends SyncSender, SyncEvents {
  readonly t: "update";
  /** The sender's clock. */
  readonly tock: number;
  /** Whether the sender would like to hear soon that they arrived. */
  readonly isWanted: boolean;
  /** Whether they were sent before. */
  readonly isRepeated: boolean;
  /** As in `have`. */
  readonly back: number;
}

/** A request for events. */
export interface SyncWant extends SyncSender {
  readonly t: "want";
  /** Who is asked; null: anybody. */
  readonly to: string | null;
  readonly ticks: TickSets;
}

/** What is superseded, of what somebody wanted. A claim of several parts counts when all are there. */
export interface SyncClaim extends SyncSender {
  readonly t: "claim";
  readonly for: string;
  readonly known: TickSets;
  /** All that the sender has, taken after `known`; undefined: it comes with a later part. */
  readonly have: TickSets | undefined;
  /** Parts of one claim have the same number. */
  readonly nr: number;
  /** From 0. */
  readonly part: number;
}

/** What a server shows, part of a comparison of whole trees. */
export interface SyncHeads extends SyncSender {
  readonly t: "heads";
  readonly to: string;
  readonly nr: number;
  /** `resync`: the sender was away for too long. `digest`: the trees differ. */
  readonly why: "resync" | "digest";
  readonly heads: readonly SyncHead[];
  /** Whether this was all. */
  readonly isLast: boolean;
}

/** The answer to {@linkcode SyncHeads}. */
export interface SyncGone extends SyncSender {
  readonly t: "gone";
  readonly for: string;
  readonly nr: number;
  readonly why: "resync" | "digest";
  readonly gone: readonly SyncHead[];
  /** All that the sender had at that time. */
  readonly have: TickSets;
  readonly isLast: boolean;
}

/** A server leaves. */
export interface SyncBye extends SyncSender {
  readonly t: "bye";
}

/** Any message. */
export type SyncMessage = SyncHave | SyncUpdate | SyncWant | SyncClaim | SyncHeads | SyncGone | SyncBye;

const view = new RequestView();

/**
 * Reads a message; undefined if it is of a kind that this program does not know. Values of updates lie in `bytes`.
 * @throws {ProtocolError | RequestError} If it is malformed
 */
export function readSync(bytes: Uint8Array): SyncMessage | undefined {
  if (scanRequest(bytes, 0, bytes.length, view) !== bytes.length || !view.isMap) {
    throw new ProtocolError("A sync message must be one whole map", 0);
  }
  const sender: SyncSender = { node: name("node"), id: name("id") };
  switch (view.text("t")) {
    case "have":
      return readHave(sender);
    case "update":
      return readUpdate(sender);
    case "want":
      return { t: "want", ...sender, to: isNil("to") ? null : name("to"), ticks: ticks("ticks") };
    case "claim":
      return readClaim(sender);
    case "heads":
      return { t: "heads", ...sender, to: name("to"), ...comparison(), heads: readHeads(view.value("heads")) };
    case "gone": {
      const gone = readHeads(view.value("gone"));
      return { t: "gone", ...sender, for: name("for"), ...comparison(), gone, have: ticks("have") };
    }
    case "bye":
      return { t: "bye", ...sender };
  }
  return undefined;
}

function readHave(sender: SyncSender): SyncHave {
  return {
    t: "have",
    ...sender,
    writer: name("writer"),
    lives: lives(),
    have: ticks("have"),
    disk: isNil("disk") ? undefined : ticks("disk"),
    members: names("members"),
    forgotten: names("forgotten"),
    at: names("at"),
    digest: view.text("digest") ?? "",
    isReady: view.bool("ready", false),
    isQuiet: view.bool("quiet", false),
    isWanted: view.bool("wanted", false),
    back: optionalCounter("back"),
    isMemoryOnly: view.bool("memory", false),
    lost: isNil("lost") ? new Map() : ticks("lost"),
    isSilent: view.bool("silent", false),
  };
}

function readUpdate(sender: SyncSender): SyncUpdate {
  const [isWanted, isRepeated] = [view.bool("wanted", false), view.bool("re", false)];
  const back = optionalCounter("back");
  const events = readSyncEvents(view.bytes, view.rawStart("events"), view.rawEnd("events"));
  return { t: "update", ...sender, tock: counter("tock"), ...events, isWanted, isRepeated, back };
}

function readClaim(sender: SyncSender): SyncClaim {
  const have = isNil("have") ? undefined : ticks("have");
  const [nr, part] = [counter("nr"), counter("part")];
  return { t: "claim", ...sender, for: name("for"), known: ticks("known"), have, nr, part };
}

function comparison(): { nr: number; why: "resync" | "digest"; isLast: boolean } {
  const why = view.text("why");
  if (why !== "resync" && why !== "digest") throw refusal("why", "resync or digest");
  return { nr: counter("nr"), why, isLast: view.bool("last", false) };
}

// ---- fields of the message at hand

/** Names of more characters are refused. */
const nameMax = 256;

function isNil(key: string): boolean {
  const start = view.rawStart(key);
  return start < 0 || view.bytes[start] === 0xc0;
}

function name(key: string): string {
  return checkName(key, view.text(key));
}

function checkName(key: string, value: Value | undefined): string {
  if (typeof value !== "string" || value === "" || value.length > nameMax) {
    throw refusal(key, `a text of 1 to ${nameMax} characters`);
  }
  return value;
}

function counter(key: string): number {
  const value = view.int(key, NaN);
  if (!isCounter(value)) throw refusal(key, "a counter");
  return value;
}

function optionalCounter(key: string): number {
  return isNil(key) ? 0 : counter(key);
}

function names(key: string): string[] {
  if (isNil(key)) return [];
  const value = view.value(key);
  if (!Array.isArray(value)) throw refusal(key, "an array of texts");
  return value.map((item) => checkName(key, item));
}

function lives(): ReadonlyMap<string, string> {
  const result = new Map<string, string>();
  if (isNil("lives")) return result;
  const value = view.value("lives");
  if (!isMap(value)) throw refusal("lives", "a map of texts");
  for (const [writer, life] of entriesOf(value)) result.set(checkName("lives", writer), checkName("lives", life));
  return result;
}

function ticks(key: string): TickSets {
  const value = view.value(key);
  if (!isMap(value)) throw refusal(key, "a map of sets of ticks");
  const result = new Map<string, Ranges>();
  for (const [writer, item] of entriesOf(value)) {
    const ranges = readRanges(item);
    if (ranges.length === 0) continue;
    if (ranges[0][0] < 1 || ranges[ranges.length - 1][1] >= counterMax) throw refusal(key, "a map of sets of ticks");
    result.set(checkName(key, writer), ranges);
  }
  return result;
}

function refusal(key: string, wanted: string): RequestError {
  return new RequestError("request", `The ${key} of a sync message must be ${wanted}`);
}

// ---- writing

/** A set of ticks that can write itself. */
export interface TicksOut {
  encode(out: Encoder): void;
}

/** Ticks by writer name, to be sent. */
export type TickSetsOut = ReadonlyMap<string, TicksOut>;

/** A field: absent if undefined. */
export type SyncField = Value | TickSetsOut | ((out: Encoder) => void) | undefined;

const keyT = preEncode("t");
const keyNode = preEncode("node");
const keyId = preEncode("id");

/** Appends a message with the given fields. Functions append a value themselves. */
export function encodeSync(
  out: Encoder,
  t: SyncMessage["t"],
  sender: SyncSender,
  fields: { readonly [key: string]: SyncField },
): void {
  const given = Object.entries(fields).filter(([, value]) => value !== undefined);
  out.mapHeader(3 + given.length);
  out.raw(keyT);
  out.str(t);
  out.raw(keyNode);
  out.str(sender.node);
  out.raw(keyId);
  out.str(sender.id);
  for (const [key, value] of given) {
    out.str(key);
    if (typeof value === "function") value(out);
    else out.value(value as Value);
  }
}

/** Writes ticks by writer name; empty sets are left out. */
export function ticksField(ticks: TickSetsOut): (out: Encoder) => void {
  return (out) => {
    out.mapHeader(ticks.size);
    for (const [writer, set] of ticks) {
      out.str(writer);
      set.encode(out);
    }
  };
}
