/**
 * What servers of this kind tell each other on `ROOT/sync`. One msgpack map per message; what is not known is ignored.
 *
 * | `t` | fields | means |
 * | --- | --- | --- |
 * | `have` | `writer`, `lives`, `have`, ?`disk`, `members`, `forgotten`, `at`, `digest`, `ready`, ?`quiet`, ?`wanted`, ?`back`, ?`memory`, ?`lost`, ?`silent` | what I have; `disk` absent: all of it is on my disk |
 * | `update` | `tock`, `events`, ?`wanted`, ?`re`, ?`back` | events; see sync_update.ts |
 * | `want` | `to` (nil: anybody), `ticks` | send me these |
 * | `claim` | `for`, `known`, ?`have`, `part`, `nr` | of what you wanted, `known` is superseded here; the last part has all that I have |
 * | `heads` | `to`, `at`, `nr`, `why`, `heads`, `lives`, `have`, ?`last` | at these paths these events are what I show; and all that I have |
 * | `gone` | `for`, `nr`, `gone`, `have` | of what you show, this is not shown here, though I have it; and all that I have |
 * | `bye` | | I leave |
 | `ask` | | who is there? The sender says nothing of itself yet: it may bear somebody's name |
 *
 * Every message has `node`, the sender's name, and `id`, random for each process. Sets of ticks are maps of writer names to
 * ranges (ranges.ts).
 *
 * @module
 */

import { Encoder, preEncode } from "../msgpack/encoder.ts";
import type { Value } from "../value.ts";
import type { Ranges } from "./ranges.ts";
import type { SyncHead } from "./sync_heads.ts";
import type { SyncEvents } from "./sync_update.ts";

export { readSync } from "./sync_reader.ts";

/** Ticks by writer name. */
export type TickSets = ReadonlyMap<string, Ranges>;

/** Who speaks. */
export interface SyncSender {
  /** The server's name. */
  readonly node: string;
  /** Random for each process: tells two live servers of one name apart. */
  readonly id: string;
  /** Counts the process's messages: a copy that comes later tells nothing of who is there now. Absent: not counted. */
  readonly seq?: number;
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
  /** Names under which this process wrote until it noticed that somebody else does. */
  readonly was: readonly string[];
  /** If it is too much for one message: `have`, `disk` and `lives` are in several of one number, the rest in the first. */
  readonly nr: number;
  /** From 0. */
  readonly part: number;
  /** How many there are; 1: this is all. */
  readonly parts: number;
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
  /** The id of the process that is asked. */
  readonly at: string;
  readonly nr: number;
  /** `resync`: the sender was away for too long. `digest`: the trees differ. */
  readonly why: "resync" | "digest";
  readonly heads: readonly SyncHead[];
  /** The life ids of the writers of these heads, as far as they are known. */
  readonly lives: ReadonlyMap<string, string>;
  /** All that the sender had when it showed this. */
  readonly have: TickSets;
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

/** A server that starts wants to know who is there, and whether another one bears its name. */
export interface SyncAsk extends SyncSender {
  readonly t: "ask";
}

/** Any message. */
export type SyncMessage = SyncHave | SyncUpdate | SyncWant | SyncClaim | SyncHeads | SyncGone | SyncBye | SyncAsk;

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

/**
 * Makes a test for messages of one sender: brokers send everybody their own messages, too, which need not be read. It may
 * miss one that was encoded elsewhere.
 */
export function sentBy(sender: SyncSender): (bytes: Uint8Array) => boolean {
  const name = new Encoder();
  for (const text of ["node", sender.node, "id", sender.id]) name.str(text);
  const mark = name.take();
  return (bytes) => {
    // A map of up to 15 fields, then "t" and a kind of less than 32 letters.
    if ((bytes[0] & 0xf0) !== 0x80 || bytes[1] !== keyT[0] || bytes[2] !== keyT[1]) return false;
    const at = 4 + (bytes[3] & 0x1f);
    for (let i = 0; i < mark.length; i++) if (bytes[at + i] !== mark[i]) return false;
    return true;
  };
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
