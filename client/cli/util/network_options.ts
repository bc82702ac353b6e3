/**
 * From the configuration to how a server reaches others.
 *
 * | key | |
 * | --- | --- |
 * | `kv.server.backend` | `mqtt`, `serf`, or `none` |
 * | `kv.server.mqtt` | `uri`, `user`, `password`, the files `ca`, `cert`, `key`; `embedded`: a port, or false |
 * | `kv.server.serf` | `host`, `port`, `auth` |
 * | `kv.server.announce` | `HOST:PORT`, where other servers reach this one's clients' port |
 * | `kv.hostmap`, `kv.domain` | where other nodes are, if they do not say |
 * | `kv.server.ping`, `kv.server.delete` | `cycle`, `gap`, `version` of the elections, as on servers of the original |
 * | `kv.server.change.length` | how much of an entry's history an update tells |
 * | `kv.conn.auth`, `kv.conn.ssl` | how to log in there |
 *
 * @module
 */

import { Path } from "../../../wire/path/path.ts";
import type { Value } from "../../../wire/value.ts";
import type { Config, Input } from "../context.ts";
import { isAsked } from "../auth_argument.ts";
import { UsageError } from "../errors.ts";
import { entriesOf, isMapping } from "../mapping.ts";

type BrokerOptions = import("../../../server/config.ts").BrokerOptions;
type OriginalsOptions = import("../../../server/config.ts").OriginalsOptions;
type PeerOptions = import("../../../server/config.ts").PeerOptions;
type SerfOptions = import("../../../server/config.ts").SerfOptions;

/** How servers reach each other. @throws {UsageError} If the configuration makes no sense */
export async function networkOptions(config: Config): Promise<{ broker?: BrokerOptions | false; serf?: SerfOptions }> {
  const backend = config.isGiven("kv.server.backend") ? config.text("kv.server.backend") : "mqtt";
  switch (backend) {
    case "none":
      return { broker: false };
    case "serf":
      return { serf: serfOptions(config) };
    case "mqtt": {
      const broker = await brokerOptions(config);
      return broker === undefined ? {} : { broker };
    }
  }
  throw new UsageError(`kv.server.backend should be mqtt, serf or none, unlike ${backend}.`);
}

async function brokerOptions(config: Config): Promise<BrokerOptions | false | undefined> {
  const options: BrokerOptions = {};
  const given = (key: string) => config.isGiven(`kv.server.mqtt.${key}`);
  for (const key of ["uri", "user", "password"] as const) {
    if (given(key)) options[key] = config.text(`kv.server.mqtt.${key}`);
  }
  for (const key of ["ca", "cert", "key"] as const) {
    const file = given(key) ? config.text(`kv.server.mqtt.${key}`) : undefined;
    if (file !== undefined) options[key] = await textOf(file, `kv.server.mqtt.${key}`);
  }
  if (options.uri === undefined && given("embedded")) {
    if (config.get("kv.server.mqtt.embedded") === false) return false;
    options.embeddedPort = config.number("kv.server.mqtt.embedded");
  }
  return Object.keys(options).length === 0 ? undefined : options;
}

function serfOptions(config: Config): SerfOptions {
  return {
    host: config.text("kv.server.serf.host"),
    port: config.number("kv.server.serf.port"),
    ...(config.isGiven("kv.server.serf.auth") ? { auth: config.text("kv.server.serf.auth") } : {}),
  };
}

/** How a server lives with servers of the original. */
export function originalsOptions(config: Config): OriginalsOptions | undefined {
  const options: OriginalsOptions = {};
  for (const election of ["ping", "delete"] as const) {
    for (const key of ["cycle", "gap", "version"] as const) {
      const place = `kv.server.${election}.${key}`;
      if (config.isGiven(place)) options[election] = { ...options[election], [key]: config.number(place) };
    }
  }
  if (config.isGiven("kv.server.change.length")) options.links = config.number("kv.server.change.length");
  return Object.keys(options).length === 0 ? undefined : options;
}

/**
 * How a server copies from others; undefined if nothing is said. A login that asks for a password is for people: a server
 * asks at its start if it is told to copy, and else does without, because nobody sits there when a machine starts.
 * @param nodes Those to copy from
 */
export async function peerOptions(
  config: Config,
  nodes: readonly string[],
  input: Input,
): Promise<PeerOptions | undefined> {
  const given = (key: string) => config.isGiven(key) ? config.get(key) : undefined;
  const options: PeerOptions = {};
  if (nodes.length > 0) options.from = nodes;
  const auth = given("kv.conn.auth") ?? null;
  if (auth !== null && (nodes.length > 0 || !isAsked(auth))) options.auth = await (await login())(auth, input);
  if (given("kv.conn.ssl")) options.tls = await (await import("../connect.ts")).tlsOf(given("kv.conn.ssl"));
  const hostmap = given("kv.hostmap");
  if (hostmap !== undefined) options.hostmap = hostmapOf(hostmap, config);
  const domain = given("kv.domain");
  if (typeof domain === "string") options.domain = domain;
  const announce = given("kv.server.announce");
  if (announce !== undefined) options.announce = placeOf(announce, "kv.server.announce");
  return Object.keys(options).length === 0 ? undefined : options;
}

async function login(): Promise<typeof import("../connect.ts").loginOf> {
  return (await import("../connect.ts")).loginOf;
}

/** Without the examples of the defaults. */
function hostmapOf(value: Value, config: Config): Record<string, [string, number]> {
  if (!isMapping(value)) throw new UsageError("kv.hostmap should be a mapping.");
  const given = entriesOf(value).filter(([node]) => config.isGiven(Path.of("kv", "hostmap", String(node))));
  return Object.fromEntries(given.map(([node, place]) => [String(node), placeOf(place, `kv.hostmap.${node}`)]));
}

/** `[HOST, PORT]`, `HOST:PORT` or `HOST`. */
function placeOf(value: Value, where: string): [string, number] {
  const defaultPort = 27586;
  if (Array.isArray(value) && typeof value[0] === "string") {
    const port = Number(value[1] ?? defaultPort);
    if (value.length <= 2 && isPort(port)) return [value[0], port];
  }
  const [, host, port] = typeof value === "string" ? /^\[?([^\]]+?)\]?(?::(\d+))?$/.exec(value) ?? [] : [];
  if (host !== undefined && isPort(Number(port ?? defaultPort))) return [host, Number(port ?? defaultPort)];
  throw new UsageError(`${where} should be a host and a port.`);
}

function isPort(port: number): boolean {
  return Number.isInteger(port) && port > 0 && port < 65536;
}

async function textOf(file: string, what: string): Promise<string> {
  return await Deno.readTextFile(file).catch((error) => {
    throw new UsageError(`${what}: cannot read ${file}: ${error.message}.`);
  });
}
