/**
 * The users as they lie in the tree.
 *
 * ```text
 * null.auth                          {?current: METHOD, ?compatible: true}
 * null.auth.METHOD.user.NAME         the record; its form is the method's
 * null.auth.METHOD.user.NAME.acl     {key: ACL}      missing, or key "*": not bound
 * null.auth.METHOD.user.NAME.conv    {key: GROUP}
 * ```
 *
 * Records of 2019 hold `acl` and `conv` themselves, below `_aux`.
 *
 * Source: `spec/client-protocol.md` 4.1.
 *
 * @module
 */

import { AuthError } from "../../wire/errors.ts";
import { isMap } from "../../wire/message/decoded_map.ts";
import { decode } from "../../wire/msgpack/decoder.ts";
import type { ElementKey } from "../../wire/path/keys.ts";
import type { Value } from "../../wire/value.ts";
import type { Entry } from "../core/entry.ts";
import type { Store } from "../core/store.ts";
import type { UserRecord } from "./method.ts";

/** Where the users of a method are. */
export function usersPath(method: string, kind = "user"): ElementKey[] {
  return [null, "auth", method, kind];
}

/** See the module. */
export class Users {
  /** @param store Where they are kept */
  constructor(readonly store: Store) {}

  /** The fields of the entry `auth`; undefined: it has no value. */
  get settings(): UserRecord | undefined {
    return this.#map(this.#find([null, "auth"]));
  }

  /** Whether the entry `auth` is there, with or without a value. */
  get hasEntry(): boolean {
    return this.#find([null, "auth"]) !== undefined;
  }

  /** The methods that have a place in the tree, in the order in which they got it. */
  get methods(): string[] {
    const children = this.#find([null, "auth"])?.children ?? [];
    return Array.from(children, ({ key }) => key).filter((key) => typeof key === "string");
  }

  /** The entry of a user; undefined: there is none with a value. */
  entry(method: string, name: string, kind?: string): Entry | undefined {
    const entry = this.#find([...usersPath(method, kind), name]);
    return entry?.hasValue ? entry : undefined;
  }

  /** What is stored of a user; undefined: there is none. */
  record(method: string, name: string, kind?: string): UserRecord | undefined {
    const entry = this.entry(method, name, kind);
    return entry === undefined ? undefined : this.#map(entry) ?? {};
  }

  /** The users of a method. */
  *entries(method: string, kind?: string): Iterable<Entry> {
    for (const entry of this.#find(usersPath(method, kind))?.children ?? []) {
      if (entry.hasValue && typeof entry.key === "string") yield entry;
    }
  }

  /**
   * What a user is bound by: the name of its `acl` or of its `conv`.
   * @throws {AuthError} If that makes no sense: then the user may do nothing
   */
  binding(method: string, name: string, what: "acl" | "conv"): string | undefined {
    const entry = this.#find([...usersPath(method), name, what]);
    if (!entry?.hasValue) {
      const aux = this.record(method, name)?._aux;
      return isMap(aux) ? nameOf((aux as UserRecord)[what] ?? null, what) : undefined;
    }
    return nameOf(this.#map(entry)?.key, what);
  }

  #find(keys: ElementKey[]): Entry | undefined {
    return this.store.find(keys, keys.length);
  }

  #map(entry: Entry | undefined): UserRecord | undefined {
    const value = entry?.hasValue ? decode(this.store.values.read(entry.value)) : undefined;
    return isMap(value) && !(value instanceof Map) ? value as UserRecord : undefined;
  }
}

function nameOf(key: Value | undefined, what: string): string | undefined {
  if (key === null) return undefined;
  if (typeof key === "string" && key !== "") return key;
  throw new AuthError(`The user's binding '${what}' is broken: it has to be {key: NAME}`);
}
