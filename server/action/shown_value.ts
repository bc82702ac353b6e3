/**
 * Values as a client sees them, if a codec lies between it and the tree: the answer comes when they are converted.
 *
 * @module
 */

import type { ElementKey } from "../../wire/path/keys.ts";
import type { Store } from "../core/store.ts";
import { NO_VALUE } from "../core/values.ts";
import type { Converter } from "../meta/codec/converter.ts";
import type { Conversion } from "../meta/conversion.ts";
import type { Call } from "./call.ts";

/** Values converted at a time. */
const underWayMax = 64;

/** What converts the value at the call's path for its client; undefined: nothing does. */
export function converterAt(call: Call, value: number): Converter | undefined {
  const { client: { conversion }, keys, keyCount } = call;
  return conversion === undefined || value === NO_VALUE ? undefined : conversion.rule(keys, keyCount);
}

/**
 * Answers the call when the value at its path is converted. `write` gets a call of its own, whose path is the same.
 * @throws {RequestError} In the answer, if it cannot be converted
 */
export function answerShown(
  call: Call,
  converter: Converter,
  value: number,
  write: (call: Call, shown: Uint8Array) => void,
): void {
  const { keys, keyCount, services: { store } } = call;
  const path = keys.slice(0, keyCount);
  const converting = converter.encode(store.values.read(value), { store, keys: path, count: keyCount });
  converting.catch(() => {}); // it is awaited below
  call.client.later(call, async (own) => {
    const shown = await converting;
    for (let i = 0; i < path.length; i++) own.keys[i] = path[i];
    own.keyCount = path.length;
    write(own, shown);
  });
}

/** The values of several entries as a client sees them; undefined: as they are stored. @throws {RequestError} */
export async function shownValues(
  store: Store,
  conversion: Conversion,
  entries: readonly { readonly keys: readonly ElementKey[]; readonly value: number }[],
): Promise<(Uint8Array | undefined)[]> {
  // What is stored may change while others are converted.
  const stored = entries.map(({ value }) => value === NO_VALUE ? undefined : store.values.read(value));
  const shown: (Uint8Array | undefined)[] = [];
  for (let from = 0; from < entries.length; from += underWayMax) {
    const some = entries.slice(from, from + underWayMax).map(({ keys }, i) => {
      const value = stored[from + i];
      const converter = value === undefined ? undefined : conversion.rule(keys, keys.length);
      return converter === undefined ? value : converter.encode(value!, { store, keys, count: keys.length });
    });
    shown.push(...await Promise.all(some));
  }
  return shown;
}
