/**
 * How a server is: the fields of the reply to `get_status`.
 *
 * @module
 */

/** One of the other servers. */
export interface PeerStatus {
  /** Its name. */
  readonly node: string;
  /** `left`: it said goodbye; `missing`: it was not heard for 30 s, and said nothing; `forgotten`: nobody waits for it. */
  readonly state: "here" | "left" | "missing" | "forgotten";
  /** Whether it is a server of this kind, and not one of the original; `null`: not known yet. */
  readonly ours: boolean | null;
  /** Seconds since it was heard last; `null`: not since the server was started. */
  readonly heard: number | null;
  /** Seconds since it came. */
  readonly since: number | null;
  /** How many changes it lacks that the server has. */
  readonly behind: number | null;
  /** How many changes it has that the server lacks. */
  readonly ahead: number | null;
  /** Where its clients connect. */
  readonly addresses: readonly string[];
}

/** A server's status. Durations are in seconds. */
export interface ServerStatus {
  /** Its name. */
  readonly node: string;
  /** The name under which it writes. */
  readonly writer: string;
  /** Of the program. */
  readonly version: string;
  /** How long it has been running. */
  readonly uptime: number;
  /** The name of the network; `null`: there never was another server. */
  readonly network: string | null;
  /** The method by which everybody has to log in; `null`: nobody has to. Older servers do not say. */
  readonly login?: string | null;
  /** Why it takes no changes; `null`: it does. */
  readonly read_only: string | null;
  /** The connection to the other servers; `null`: there is to be none. */
  readonly backend: {
    readonly name: string;
    readonly connected: boolean;
    readonly broker?: "own" | "other" | "stuck";
    readonly sent: number;
    readonly received: number;
    readonly dropped: number;
    readonly connects: number;
  } | null;
  /** The other servers. */
  readonly peers: readonly PeerStatus[];
  /** Whether some of them are missing. */
  readonly partition: boolean;
  /** Changes that are known to exist and are not here. */
  readonly missing: number;
  /** What others said about changes and could not be believed yet. */
  readonly claims: number;
  /** Changes that nobody waits for any more. */
  readonly given_up: number;
  /** Conflicts that wait for somebody's decision, those without a record yet, and those dropped as there were too many. */
  readonly conflicts: { readonly records: number; readonly pending: number; readonly dropped: number };
  /** Values from other servers that were not of their type: since the start, and there now; those that were not checked. */
  readonly types: { readonly bad_values: number; readonly bad_now: number; readonly unchecked: number };
  /** How many entries have a value. */
  readonly entries: number;
  /** Deletions that are remembered, and how many of them wait for whom. */
  readonly tombstones: { readonly count: number; readonly held_by: Readonly<Record<string, number>> };
  /** Where the state is kept; `null`: nowhere. */
  readonly log: {
    readonly directory: string;
    readonly fsync: "always" | "everysec" | "no";
    /** Of all files. */
    readonly bytes: number;
    /** Writes that a power cut would lose. */
    readonly unsynced: number;
    readonly snapshot: { readonly age: number; readonly bytes: number } | null;
    readonly failure: string | null;
  } | null;
  /** Connections, watches, and writes that wait for other servers. */
  readonly clients: { readonly connections: number; readonly watchers: number; readonly waiting: number };
  /** What was said among the servers: sent, not sent, refused, asked for, sent again, and trees that differed. */
  readonly messages: {
    readonly sent: number;
    readonly dropped: number;
    readonly refused: number;
    readonly wanted: number;
    readonly resent: number;
    readonly alarms: number;
  };
  /** Bytes of all values, and of the process. */
  readonly memory: { readonly values: number; readonly process: number };
  /** What is not as it should be, a sentence each. */
  readonly problems: readonly string[];
}
