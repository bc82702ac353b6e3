/**
 * Reads the messages of sync.ts.
 *
 * @module
 */

import { ProtocolError, RequestError } from "../errors.ts";
import { counterMax } from "../limits.ts";
import type { Value } from "../value.ts";
import { isCounter } from "./chain.ts";
import { entriesOf, isMap } from "./decoded_map.ts";
import { type Ranges, readRanges } from "./ranges.ts";
import { RequestView, scanRequest } from "./request.ts";
import type { SyncClaim, SyncHave, SyncMessage, SyncSender, SyncUpdate, TickSets } from "./sync.ts";
import { readHeads } from "./sync_heads.ts";
import { readSyncEvents } from "./sync_update.ts";

const view = new RequestView();

/**
 * Reads a message; undefined if it is of a kind that this program does not know. Values of updates lie in `bytes`.
 * @throws {ProtocolError | RequestError} If it is malformed
 */
export function readSync(bytes: Uint8Array): SyncMessage | undefined {
  if (scanRequest(bytes, 0, bytes.length, view) !== bytes.length || !view.isMap) {
    throw new ProtocolError("A sync message must be one whole map", 0);
  }
  const sender: SyncSender = { node: name("node"), id: name("id"), ...(isNil("seq") ? {} : { seq: counter("seq") }) };
  switch (view.text("t")) {
    case "have":
      return readHave(sender);
    case "update":
      return readUpdate(sender);
    case "want":
      return { t: "want", ...sender, to: isNil("to") ? null : name("to"), ticks: ticks("ticks") };
    case "claim":
      return readClaim(sender);
    case "heads": {
      const heads = readHeads(view.value("heads"));
      const told = { lives: lives(), have: ticks("have") };
      return { t: "heads", ...sender, to: name("to"), at: name("at"), ...comparison(), heads, ...told };
    }
    case "gone": {
      const gone = readHeads(view.value("gone"));
      return { t: "gone", ...sender, for: name("for"), ...comparison(), gone, have: ticks("have") };
    }
    case "bye":
    case "ask":
      return { t: view.text("t") as "bye" | "ask", ...sender };
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
    was: names("was"),
    nr: optionalCounter("nr"),
    part: optionalCounter("part"),
    parts: isNil("parts") ? 1 : counter("parts"),
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

/** Sets of ticks of more writers are refused. */
const writersMax = 10_000;

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
    if (result.size === writersMax) throw refusal(key, `about at most ${writersMax} writers`);
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
