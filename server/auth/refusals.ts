/**
 * Refusals around logins, in the original's words: its clients see a Python exception, ours the code and the message. None
 * of them repeats what was shown, except the user's name.
 *
 * @module
 */

import type { ErrorCode } from "../../wire/errors.ts";
import { Path } from "../../wire/path/path.ts";
import { Refusal } from "../../wire/refusal.ts";
import { quote, repr } from "../../wire/repr.ts";
import type { Value } from "../../wire/value.ts";

/** Who shows this is not let in. The same for a user who does not exist and for a wrong password. */
export function wrongPassword(user: string): Refusal {
  const text = "Password hashes do not match";
  return new Refusal("auth", text, `AuthFailedError(${quote(text)}, ${repr(user)})`);
}

/** There is no such user, where that is no secret. */
export function noUser(method: string, user: string, kind = "user"): Refusal {
  return new Refusal("not_found", `There is no ${kind} ${user}`, `KeyError(${repr(Path.of(method, kind, user))})`);
}

/** A token that is not known, not right, or too old. */
export function wrongToken(): Refusal {
  const text = "The token is not valid, or not any more";
  return new Refusal("auth", text, `AuthFailedError(${quote(text)})`);
}

/** What was sent encrypted cannot be read. */
export function unreadable(text: string): Refusal {
  return new Refusal("auth", text, `CryptoError(${quote(text)})`);
}

/** What the original says as a RuntimeError, and what it adds. */
export function outOfPlace(text: string, code: ErrorCode = "request", ...more: Value[]): Refusal {
  return new Refusal(code, text, `RuntimeError(${[quote(text), ...more.map(repr)].join(", ")})`);
}
