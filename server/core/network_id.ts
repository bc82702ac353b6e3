/**
 * The name of the network, as its entry has it.
 *
 * @module
 */

import { KvError } from "../../wire/errors.ts";
import { decode } from "../../wire/msgpack/decoder.ts";
import { networkKeys } from "./conflicts.ts";
import type { LocalStore } from "./local_store.ts";

/** The network's name; undefined if it has none yet. */
export function networkId(store: LocalStore): string | undefined {
  const entry = store.find(networkKeys, networkKeys.length);
  if (entry === undefined || !entry.hasValue) return undefined;
  try {
    const value = decode(store.values.read(entry.value));
    return typeof value === "string" ? value : undefined;
  } catch (error) {
    if (error instanceof KvError) return undefined;
    throw error;
  }
}
