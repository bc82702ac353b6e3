/**
 * Method `token`: a random text that its owner keeps, for programs, gadgets and browsers. It may be used beside whatever
 * other method is in use, as soon as somebody made one.
 *
 * The record is `{hash, created, ?until, ?note}`; times are seconds since 1970. The client that makes a token sends the hash
 * alone, so that its secret is on no wire before it is used. To log in, it sends the secret in a box, or, if it cannot
 * encrypt and the line does, the token as text.
 *
 * @module
 */

import { RequestError } from "../../wire/errors.ts";
import { checkUserName, isUserName, parseToken, secretBytes } from "../../wire/login/names.ts";
import { Float, type Value } from "../../wire/value.ts";
import type { Method, Shown, UserRecord } from "./method.ts";
import { sameBytes } from "./same_bytes.ts";
import { wrongToken } from "./refusals.ts";

/** Characters of a note. */
const noteCharsMax = 1000;

/** See the module. */
export class TokenMethod implements Method {
  readonly name = "token";
  readonly #nowMs: () => number;

  /** @param nowMs The time since 1970 */
  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** Checks a token. */
  async verify(record: UserRecord | undefined, shown: Shown): Promise<undefined> {
    const { secretHash } = await import("../../wire/login/credentials.ts");
    const hash = secretHash(await secretOf(shown));
    const expected = record?.hash instanceof Uint8Array ? record.hash : new Uint8Array(hash.length);
    const until = record === undefined ? undefined : this.untilMs(record);
    const isGood = sameBytes(hash, expected) && record !== undefined && (until === undefined || until > this.#nowMs());
    if (!isGood) throw wrongToken();
  }

  /** The record of a new token, or of one whose note or end changes. */
  record(old: UserRecord | undefined, shown: Shown): Promise<UserRecord> {
    checkUserName(shown.ident);
    const hash = shown.field("hash") ?? old?.hash;
    if (!(hash instanceof Uint8Array) || hash.length !== secretBytes) {
      throw new RequestError("request", "A new token needs the 'hash' of its secret, 32 bytes");
    }
    const until = shown.field("until") ?? undefined;
    if (until !== undefined && numberOf(until) === undefined) {
      throw new RequestError("request", "The field 'until' must be a time in seconds since 1970");
    }
    const note = shown.field("note") ?? undefined;
    if (note !== undefined && (typeof note !== "string" || note.length > noteCharsMax)) {
      throw new RequestError("request", `The field 'note' must be a text of at most ${noteCharsMax} characters`);
    }
    return Promise.resolve({
      hash,
      created: old?.created ?? Math.floor(this.#nowMs() / 1000),
      ...(until === undefined ? {} : { until }),
      ...(note === undefined ? {} : { note }),
    });
  }

  /** Everything but the hash. */
  publicFields({ hash: _, ...fields }: UserRecord): UserRecord {
    return fields;
  }

  /** Whether they are of the same token. */
  isSameSecret(before: UserRecord, now: UserRecord): boolean {
    return before.hash instanceof Uint8Array && now.hash instanceof Uint8Array && sameBytes(before.hash, now.hash);
  }

  /** Its end. What is no time has come already. */
  untilMs(record: UserRecord): number | undefined {
    if (record.until === undefined || record.until === null) return undefined;
    return (numberOf(record.until) ?? 0) * 1000;
  }
}

/** The name that a token has in itself. */
export function tokenName(token: Value | undefined): string | undefined {
  if (typeof token !== "string") return undefined;
  const name = token.slice(0, token.indexOf("."));
  return isUserName(name) ? name : undefined;
}

async function secretOf(shown: Shown): Promise<Uint8Array> {
  const token = shown.field("token");
  if (token instanceof Uint8Array) return await shown.boxed("token");
  if (typeof token !== "string") throw new RequestError("request", "The field 'token' must be a text or a box");
  const { name, secret } = parseToken(token);
  if (name !== shown.ident) throw wrongToken();
  return secret;
}

function numberOf(value: Value): number | undefined {
  const number = value instanceof Float ? value.valueOf() : value;
  return typeof number === "number" && Number.isFinite(number) ? number : undefined;
}
