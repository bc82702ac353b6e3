/**
 * From what a server says to the error that is thrown. Ours sends a code (`etype`); the original sends only the text
 * `repr(exception)`, so for it the class is read from that text.
 *
 * Source: `spec/client-protocol.md` 3.4.
 *
 * @module
 */

import {
  AclError,
  AuthError,
  ChainError,
  ConnectionError,
  type ErrorCode,
  NotFoundError,
  RequestError,
  TypeCheckError,
} from "../wire/errors.ts";

/** What an error's `cause` holds when a server reported it. */
export interface RemoteError {
  /** What was asked for. */
  readonly action: string;
  /** The server's text, unchanged. */
  readonly error: string;
  /** The server's code; the original sends none. */
  readonly etype?: string;
}

/** The connection ended while a request was under way. */
export class ConnectionLostError extends ConnectionError {
  /** Its name in messages. */
  override name = "ConnectionLostError";
  /** Made by the client. @param message What was lost */
  constructor(
    message: string,
    /** `"unknown"` if a change was asked for that may or may not have been made. */
    readonly outcome: "none" | "unknown",
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** Every code there is; a server of a later version may send others. */
const codes: Record<ErrorCode, true> = {
  chain: true,
  not_found: true,
  request: true,
  action: true,
  value: true,
  acl: true,
  type: true,
  auth: true,
  auth_required: true,
  auth_method: true,
  file: true,
  read_only: true,
  lagging: true,
  limit: true,
  unsupported: true,
  internal: true,
};

/** Class names of the original → what they mean. */
const codeOfClass: Readonly<Record<string, ErrorCode>> = {
  ClientChainError: "chain",
  KeyError: "not_found",
  ACLError: "acl",
  NoAuthError: "auth_required",
  ClientAuthRequiredError: "auth_required",
  ClientAuthMethodError: "auth_method",
  AuthFailedError: "auth",
  CryptoError: "auth",
  ValidationError: "type",
  AttributeError: "request",
  TypeError: "value",
  ValueError: "value",
  OverflowError: "value",
  FileNotFoundError: "file",
  FileExistsError: "file",
  PermissionError: "file",
  IsADirectoryError: "file",
  OSError: "file",
  RuntimeError: "request",
  AssertionError: "request",
};

/** The error that a server reported for `action`. */
export function errorFromReply(action: string, error: string, etype?: string): RequestError {
  const { className, text } = parseRepr(error);
  const code = isErrorCode(etype) ? etype : etype === undefined ? codeOfText(className, text) : "request";
  return makeError(code, text || error, { cause: { action, error, etype } satisfies RemoteError });
}

/** The error class of a code. */
export function makeError(code: ErrorCode, message: string, options?: ErrorOptions): RequestError {
  switch (code) {
    case "chain":
      return new ChainError(message, options);
    case "not_found":
      return new NotFoundError(message, options);
    case "acl":
      return new AclError(message, options);
    case "type":
      return new TypeCheckError(message, options);
    case "auth":
    case "auth_required":
    case "auth_method":
      return new AuthError(message, code, options);
    default:
      return new RequestError(code, message, options);
  }
}

/** What the server itself said of `error`, if it was a server that reported it. */
export function remoteErrorOf(error: unknown): RemoteError | undefined {
  const cause = error instanceof RequestError ? error.cause : undefined;
  return typeof cause === "object" && cause !== null && "error" in cause && "action" in cause
    ? cause as RemoteError
    : undefined;
}

function isErrorCode(etype: string | undefined): etype is ErrorCode {
  return etype !== undefined && Object.hasOwn(codes, etype);
}

/** `ClientError` and `ServerError` are the original's words for anything, so their text has to decide. */
function codeOfText(className: string, text: string): ErrorCode {
  if (/^Data is .* not .* at /s.test(text)) return "chain";
  if (/^\w*(Error|Exception)\(/.test(text) || text.startsWith("<ValidationError")) return "type";
  if (/^\((None|<AclEntry)/.test(text)) return "acl";
  return Object.hasOwn(codeOfClass, className) ? codeOfClass[className] : "request";
}

/**
 * Takes `ClassName('text')` apart.
 *
 * @example `ClientChainError('Entry is new at a.b')` is `{className: "ClientChainError", text: "Entry is new at a.b"}`,
 * `KeyError(P('nope'))` is `{className: "KeyError", text: "P('nope')"}`
 */
export function parseRepr(error: string): { className: string; text: string } {
  const outer = /^<?([A-Za-z_]\w*)(?:\((.*)\)|: (.*)>)$/s.exec(error);
  if (!outer || outer[1] === "P") return { className: "", text: error };
  const inner = outer[2] ?? outer[3];
  return { className: outer[1], text: unquote(inner) ?? inner };
}

const escapes: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t" };

/** The text of a Python string literal; `undefined` if it is something else, or more than one. */
function unquote(literal: string): string | undefined {
  const match = /^(['"])((?:\\.|(?!\1)[^\\])*)\1,?$/s.exec(literal);
  return match?.[2].replace(
    /\\(x[0-9a-f]{2}|u[0-9a-f]{4}|U[0-9a-f]{8}|.)/gs,
    (_, code: string) => code.length > 1 ? String.fromCodePoint(parseInt(code.slice(1), 16)) : escapes[code] ?? code,
  );
}
