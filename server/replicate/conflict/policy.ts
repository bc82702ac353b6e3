/**
 * What is done about conflicts, by the path where they happen: the entries `:.moat.kv.conflict_policy.PATTERN`. In a pattern
 * `+` stands for one level and `#` for one or more; of several that fit, the most specific one counts, as with types.
 *
 * | value | |
 * | --- | --- |
 * | `latest` (the default) | the higher rank stays, the loser is recorded |
 * | `keep-both` | the same, and the record is never dropped because there are too many |
 * | `prefer NODE` | NODE, seeing its event lose, writes it again on top of both; then there is no record |
 *
 * None of this changes merging: a preference there would not be transitive, and nodes may hold different policies.
 *
 * @module
 */

import { KvError } from "../../../wire/errors.ts";
import { decode } from "../../../wire/msgpack/decoder.ts";
import type { ElementKey } from "../../../wire/path/keys.ts";
import type { Entry } from "../../core/entry.ts";
import type { Store } from "../../core/store.ts";
import { bestMatch } from "../../meta/wildcard.ts";

/** See the module. */
export type Policy =
  | { readonly kind: "latest" }
  | { readonly kind: "keep-both" }
  | { readonly kind: "prefer"; readonly node: string };

/** Where policies are. */
export const policyKeys: readonly ElementKey[] = [".moat", "kv", "conflict_policy"];

const latest: Policy = { kind: "latest" };

/** The policy for conflicts at a path. The internal tree has none of its own. */
export function policyAt(store: Store, path: readonly ElementKey[]): Policy {
  const top = store.find(policyKeys, policyKeys.length);
  if (top === undefined || top.children === null || path[0] === null) return latest;
  const best = bestMatch(top, path, 0, path.length, (entry) => policyIn(store, entry) !== undefined);
  return best === undefined ? latest : policyIn(store, best) ?? latest;
}

function policyIn(store: Store, entry: Entry): Policy | undefined {
  return entry.hasValue ? readPolicy(store.values.read(entry.value)) : undefined;
}

function readPolicy(bytes: Uint8Array): Policy | undefined {
  try {
    return policyOf(decode(bytes));
  } catch (error) {
    if (error instanceof KvError) return undefined;
    throw error;
  }
}

/** The policy that a value names; undefined if it names none. */
export function policyOf(value: unknown): Policy | undefined {
  if (value === "latest" || value === "keep-both") return { kind: value };
  const node = typeof value === "string" ? /^prefer (\S+)$/.exec(value)?.[1] : undefined;
  return node === undefined ? undefined : { kind: "prefer", node };
}
