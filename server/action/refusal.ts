/**
 * Requests that are refused, in the words of the original: its clients see `error` as Python's `repr` of an exception,
 * ours see our code in `etype`.
 *
 * | refused | code | `error` |
 * | --- | --- | --- |
 * | a field is missing | `request` | `AttributeError('path')` |
 * | no such entry, node, tick | `not_found` | `KeyError(P('a.b'))`, `KeyError('test1')`, `KeyError(7)` |
 * | a file cannot be opened | `file` | `FileNotFoundError('Cannot open …')`, `OSError('…')` |
 * | the chain does not match | `chain` | `ClientChainError('Entry is new at a.b')` |
 * | the previous value does not match | `chain` | `ClientError('Data is 3 not 2 at a.b')` |
 *
 * Source: `spec/client-protocol.md` 3.4, 3.8, 3.10.
 *
 * @module
 */

import { AclError, type ErrorCode, RequestError } from "../../wire/errors.ts";
import type { Path } from "../../wire/path/path.ts";
import { Refusal } from "../../wire/refusal.ts";
import type { Value } from "../../wire/value.ts";
import { DiskError, type DiskReason } from "../persist/file_system.ts";
import { quote, repr } from "../../wire/repr.ts";

/** The exceptions that the original would raise. */
const classes: Readonly<Record<ErrorCode, string>> = {
  chain: "ClientChainError",
  not_found: "KeyError",
  request: "ClientError",
  action: "ClientError",
  value: "ValueError",
  acl: "ACLError",
  type: "ValueError",
  auth: "AuthFailedError",
  auth_required: "NoAuthError",
  auth_method: "AuthFailedError",
  file: "OSError",
  read_only: "ServerError",
  lagging: "ServerError",
  limit: "ServerError",
  unsupported: "ServerError",
  internal: "ServerError",
};

/** What Python calls the errors of a file system. */
const fileClasses: Readonly<Partial<Record<DiskReason, string>>> = {
  missing: "FileNotFoundError",
  denied: "PermissionError",
  exists: "FileExistsError",
};

export { Refusal };

/** The `error` of a reply. */
export function errorText(error: RequestError): string {
  if (error instanceof Refusal) return error.wire;
  // In the words of 2019, without a class.
  if (error instanceof AclError) return error.message;
  if (error.cause instanceof DiskError) {
    return `${fileClasses[error.cause.reason] ?? "OSError"}(${quote(error.message)})`;
  }
  return `${classes[error.code]}(${quote(error.message)})`;
}

/** A field that the action needs is not there. */
export function missingField(name: string): RequestError {
  return new Refusal("request", `The field '${name}' is missing`, `AttributeError(${quote(name)})`);
}

/** A field is there, and is not what it has to be. */
export function badField(name: string, wanted: string): RequestError {
  return new RequestError("request", `The field '${name}' must be ${wanted}`);
}

/** No entry at `path`. */
export function noEntry(path: Path): RequestError {
  return new Refusal("not_found", `There is no entry at ${path}`, `KeyError(${repr(path)})`);
}

/** No such node or tick. */
export function noKey(key: string | number): RequestError {
  return new Refusal("not_found", `There is no ${quote(String(key))}`, `KeyError(${repr(key)})`);
}

/** The stored value is not the one given as `prev`. */
export function wrongPrevious(current: Value | undefined, given: Value | undefined, path: string): RequestError {
  const message = `Data is ${repr(current)} not ${repr(given)} at ${path}`;
  return new Refusal("chain", message, `ClientError(${quote(message)})`);
}

/** A sentence that the original says with its server's class. */
export function serverError(message: string): RequestError {
  return new Refusal("request", message, `ServerError(${quote(message)})`);
}

/** A sentence that the original says with its general class. */
export function clientError(message: string): RequestError {
  return new RequestError("request", message);
}
