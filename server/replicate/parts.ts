/**
 * What the replication of a server is given. It has no clock, timer, chance or network of its own.
 *
 * @module
 */

import type { Backend, Channel } from "../backend/backend.ts";
import type { Ticks } from "../core/claims.ts";
import type { Store } from "../core/store.ts";
import type { DropCount } from "./conflict/recorder.ts";
import type { Compat, CompatHost } from "./seam.ts";

/** See the module. */
export interface ReplicatorParts {
  readonly store: Store;
  /** Publishing never waits. */
  readonly backend: Backend;
  /** Such as `["moat", "kv"]`; the channels are this and one more word. */
  readonly root: Channel;
  /** The server's name. */
  readonly node: string;
  /** Random for each process. */
  readonly processId: string;
  /** Monotonic. */
  readonly nowMs: () => number;
  /** 0 ≤ random() < 1. */
  readonly random: () => number;
  /** A writer name that nobody ever had: `NAME~xxxxxxxx`. */
  readonly newWriterName: () => string;
  /** Where its clients connect, such as `tcp://10.0.0.5:27586`. */
  readonly addresses: () => readonly string[];
  /** What of everything it has survives a power cut; undefined: all. */
  readonly onDisk: () => Ticks | undefined;
  /** Somebody waits until what is here is on this disk: it should be, soon. */
  readonly syncSoon?: () => void;
  /** Whether it has no disk: then what it loses it loses all at once, and nobody has to wait for its disk. */
  readonly isMemoryOnly?: boolean;
  /** Runs `body`, which changes the store, within a commit cycle; what happened comes back through `committed()`. */
  readonly turn: (body: () => void) => void;
  /** A line for the admin. */
  readonly report: (line: string) => void;
  /** Called when `wakeAtMs` has become earlier between calls of the driver, because a message came in. */
  readonly wake?: () => void;
  /** Whether others may copy from here; default yes. */
  readonly isReady?: () => boolean;
  /** Whether the first state is being copied from a peer: what is missing is on its way, and not asked for. */
  readonly isJoining?: () => boolean;
  /** Whether the state is from a backup, a copy or a file: then it is compared with a peer's before it is shared. */
  readonly isFromElsewhere?: boolean;
  /** How many conflicts were dropped in all runs; default: in this one. */
  readonly drops?: DropCount;
  /** Speaks to servers of the original; none: they are ignored. */
  readonly compat?: (host: CompatHost) => Compat;
}
