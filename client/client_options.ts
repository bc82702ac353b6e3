/**
 * What single calls of a client take.
 *
 * @module
 */

import type { Value } from "../wire/value.ts";
import type { Chain } from "./reply.ts";
import type { AckLevel } from "./results.ts";

/** What every call takes. */
export interface CallOptions {
  /** Gives up on the reply. What was sent already is not taken back. */
  readonly signal?: AbortSignal;
}

/** Calls that return chains. */
export interface ChainOptions extends CallOptions {
  /** How many links of the chain to return; −1 for all, 0 for none. */
  readonly nchain?: number;
}

/** Calls that change one entry. */
export interface ChangeOptions extends ChainOptions {
  /** The chain that the entry must have, as a read or the last change returned it; `null`: it must have no value. */
  readonly chain?: Chain | null;
  /** The value that the entry must have. Better use `chain`. */
  readonly prev?: Value;
  /** How safe the change must be before the reply comes. Default: in the server's log file. */
  readonly ack?: AckLevel;
  /**
   * On how many servers' disks the change must be before the reply comes, the connected one included. Nothing is taken back
   * if that takes too long: the result says how many have it.
   */
  readonly nodes?: number;
  /** How long to wait for `nodes`. Default 5,000. */
  readonly timeoutMs?: number;
}

/** For `set`. */
export interface SetOptions extends ChangeOptions {
  /** Whether to change nothing if the value is the same. Default false: then it counts as a change. */
  readonly idem?: boolean;
}

/** For `delete`. */
export type DeleteOptions = ChangeOptions;

/** For `list`. */
export interface ListOptions extends CallOptions {
  /** Whether to include children without a value. Default: true without, false with data. */
  readonly empty?: boolean;
}

/** For `tree`. */
export interface TreeOptions extends ChainOptions {
  /** The least depth below the path. Default 0: the entry itself too. */
  readonly minDepth?: number;
  /** The greatest depth below the path. Default: no limit. */
  readonly maxDepth?: number;
  /** Whether to include entries without a value. Default false. */
  readonly empty?: boolean;
}

/** What `state` asks for. */
export interface StateOptions extends CallOptions {
  /** The writers and their counters. */
  readonly nodes?: boolean;
  /** Changes that exist here. */
  readonly present?: boolean;
  /** Changes that were replaced by later ones. */
  readonly superseded?: boolean;
  /** Deletions that are remembered. */
  readonly deleted?: boolean;
  /** Changes this server lacks. */
  readonly missing?: boolean;
  /** Changes other servers lack. */
  readonly remoteMissing?: boolean;
}
