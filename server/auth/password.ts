/**
 * Method `password`. The client sends the SHA-256 of its password in a box that only this connection's key opens.
 *
 * | record | made by |
 * | --- | --- |
 * | `{_aux: nil, password: <SHA-256>}` | the original, and this server if the entry `auth` says `compatible: true` |
 * | `{_aux: nil, scrypt: {n, r, p, salt, hash}}` | this server: scrypt over that SHA-256 |
 *
 * The first kind becomes the second when its user logs in, and never the other way round. Either way, and also without a
 * user, one login costs one stretching, so that time tells nothing.
 *
 * Source: `spec/client-protocol.md` 4.2, 4.4.
 *
 * @module
 */

import { RequestError } from "../../wire/errors.ts";
import { isMap } from "../../wire/message/decoded_map.ts";
import { checkUserName } from "../../wire/login/names.ts";
import type { Method, Shown, UserRecord } from "./method.ts";
import { sameBytes } from "./same_bytes.ts";
import { type Hardness, hardness, hashBytes, type Stretcher } from "./stretcher.ts";
import { wrongPassword } from "./refusals.ts";

const saltBytes = 16;

/** A stored hash. */
interface Stretched extends Hardness {
  readonly salt: Uint8Array;
  readonly hash: Uint8Array;
}

/** What the method needs. */
export interface PasswordParts {
  readonly stretcher: Stretcher;
  readonly random: (bytes: number) => Uint8Array;
  /** Whether servers of the original are to understand the records. */
  readonly isCompatible: () => boolean;
}

/** See the module. */
export class PasswordMethod implements Method {
  readonly name = "password";
  readonly #parts: PasswordParts;

  /** @param parts What it needs */
  constructor(parts: PasswordParts) {
    this.#parts = parts;
  }

  /** Checks a password; returns the stretched record in place of a plain one. */
  async verify(record: UserRecord | undefined, shown: Shown): Promise<UserRecord | undefined> {
    const secret = await shown.boxed("password");
    const stored = stretchedOf(record);
    const stretched = await this.#stretch(secret, stored);
    const expected = stored?.hash ?? plainOf(record);
    const isSame = expected !== undefined && sameBytes(stored === undefined ? secret : stretched.hash, expected);
    if (!isSame || secret.length !== hashBytes) throw wrongPassword(shown.ident);
    if (stored !== undefined || this.#parts.isCompatible()) return undefined;
    return recordOf(record, stretched);
  }

  /** The record of a new password; without one, the old one stays. */
  async record(old: UserRecord | undefined, shown: Shown): Promise<UserRecord> {
    checkUserName(shown.ident);
    if (shown.field("password") === undefined) {
      if (old === undefined) throw new RequestError("request", "A new user needs a password");
      return old;
    }
    const secret = await shown.boxed("password");
    if (secret.length !== hashBytes) throw new RequestError("request", "That is no hash of a password");
    if (this.#parts.isCompatible()) return { _aux: old?._aux ?? null, password: secret };
    return recordOf(old, await this.#stretch(secret, undefined));
  }

  /** Whether they are of the same password. A plain record and its stretched one are: another server may have bettered it. */
  isSameSecret(before: UserRecord, now: UserRecord): boolean | Promise<boolean> {
    const [wasStretched, isStretched] = [stretchedOf(before), stretchedOf(now)];
    if (wasStretched && isStretched) return isSameHash(wasStretched, isStretched);
    const [was, is] = [plainOf(before), plainOf(now)];
    if (was && is) return sameBytes(was, is);
    const [plain, stretched] = [was ?? is, wasStretched ?? isStretched];
    if (!plain || !stretched) return false;
    return this.#stretch(plain, stretched).then(({ hash }) => sameBytes(hash, stretched.hash));
  }

  /** Nothing. */
  publicFields(): UserRecord {
    return {};
  }

  async #stretch(secret: Uint8Array, how: Stretched | undefined): Promise<Stretched> {
    const { n, r, p, salt } = how ?? { ...hardness, salt: this.#parts.random(saltBytes) };
    return { n, r, p, salt, hash: await this.#parts.stretcher.stretch(secret, salt, { n, r, p }) };
  }
}

function recordOf(old: UserRecord | undefined, { n, r, p, salt, hash }: Stretched): UserRecord {
  return { _aux: old?._aux ?? null, scrypt: { n, r, p, salt, hash } };
}

/** Whoever stores a password anew draws a new salt. */
function isSameHash(a: Stretched, b: Stretched): boolean {
  return sameBytes(a.salt, b.salt) && sameBytes(a.hash, b.hash);
}

function plainOf(record: UserRecord | undefined): Uint8Array | undefined {
  const hash = record?.password;
  return hash instanceof Uint8Array && hash.length === hashBytes ? hash : undefined;
}

function stretchedOf(record: UserRecord | undefined): Stretched | undefined {
  const { n, r, p, salt, hash } = isMap(record?.scrypt) ? record!.scrypt as UserRecord : {};
  if (typeof n !== "number" || typeof r !== "number" || typeof p !== "number") return undefined;
  if (!(salt instanceof Uint8Array) || !(hash instanceof Uint8Array) || hash.length !== hashBytes) return undefined;
  return { n, r, p, salt, hash };
}
