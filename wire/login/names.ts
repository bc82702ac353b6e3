/**
 * What people and programs call themselves to log in: names, and tokens, which have a name in them.
 *
 * A token is `NAME.SECRET`: the name of the record, and 32 random bytes in URL-safe base64. The server keeps a hash of the
 * secret, so it can be shown only once, to whoever made it.
 *
 * Source: `spec/client-protocol.md` 4.1, 4.4.
 *
 * @module
 */

import { RequestError } from "../errors.ts";

/** Bytes of a token's secret. */
export const secretBytes = 32;

/** Characters of a name, at most. */
const nameCharsMax = 64;

/** Whether a user may have that name. */
export function isUserName(name: string): boolean {
  return name.length <= nameCharsMax && /^[a-zA-Z][a-zA-Z0-9_]*$/.test(name);
}

/** Checks a user's name. @throws {RequestError} If it cannot be one */
export function checkUserName(name: string): string {
  if (isUserName(name)) return name;
  throw new RequestError("value", `A name has letters, digits and _ and begins with a letter, unlike ${show(name)}`);
}

/** The token of a name and a secret. */
export function tokenText(name: string, secret: Uint8Array): string {
  const base64 = btoa(String.fromCharCode(...secret));
  return `${name}.${base64.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "")}`;
}

/** Takes a token apart. @throws {RequestError} If it is none; the text does not repeat it */
export function parseToken(token: string): { name: string; secret: Uint8Array } {
  const [, name, text] = /^([^.]+)\.([\w-]{43})$/.exec(token) ?? [];
  if (name === undefined || !isUserName(name)) throw new RequestError("value", "That is no token: it is NAME.SECRET");
  const base64 = text.replaceAll("-", "+").replaceAll("_", "/");
  return { name, secret: Uint8Array.from(atob(base64), (char) => char.charCodeAt(0)) };
}

function show(name: string): string {
  return JSON.stringify(name.length > nameCharsMax ? name.slice(0, nameCharsMax) + "…" : name);
}
