/**
 * The record of a type, from what the command line gives.
 *
 * @module
 */

import type { Value } from "../../../wire/value.ts";
import type { CliContext } from "../context.ts";
import { entriesOf, isMapping, mappingOf } from "../mapping.ts";
import type { MoatCommand } from "../options.ts";
import { askScript, type Language, textOf } from "../util/source_text.ts";

/** What says what a type checks. */
export interface RecordOptions {
  readonly script?: string;
  readonly schema?: string;
  readonly yaml?: boolean;
  readonly data?: string;
  readonly lang: string;
}

/** The fields that the options give. Without any source the code is read from standard input. */
export async function recordFrom(
  context: CliContext,
  options: RecordOptions,
  command: MoatCommand,
): Promise<Map<Value, Value>> {
  const { script, schema, data } = options;
  const lang = languageOf(options.lang, command);
  if ([script, schema, data].filter((file) => file === "-").length > 1) {
    command.refuse("Only one of the files can be standard input.");
  }
  const record = new Map<Value, Value>(data === undefined ? [] : await fieldsIn(context, data, command));
  if (script !== undefined) {
    if (record.has("code")) command.refuse("Duplicate script");
    record.set("code", await textOf(context, script));
  }
  if (schema !== undefined) record.set("schema", await schemaIn(context, schema, options.yaml ?? false, command));
  if (script === undefined && schema === undefined && data === undefined) {
    record.set("code", await askScript(context, "verify", lang));
  }
  if (lang === "js") record.set("lang", lang);
  return record;
}

/** The language that `--lang` names. */
export function languageOf(lang: string, command: MoatCommand): Language {
  if (lang === "python" || lang === "js") return lang;
  return command.refuse(`Invalid value for '--lang': '${lang}'. It should be python or js.`);
}

/** The fields of a record in a YAML file. */
export async function fieldsIn(context: CliContext, file: string, command: MoatCommand): Promise<[Value, Value][]> {
  const value = await readYaml(context, file);
  return isMapping(value) ? entriesOf(value) : command.refuse(`${file} does not hold a mapping.`);
}

async function schemaIn(context: CliContext, file: string, isYaml: boolean, command: MoatCommand): Promise<Value> {
  if (isYaml) return await readYaml(context, file);
  try {
    return JSON.parse(await textOf(context, file)) as Value;
  } catch (error) {
    if (error instanceof SyntaxError) command.refuse(`${file} is no JSON: ${error.message}. Is it YAML (-y)?`);
    throw error;
  }
}

async function readYaml(context: CliContext, file: string): Promise<Value> {
  const { parseYaml } = await import("../output/yaml_parse.ts");
  return parseYaml(await textOf(context, file))[0]?.value ?? null;
}

/** A record as a value. */
export function valueOfRecord(record: ReadonlyMap<Value, Value>): Value {
  return mappingOf(record);
}
