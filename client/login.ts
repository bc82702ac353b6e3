/**
 * Logging in, right after the greeting. A method is an object, so that a program can bring its own.
 *
 * Source: `spec/client-protocol.md` 4.2.
 *
 * @module
 */

import { AuthError } from "../wire/errors.ts";
import type { Connection } from "./connection.ts";
import type { Fields, Reply } from "./reply.ts";
import { seal } from "./shared_key.ts";

/** What a login method may do: talk to the server. */
export interface LoginLine {
  /** Puts a secret into a box that only this server can open. */
  seal(secret: Uint8Array): Promise<Uint8Array>;
  /** One request, one reply. */
  request(action: string, fields: Fields): Promise<Reply>;
  /** Sends `auth` and waits until the server has agreed. @throws {RequestError} If it has not */
  authenticate(fields: Fields): Promise<void>;
}

/** A way to log in. */
export interface Login {
  /** The method's name on the server: `root`, `password`, … */
  readonly method: string;
  /** Logs in. @throws {RequestError} If the server refuses */
  login(line: LoginLine): Promise<void>;
}

/** Logs in by method `root`, which asks for nothing. */
export function rootLogin(): Login {
  return plainLogin("root", "*");
}

/** Logs in by method `_test`, which believes any name that it knows. */
export function testLogin(name: string): Login {
  return plainLogin("_test", name);
}

/**
 * Logs in with a name and a password. The password itself stays here: its hash is sent, encrypted.
 *
 * @example
 * ```ts
 * import { openClient, passwordLogin } from "@moat/kv";
 *
 * await using client = await openClient({ auth: passwordLogin("joe", "test123") });
 * ```
 */
export function passwordLogin(name: string, password: string): Login {
  return {
    method: "password",
    async login(line) {
      const { passwordHash } = await import("../wire/login/credentials.ts");
      await line.authenticate({ typ: "password", ident: name, password: await line.seal(passwordHash(password)) });
    },
  };
}

/** Logs in with a token, as `moat auth token add` prints it, whatever other method the server asks for. */
export function tokenLogin(token: string): Login {
  return {
    method: "token",
    async login(line) {
      const { parseToken } = await import("../wire/login/names.ts");
      const { name, secret } = parseToken(token);
      await line.authenticate({ typ: "token", ident: name, token: await line.seal(secret) });
    },
  };
}

function plainLogin(method: string, ident: string): Login {
  return { method, login: (line) => line.authenticate({ typ: method, ident, data: {} }) };
}

/**
 * Does what the greeting asks for.
 * @throws {AuthError} If it asks for a login that is not given, or is another
 */
export async function logIn(connection: Connection, login: Login | undefined, signal: AbortSignal): Promise<void> {
  const wanted = connection.greeting.authMethod;
  if (wanted === undefined) return;
  if (login === undefined) throw new AuthError(`You need to log in using: ${wanted}`, "auth_required");
  const isToken = login.method === "token" && connection.greeting.authMethods.includes("token");
  if (login.method !== wanted && !isToken) {
    throw new AuthError(`You cannot use '${login.method}' auth as the server wants '${wanted}'`, "auth_method");
  }
  await login.login(lineOf(connection, signal));
}

function lineOf(connection: Connection, signal: AbortSignal): LoginLine {
  return {
    seal: (secret) => seal(connection, secret, signal),
    request: (action, fields) => connection.request(action, fields, (reply) => reply, signal),
    authenticate: (fields) =>
      new Promise((resolve, reject) => {
        connection.stream("auth", fields, {
          item: () => {},
          ended: (error) => error === undefined ? resolve() : reject(error),
        }, 0);
      }),
  };
}
