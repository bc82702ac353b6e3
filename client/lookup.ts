/**
 * Values within values.
 *
 * @module
 */

import type { Value } from "../wire/value.ts";

/** What is at `keys` within `value`; `undefined` if there is nothing. */
export function lookUp(value: Value | undefined, keys: readonly (string | number)[]): Value | undefined {
  let found = value;
  for (const key of keys) {
    if (found instanceof Map) found = found.get(key);
    else if (typeof found !== "object" || found === null || !Object.hasOwn(found, key)) return undefined;
    else found = (found as { readonly [key: string | number]: Value })[key];
  }
  return found;
}
