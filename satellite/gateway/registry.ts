/**
 * Which satellites are accepted: by the number of their chip, under a name, with a key if they have one. Entries below
 * `:.moat.kv.satellite.known`; what is malformed counts as not there and is reported.
 *
 * @module
 */

import type { LinkSecurity } from "../../wire/link/host_session.ts";
import { keyBytesMin } from "../../wire/link/signature.ts";
import type { Value } from "../../wire/value.ts";

/** A satellite that somebody accepted. */
export interface Known {
  readonly name: string;
  /** Two while one replaces the other. */
  readonly keys: readonly Uint8Array[];
  readonly security: LinkSecurity;
}

const nameForm = /^[A-Za-z][A-Za-z0-9_-]{0,31}$/;

/** Whether a satellite may have this name. */
export function isSatelliteName(name: string): boolean {
  return nameForm.test(name);
}

/** Reads an entry `{name, ?key, ?old_key, ?security}`. @throws {TypeError} Saying what is wrong */
export function readKnown(value: Value): Known {
  const fields = value as { readonly [name: string]: Value } | null;
  const name = fields?.name;
  if (typeof name !== "string" || !isSatelliteName(name)) {
    throw new TypeError("its name should be a letter and up to 31 letters, digits, '_' and '-'");
  }
  const keys = [fields?.key, fields?.old_key].filter((key) => key !== undefined && key !== null);
  for (const key of keys) {
    if (!(key instanceof Uint8Array) || key.length < keyBytesMin) {
      throw new TypeError(`its key should be at least ${keyBytesMin} bytes`);
    }
  }
  const security = fields?.security ?? (keys.length > 0 ? "auth" : "open");
  if (security !== "open" && security !== "auth" && security !== "sign") {
    throw new TypeError("its security should be open, auth or sign");
  }
  return { name, keys: keys as Uint8Array[], security };
}

/** The accepted satellites, by the hex digits of their chip's number. */
export class Registry {
  readonly #known = new Map<string, Known>();

  /** An entry changed. Returns what is wrong with it, if anything. */
  update(uid: string, value: Value | undefined): string | undefined {
    this.#known.delete(uid);
    if (value === undefined) return undefined;
    try {
      this.#known.set(uid, readKnown(value));
    } catch (error) {
      return `The satellite ${uid} is not accepted: ${(error as Error).message}`;
    }
  }

  /** Who that is. */
  get(uid: string): Known | undefined {
    return this.#known.get(uid);
  }

  /** Whether another satellite has this name. */
  isTaken(name: string, uid: string): boolean {
    for (const [other, known] of this.#known) if (known.name === name && other !== uid) return true;
    return false;
  }
}
