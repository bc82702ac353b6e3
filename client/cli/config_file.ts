/**
 * Configuration files: where they are, and how they are read.
 *
 * @module
 */

import { CommandError, UsageError } from "./errors.ts";
import { combine, entriesOf, isMapping, mappingOf } from "./mapping.ts";
import type { ConfigMap } from "./context.ts";
import type { Value } from "../../wire/value.ts";
import { checkConfig } from "./config_check.ts";

/** What reading needs of the system. */
export interface ConfigSource {
  /** The text of a file; `undefined` if there is none. */
  read(file: string): Promise<string | undefined>;
  /** An environment variable. */
  env(name: string): string | undefined;
  /** Says something that is wrong but does no harm. */
  warn(text: string): void;
}

/** The files that are looked for, in this order; the first one is used. `MOAT_CFG` replaces them. */
export function searchPath(env: (name: string) => string | undefined): string[] {
  const named = env("MOAT_CFG");
  if (named !== undefined) return named === "" ? [] : [named];
  const home = env("HOME") ?? env("USERPROFILE");
  const own = home === undefined ? [] : ["config/moat.cfg", ".config/moat.cfg", ".moat.cfg"].map((f) => `${home}/${f}`);
  return [...own, "/etc/moat/moat.cfg", "/etc/moat.cfg"];
}

/** A configuration file's content. */
export interface ConfigFile {
  readonly name: string;
  readonly content: ConfigMap;
}

/**
 * Reads the named files, or without any the first one that is found.
 * @throws {UsageError} If a named file is not there
 * @throws {CommandError} If a file is wrong; the message says where
 */
export async function readConfigFiles(named: readonly string[], source: ConfigSource): Promise<ConfigFile[]> {
  if (named.length === 0) {
    for (const name of searchPath(source.env)) {
      const text = await source.read(name);
      if (text !== undefined) return [await parseConfigFile(name, text, source)];
    }
    return [];
  }
  const files: ConfigFile[] = [];
  for (const name of named) {
    const text = await source.read(name);
    if (text === undefined) throw new UsageError(`Invalid value for '-c' / '--cfg': File '${name}' does not exist.`);
    files.push(await parseConfigFile(name, text, source));
  }
  return files;
}

async function parseConfigFile(name: string, text: string, source: ConfigSource): Promise<ConfigFile> {
  if (/^(?:\s*(?:#.*)?\n)*\s*(?:#.*)?$/.test(text)) return { name, content: {} };
  const { parseYaml, YamlError } = await import("./output/yaml_parse.ts");
  try {
    const documents = parseYaml(text, { env: source.env });
    const value = documents[0]?.value ?? {};
    if (documents.length > 1) throw new CommandError(`${name}: more than one document`, 2);
    if (!isTextMapping(value)) throw new CommandError(`${name}:1: a mapping such as 'kv:' is expected`, 2);
    const problems = checkConfig(value);
    for (const { place, text, fatal } of problems) {
      const line = `${name}:${documents[0].lineOf(place)}: ${text}`;
      if (fatal) throw new CommandError(line, 2);
      source.warn(line);
    }
    return { name, content: withoutNulls(renamed(value)) as ConfigMap };
  } catch (error) {
    if (!(error instanceof YamlError)) throw error;
    throw new CommandError(`${name}:${error.line}:${error.column}: ${error.reason}`, 2, { cause: error });
  }
}

function isTextMapping(value: Value): value is ConfigMap {
  return isMapping(value) && entriesOf(value).every(([key]) => typeof key === "string");
}

/** `connect` is the old name of `conn`. */
function renamed(content: ConfigMap): ConfigMap {
  const { kv } = content;
  if (!isMapping(kv)) return content;
  const entries = entriesOf(kv);
  const old = entries.find(([key]) => key === "connect")?.[1];
  if (old === undefined) return content;
  const rest = mappingOf(entries.filter(([key]) => key !== "connect"));
  return { ...content, kv: combine(rest, { conn: old }) };
}

/** An empty place in a file leaves the default as it is. */
function withoutNulls(value: Value): Value {
  if (!isMapping(value)) return value;
  const entries = entriesOf(value).filter(([, item]) => item !== null);
  return mappingOf(entries.map(([key, item]) => [key, withoutNulls(item)] as const));
}
