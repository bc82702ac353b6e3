/**
 * From an error to the line that is printed: `ClassName: text`, with the original's class names.
 *
 * Source: `spec/cli.md` 1.3.
 *
 * @module
 */

import { ConnectionError, type ErrorCode, RequestError } from "../../wire/errors.ts";
import { PathSyntaxError } from "../../wire/path/parse.ts";
import { CommandError } from "./errors.ts";

/** How a failure shows. */
export interface Failure {
  /** Without line end. */
  readonly line: string;
  readonly status: number;
  /** What helps, for people at a terminal. */
  readonly hint?: string;
  /** Whether it is a defect of this program, so that the place matters. */
  readonly isDefect?: boolean;
}

/** What the server refuses: our codes and the original's class names. The others are `ServerError`. */
const classOfCode: Readonly<Partial<Record<ErrorCode, string>>> = {
  chain: "ClientChainError",
  auth_required: "ClientAuthRequiredError",
  auth_method: "ClientAuthMethodError",
};

/** What this program refuses before it asks the server. */
const classOfOwnCode: Readonly<Partial<Record<ErrorCode, string>>> = { ...classOfCode, value: "ValueError" };

const hints: Readonly<Partial<Record<ErrorCode, string>>> = {
  auth_required: 'Log in with: moat kv -a "METHOD name=USER …"',
  acl: "Somebody without an ACL can ask which rule says so: moat acl explain USER PATH",
  read_only: "The server's disk is full or broken; see its messages.",
};

/** The system's errors. */
const systemErrors: readonly (readonly [new (message?: string) => Error, string])[] = [
  [Deno.errors.NotFound, "FileNotFoundError"],
  [Deno.errors.PermissionDenied, "PermissionError"],
  [Deno.errors.NotCapable, "PermissionError"],
  [Deno.errors.AlreadyExists, "FileExistsError"],
  [Deno.errors.IsADirectory, "IsADirectoryError"],
  [Deno.errors.NotADirectory, "NotADirectoryError"],
];

/** The line for an error that ended the program. */
export function failureOf(error: unknown): Failure {
  if (error instanceof CommandError) return { line: error.message, status: error.status, hint: error.hint };
  if (error instanceof RequestError) return { ...refusal(error), status: 1 };
  if (error instanceof ConnectionError) return { line: `ServerClosedError: ${error.message}`, status: 1 };
  if (error instanceof PathSyntaxError) return { line: `SyntaxError: ${error.message}`, status: 1 };
  if (!(error instanceof Error)) return { line: `Error: ${String(error)}`, status: 1, isDefect: true };
  const system = systemErrors.find(([type]) => error instanceof type);
  if (system) return { line: `${system[1]}: ${error.message}`, status: 1 };
  const isDefect = error.constructor !== undefined && builtIn.has(error.constructor);
  return { line: `${error.name}: ${error.message}`, status: 1, isDefect };
}

const builtIn: ReadonlySet<unknown> = new Set([Error, TypeError, RangeError, ReferenceError, SyntaxError, URIError]);

function refusal(error: RequestError): { line: string; hint?: string } {
  const hint = hints[error.code];
  const remote = remoteText(error);
  if (remote === undefined) return { line: `${classOfOwnCode[error.code] ?? "ClientError"}: ${error.message}`, hint };
  const name = classOfCode[error.code];
  const original = /^(Client\w*Error|ServerError)\(/.exec(remote)?.[1];
  if (original || name) return { line: `${original ?? name}: ${error.message}`, hint };
  return { line: `ServerError: ${remote}`, hint };
}

/** What the server itself said; the client library keeps it as the cause. */
function remoteText(error: RequestError): string | undefined {
  const cause = error.cause as { error?: unknown } | undefined;
  return typeof cause?.error === "string" ? cause.error : undefined;
}
