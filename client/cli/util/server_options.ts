/**
 * From the words of `server` and the configuration to what a server is started with.
 *
 * @module
 */

import type { Value } from "../../../wire/value.ts";
import type { Config, Input } from "../context.ts";
import { entriesOf, isMapping } from "../mapping.ts";
import { UsageError } from "../errors.ts";
import { type ListenWords, parseListen } from "./listen_words.ts";
import { networkOptions, originalsOptions, peerOptions } from "./network_options.ts";

type ServerOptions = import("../../../server/config.ts").ServerOptions;
type ListenOptions = import("../../../server/config.ts").ListenOptions;
type WebOptions = import("../../../server/config.ts").WebOptions;
type FsyncPolicy = import("../../../server/config.ts").FsyncPolicy;

/** The options of `server` as they were given. */
export interface ServerWords {
  i?: string;
  init?: string;
  eval?: boolean;
  load?: string[];
  save?: string;
  incremental?: boolean;
  authoritative?: boolean;
  force?: boolean;
  alone?: boolean;
  join?: boolean;
  unlock?: boolean;
  data?: string;
  memory?: boolean;
  fsync?: FsyncPolicy;
  bind?: string[];
  web?: string;
  tlsCert?: string;
  tlsKey?: string;
  tlsClientCa?: string;
  tlsClientRequired?: boolean;
}

/** Certificates as text. */
type Tls = NonNullable<ListenOptions["tls"]>;

/**
 * What does not go together.
 * @throws {UsageError}
 */
export function checkServerWords(words: ServerWords, nodes: readonly string[]): void {
  const conflicts: readonly [boolean, string][] = [
    [words.load !== undefined && nodes.length > 0, "Either read from a file or fetch from a node. Not both."],
    [!!words.authoritative && !!words.force, "Using both '-a' and '-f' is redundant. Choose one."],
    [words.i !== undefined && words.init !== undefined, "'-i' and '-I' mean the same: give one of them."],
    [!!words.eval && words.i === undefined && words.init === undefined, "'-e' needs a value to evaluate: '-i VALUE'."],
    [words.data !== undefined && !!words.memory, "'--data' and '--memory' are mutually exclusive."],
    [!!words.alone && !!words.join, "'--alone' and '--join' are mutually exclusive."],
    [(words.tlsCert === undefined) !== (words.tlsKey === undefined), "'--tls-cert' and '--tls-key' need each other."],
    [words.tlsClientCa !== undefined && words.tlsCert === undefined, "'--tls-client-ca' needs '--tls-cert'."],
    [!!words.tlsClientRequired && words.tlsClientCa === undefined, "'--tls-client-required' needs '--tls-client-ca'."],
    [!!words.incremental && words.save === undefined, "'--incremental' needs a file to write to: '-s FILE'."],
  ];
  const found = conflicts.find(([isSo]) => isSo);
  if (found) throw new UsageError(found[1]);
}

/**
 * Combines words and configuration.
 * @throws {UsageError} If a word, a file that it names, or a place of the configuration is wrong
 */
export async function serverOptions(
  name: string | undefined,
  words: ServerWords,
  config: Config,
  nodes: readonly string[],
  input: Input,
): Promise<ServerOptions> {
  const tls = words.tlsCert === undefined ? undefined : {
    cert: await textOf(words.tlsCert, "--tls-cert"),
    key: await textOf(words.tlsKey!, "--tls-key"),
    ...(words.tlsClientCa === undefined ? {} : { clientCa: await textOf(words.tlsClientCa, "--tls-client-ca") }),
    ...(words.tlsClientRequired ? { clientRequired: true } : {}),
  };
  for (const file of words.load ?? []) await checkReadable(file);
  const listen = words.bind?.map((text) => bound(text, tls)) ?? await configuredListen(config) ?? (tls && [{ tls }]);
  const options: { -readonly [K in keyof ServerOptions]: ServerOptions[K] } = {
    name,
    listen,
    web: await webOf(words.web ?? config.get("kv.server.web"), tls),
    data: words.memory ? false : words.data ?? config.text("kv.server.data"),
    fsync: words.fsync ?? config.text("kv.server.fsync") as FsyncPolicy | undefined,
    load: words.load,
    init: await initialValue(words),
    authoritative: words.authoritative,
    alone: words.alone,
    join: words.join,
    unlock: words.unlock,
    ...await networkOptions(config),
    peers: await peerOptions(config, nodes, input),
    originals: originalsOptions(config),
    root: config.path("kv.server.root")?.toString(),
  };
  for (const key of Object.keys(options) as (keyof ServerOptions)[]) {
    if (options[key] === undefined) delete options[key];
  }
  return options;
}

async function initialValue(words: ServerWords): Promise<Value | undefined> {
  const text = words.i ?? words.init;
  if (text === undefined) return undefined;
  if (text === "-") return null;
  return words.eval ? (await import("../expression.ts")).evaluate(text) : text;
}

function bound(text: string, tls: Tls | undefined): ListenOptions {
  const words = listenWords(text, "--bind");
  if (words.scheme?.startsWith("http")) throw new UsageError("'--bind' is for clients; HTTP has '--web'.");
  if (words.scheme === "tls" && !tls) throw new UsageError(`'${text}' needs '--tls-cert' and '--tls-key'.`);
  return { ...placeOf(words), ...(tls && words.scheme !== "tcp" ? { tls } : {}) };
}

