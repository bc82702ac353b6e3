/**
 * Opens the connection that the configuration describes.
 *
 * @module
 */

import { ConnectionError } from "../../wire/errors.ts";
import type { Value } from "../../wire/value.ts";
import { openClient } from "../open_client.ts";
import type { Login } from "../login.ts";
import type { ClientOptions } from "../options.ts";
import type { CliClient, Config, Input } from "./context.ts";
import { CommandError } from "./errors.ts";
import { getAt, isMapping } from "./mapping.ts";

/**
 * Connects and logs in.
 * @throws {CommandError} If nobody answers
 */
export async function connectTo(config: Config, input: Input, signal: AbortSignal): Promise<CliClient> {
  const options = await clientOptions(config, input, signal);
  try {
    return await openClient(options);
  } catch (error) {
    if (error instanceof ConnectionError && !signal.aborted) throw unreachable(error, config);
    throw error;
  }
}

/** What a client is opened with, as the configuration says. */
export async function clientOptions(config: Config, input: Input, signal: AbortSignal): Promise<ClientOptions> {
  const host = config.text("kv.conn.host", "localhost")!;
  const isUrl = host.includes("://");
  if (isUrl && !/^(tcp|tls|wss?):\/\//.test(host)) {
    throw new CommandError(
      `Error: kv.conn.host begins with tcp, tls, ws or wss if it is an address, unlike ${host}`,
      2,
    );
  }
  const at = isUrl ? { url: host } : { host, port: config.number("kv.conn.port") };
  return {
    ...at,
    tls: await tlsOf(config.get("kv.conn.ssl")),
    name: config.text("kv.conn.name"),
    auth: await loginOf(config.get("kv.conn.auth"), input),
    initTimeoutMs: config.number("kv.conn.init_timeout", 5)! * 1000,
    dynamicConfig: false,
    signal,
  };
}

/**
 * `true`, or a mapping: `ca`, a file with the certificates to trust, `name`, the server's, and `cert` and `key`, files by
 * which this client shows who it is.
 */
export async function tlsOf(ssl: Value | undefined): Promise<ClientOptions["tls"]> {
  if (!isMapping(ssl)) return ssl === true;
  const textAt = async (name: string) => {
    const file = getAt(ssl, [name]);
    return typeof file === "string" ? await Deno.readTextFile(file) : undefined;
  };
  const [ca, cert, key] = await Promise.all(["ca", "cert", "key"].map(textAt));
  if ((cert === undefined) !== (key === undefined)) {
    throw new CommandError("Error: kv.conn.ssl has cert and key, or neither", 2);
  }
  const name = getAt(ssl, ["name"]);
  return {
    ...(ca === undefined ? {} : { caCerts: [ca] }),
    ...(typeof name === "string" ? { serverName: name } : {}),
    ...(cert === undefined ? {} : { cert, key }),
  };
}

/** The login that the configuration describes. */
export async function loginOf(auth: Value | undefined, input: Input): Promise<Login | undefined> {
  if (auth === undefined || auth === null) return undefined;
  const { parseAuth } = await import("./auth_argument.ts");
  const { method, fields } = await parseAuth(auth, {
    secret: (prompt) => input.secret(prompt),
    read: (file) => Deno.readTextFile(file),
  });
  const logins = await import("../login.ts");
  const text = (name: string): string => {
    const value = fields[name];
    if (value === undefined) throw new CommandError(`ValidationError: '${name}' is a required property`);
    return String(value);
  };
  switch (method) {
    case "root":
      return logins.rootLogin();
    case "_test":
      return logins.testLogin(text("name"));
    case "password":
      return logins.passwordLogin(text("name"), text("password"));
    case "token":
      return logins.tokenLogin(text("token"));
    default:
      throw new CommandError(`NoAuthModuleError: ${method}`);
  }
}

/** The original's words for a server that is not there. */
function unreachable(error: ConnectionError, config: Config): CommandError {
  const host = String(config.get("kv.conn.host"));
  const at = host.includes("://") ? host : `${host}:${config.get("kv.conn.port")}`;
  const cause = error.cause instanceof Error ? error.cause : error;
  if (/lookup|resolve|not known/i.test(cause.message)) {
    return new CommandError(`ServerConnectionError: ('${host}', ${config.get("kv.conn.port")})`, 1, {
      cause: error,
      hint: `There is no host of the name ${host}. Name another with: moat kv -h HOST -p PORT …`,
    });
  }
  const isRefused = cause instanceof Deno.errors.ConnectionRefused;
  return new CommandError(`OSError: ${isRefused ? "All connection attempts failed" : error.message}`, 1, {
    cause: error,
    hint: `No server answers at ${at}. Start one with: moat kv server`,
  });
}
