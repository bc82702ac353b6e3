/**
 * What an action sees of the server around it. The session and the composition root implement these.
 *
 * @module
 */

import type { ElementKey } from "../../wire/path/keys.ts";
import type { Value } from "../../wire/value.ts";
import type { Info, NodeRanges } from "../../wire/message/info.ts";
import type { Auth } from "../auth/auth.ts";
import type { Identity } from "../auth/identity.ts";
import type { Store } from "../core/store.ts";
import type { Rights } from "../meta/acl/rights.ts";
import type { Conversion } from "../meta/conversion.ts";
import type { Meta } from "../meta/meta.ts";
import type { Call } from "./call.ts";
import type { StreamSource } from "./stream_source.ts";
import type { Topics } from "./topics.ts";
import type { WaitingWrite } from "./waiting_write.ts";
import type { WatchOptions } from "./watch.ts";

/** How safe a write is: kept nowhere but in memory, in the log file, or on the disk. */
export type AckLevel = "none" | "memory" | "disk";

/** The commit cycle: what was changed in a turn is logged at its end, and only then told to anybody. */
export interface Turn {
  /** Why nothing can be written any more; undefined: it can. */
  readonly refusal: string | undefined;
  /** Makes this turn's log reach the disk before its replies leave, if it is to. Returns the level they may claim. */
  require(level: "memory" | "disk"): AckLevel;
  /** Settles when what was changed so far is in the log. @throws {RequestError} If it could not be written */
  committed(): Promise<void>;
}

/** State files on the server's own disk. */
export interface StateFiles {
  /** Writes the state into a new file. @throws {RequestError} With code `file` */
  save(path: string, full: boolean): Promise<void>;
  /** Logs changes into a file from now on, after the state if `fetch`; the log before is closed. Null: stops logging. */
  log(path: string | null, fetch: boolean): Promise<void>;
}

/** A write that waits for other nodes. */
export interface AwaitedWrite {
  /** Where. */
  readonly path: readonly ElementKey[];
  /** The event. */
  readonly writer: string;
  readonly tick: number;
  /** How many nodes it waits for, this one included. */
  readonly nodes: number;
  readonly timeoutMs: number;
  /** Whether nobody wants to know any more. */
  readonly isGone: () => boolean;
}

/** This server among the others, as far as actions ask for it. */
export interface Cluster {
  /** Whether there is no network to be in. */
  readonly isAlone: boolean;
  /**
   * Resolves when a write, which is logged, is on the disks of so many nodes, or when its time is over.
   * @throws {RequestError} With code `limit` if too many wait
   */
  acknowledge(write: AwaitedWrite): Promise<{ readonly nodes: number; readonly isLost: boolean }>;
  /** Whether there is such a member, and whether it is here. */
  member(name: string): "here" | "away" | "forgotten" | undefined;
  /** Nobody waits for that node any more. */
  forget(name: string): void;
  /** Servers of the original are told which of these deletions, by node, nobody will hear of any more. */
  checkDeleted(ticks: NodeRanges): void;
  /** Servers of the original hear this. */
  tellOriginals(info: Info): void;
  /** How everything is. */
  status(): { readonly [field: string]: Value };
}

/** What all sessions share. */
export interface Services {
  /** The node's name. */
  readonly node: string;
  readonly store: Store;
  readonly turn: Turn;
  readonly topics: Topics;
  readonly files: StateFiles;
  readonly cluster: Cluster;
  /** What the hidden subtree means. */
  readonly meta: Meta;
  /** Who may log in. */
  readonly auth: Auth;
  /** First levels of the servers' own topics. */
  readonly topicRoot: readonly string[];
}

/** The connection that a request came by. */
export interface Client {
  /** Who logged in; undefined: nobody, as this server is open (or a login is still due). */
  identity: Identity | undefined;
  /** Whether it has to log in before anything else. */
  readonly needsLogin: boolean;
  /** The key that it shares with the server, once they exchanged one. */
  sharedKey: Uint8Array | undefined;
  /** Where it connects from. */
  readonly peer: string;
  /** What it may do; undefined: everything. */
  rights: Rights | undefined;
  /** How the values that it sees differ from what is stored; undefined: not at all. */
  conversion: Conversion | undefined;
  /** Keys of the entry that the client sees as its root. Empty unless `root` was called. */
  root: readonly ElementKey[];
  /** Whether it may name files on the server: not over WebSocket, where any web page may sit. */
  readonly mayNameFiles: boolean;
  /** Answers the call with a stream. @throws {RequestError} If the connection has too many */
  open(call: Call, source: StreamSource): void;
  /** Answers the call with a watch. @throws {RequestError} If the connection has too many */
  watch(call: Call, options: WatchOptions): void;
  /** It has logged in. */
  become(identity: Identity): void;
  /** Ends the connection, after saying why. */
  dismiss(reason: string): void;
  /** Whether writes wait for the check of their value; a write that comes behind them has to wait, too. */
  readonly hasWaiting: boolean;
  /** Puts a write behind those that wait. The call is copied. */
  wait(call: Call, write: WaitingWrite): void;
  /** Answers the call later: `handler` gets a copy of it. */
  later(call: Call, handler: (call: Call) => Promise<void>): void;
  /** Ends the stream or running request of that number. Returns whether there is one. */
  stop(key: number | string): boolean;
}