function placeOf({ host, port }: ListenWords): { host?: string; port?: number } {
  return { ...(host === undefined ? {} : { host }), ...(port === undefined ? {} : { port }) };
}

function listenWords(text: string, what: string): ListenWords {
  try {
    return parseListen(text);
  } catch (error) {
    throw new UsageError(`Invalid value for '${what}': ${(error as Error).message}.`);
  }
}

/** `false`: none; a text, or a mapping with host, port, origins, ssl. @param tls What makes it HTTPS, if it is a text */
async function webOf(value: Value | undefined, tls: Tls | undefined): Promise<WebOptions | false | undefined> {
  if (value === undefined || value === true) return undefined;
  if (value === null || value === false || value === "none") return false;
  if (typeof value === "string") {
    const words = listenWords(value, "--web");
    if (words.scheme === "tcp" || words.scheme === "tls") {
      throw new UsageError("'--web' is for HTTP; clients have '--bind'.");
    }
    if (words.scheme === "https" && !tls) throw new UsageError(`'${value}' needs '--tls-cert' and '--tls-key'.`);
    return { ...placeOf(words), ...(words.scheme === "http" ? {} : certificateOf(tls)) };
  }
  if (!isMapping(value)) throw new UsageError("kv.server.web should be HOST:PORT, none, or a mapping.");
  const fields = new Map(entriesOf(value));
  const origins = fields.get("origins");
  return {
    ...place(fields, "kv.server.web"),
    ...certificateOf(await configuredTls(fields.get("ssl"), "kv.server.web")),
    ...(Array.isArray(origins) ? { origins: origins.map(String) } : {}),
  };
}

/** HTTP asks clients for no certificates. */
function certificateOf(tls: Tls | undefined): Pick<WebOptions, "tls"> {
  return tls === undefined ? {} : { tls: { cert: tls.cert, key: tls.key } };
}

/** `kv.server.bind`: a list whose entries are completed from `kv.server.bind_default`. */
async function configuredListen(config: Config): Promise<ListenOptions[] | undefined> {
  if (!config.isGiven("kv.server.bind") && !config.isGiven("kv.server.bind_default")) return undefined;
  const entries = config.get("kv.server.bind");
  if (!Array.isArray(entries)) throw new UsageError("kv.server.bind should be a list.");
  const defaults = new Map<Value, Value>();
  for (const key of ["host", "port", "ssl"]) {
    const value = config.isGiven(`kv.server.bind_default.${key}`)
      ? config.get(`kv.server.bind_default.${key}`)
      : undefined;
    if (value !== undefined) defaults.set(key, value);
  }
  return await Promise.all(entries.map(async (entry) => {
    const fields = new Map([...defaults, ...isMapping(entry) ? entriesOf(entry) : []]);
    const tls = await configuredTls(fields.get("ssl"), "kv.server.bind");
    return { ...place(fields, "kv.server.bind"), ...(tls ? { tls } : {}) };
  }));
}

function place(fields: ReadonlyMap<Value, Value>, where: string): { host?: string; port?: number } {
  const host = fields.get("host") ?? undefined;
  const port = fields.get("port") ?? undefined;
  if (host !== undefined && typeof host !== "string") throw new UsageError(`${where}: host should be a text.`);
  if (port !== undefined && !Number.isInteger(Number(port))) throw new UsageError(`${where}: port should be a number.`);
  return placeOf({
    host: host === "localhost" ? "127.0.0.1" : host,
    port: port === undefined ? undefined : Number(port),
  });
}

/** `false`, or a mapping with the file names `cert` and `key`, perhaps `client_ca` (a file) and `client_required`. */
async function configuredTls(ssl: Value | undefined, where: string): Promise<Tls | undefined> {
  if (ssl === undefined || ssl === null || ssl === false) return undefined;
  const fields = isMapping(ssl) ? new Map(entriesOf(ssl)) : new Map<Value, Value>();
  const [cert, key] = [fields.get("cert"), fields.get("key")];
  if (typeof cert !== "string" || typeof key !== "string") {
    throw new UsageError(`${where}: ssl needs the files 'cert' and 'key'.`);
  }
  const clientCa = fields.get("client_ca");
  return {
    cert: await textOf(cert, "ssl.cert"),
    key: await textOf(key, "ssl.key"),
    ...(typeof clientCa === "string" ? { clientCa: await textOf(clientCa, "ssl.client_ca") } : {}),
    ...(fields.get("client_required") === true ? { clientRequired: true } : {}),
  };
}

async function textOf(file: string, what: string): Promise<string> {
  return await Deno.readTextFile(file).catch((error) => {
    throw new UsageError(`Invalid value for '${what}': cannot read ${file}: ${error.message}.`);
  });
}

/** Looks, and does not open: what is in a pipe can be read once only. */
async function checkReadable(file: string): Promise<void> {
  const stat = await Deno.stat(file).catch(() => undefined);
  if (stat === undefined) throw new UsageError(`Invalid value for '-l': There is no file '${file}'.`);
  if (stat.isDirectory) throw new UsageError(`Invalid value for '-l': '${file}' is a directory.`);
}
