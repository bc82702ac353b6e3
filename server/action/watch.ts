/**
 * `watch`: what changes at and below an entry, from now on, as a stream without an end.
 *
 * `{path, ?fetch, ?nchain=0, ?min_depth=0, ?max_depth=-1, ?empty, ?tokens, ?token}` → with `fetch` first what is there and
 * `{state: "uptodate"}`; then an item for each change. A deletion is an item without `value`.
 *
 * With `tokens` a watch can be resumed: see session/token.ts.
 *
 * @module
 */

import type { ElementKey } from "../../wire/path/keys.ts";
import type { Call } from "./call.ts";
import { badField } from "./refusal.ts";

/** What a watch wants to see. */
export interface WatchOptions {
  /** Where it begins, from the root of the tree. */
  readonly keys: readonly ElementKey[];
  /** Whether what is there is sent first. */
  readonly fetch: boolean;
  readonly nchain: number;
  readonly minDepth: number;
  /** Negative: no limit. */
  readonly maxDepth: number;
  /** Whether entries without a value are fetched too, and the internal tree below the root. */
  readonly empty: boolean;
  /** Whether it wants tokens. */
  readonly tokens: boolean;
  /** A token of an earlier watch, to go on from there. */
  readonly token: Uint8Array | undefined;
}

/** Answers `watch`. */
export function watch(call: Call): void {
  const { request } = call;
  const count = call.path();
  const token = request.value("token") ?? undefined;
  if (token !== undefined && !(token instanceof Uint8Array)) throw badField("token", "bytes");
  call.client.watch(call, {
    keys: call.keys.slice(0, count),
    fetch: request.bool("fetch", false) || token !== undefined,
    nchain: call.int("nchain", 0),
    minDepth: call.int("min_depth", 0),
    maxDepth: call.int("max_depth", -1),
    empty: request.bool("empty", false),
    tokens: request.bool("tokens", false) || token !== undefined,
    token,
  });
}
