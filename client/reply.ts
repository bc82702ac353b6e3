/**
 * Messages as the client sees them: maps of values under text keys.
 *
 * @module
 */

import { ProtocolError } from "../wire/errors.ts";
import { Path } from "../wire/path/path.ts";
import type { Raw, Value } from "../wire/value.ts";

/** One message from the server. */
export type Reply = { readonly [key: string]: Value };

/** The fields of a request; those that are `undefined` are left out. */
export type Fields = { readonly [key: string]: Value | Raw | undefined };

/**
 * Who changed an entry, newest first: the expected state of an entry in a careful write. `prev` is `null` behind the
 * last link; it is absent where the server cut the chain.
 */
export type Chain = {
  /** The writer. */
  readonly node: string;
  /** The writer's counter of changes. */
  readonly tick: number;
  /** The change before, by another writer. */
  readonly prev?: Chain | null;
};

/** The text of a field, or `undefined`. */
export function textOf(value: Value | undefined): string | undefined {
  return typeof value === "string" ? value : undefined;
}

/** The number of a field, or 0. */
export function numberOf(value: Value | undefined): number {
  return typeof value === "number" ? value : 0;
}

/** The bytes of a field, or `undefined`. */
export function bytesOf(value: Value | undefined): Uint8Array | undefined {
  return value instanceof Uint8Array ? value : undefined;
}

/** The chain of a field: `undefined` if there is none, `null` if the entry has no value. */
export function chainOf(value: Value | undefined): Chain | null | undefined {
  if (value === undefined || value === null) return value;
  const link = value as { node?: Value; tick?: Value };
  if (typeof link.node === "string" && typeof link.tick === "number") return value as Chain;
  throw new ProtocolError("The reply has a chain that is none", 0);
}

/** The path of a field: servers send a Path, or an array of its elements. */
export function pathOf(value: Value | undefined): Path | undefined {
  if (value === undefined || value instanceof Path) return value;
  if (Array.isArray(value)) return Path.from(value);
  throw new ProtocolError("The reply has a path that is none", 0);
}

/** Whether `value` is a message at all. */
export function isReply(value: Value): value is Reply {
  return typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}
