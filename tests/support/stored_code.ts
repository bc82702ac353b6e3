/** Stored code for tests: short ways to compile it and to see what came of it. */

import { decode, encode, type Value } from "../../wire/mod.ts";
import {
  type Compiled,
  type Program,
  type ProgramContext,
  type Sandbox,
  SandboxError,
} from "../../server/meta/sandbox/sandbox.ts";

/** A conversion in `lang`. */
export function conversion(lang: Program["lang"], code: string, name: string = `codec ${lang}`): Program {
  return { lang, code, schema: undefined, purpose: "convert", name };
}

/** A check in `lang`. */
export function checkOf(lang: Program["lang"], code: string, name: string = `type ${lang}`): Program {
  return { lang, code, schema: undefined, purpose: "check", name };
}

/** A check by a schema. */
export function schemaOf(schema: Value, name: string = "type schema"): Program {
  return { lang: "python", code: undefined, schema: encode(schema), purpose: "check", name };
}

/** Converts one value. */
export async function convert(
  sandbox: Sandbox,
  compiled: Compiled,
  value: Value,
  context?: ProgramContext,
): Promise<Value> {
  return decode(await sandbox.convert(compiled, encode(value), context));
}

/** `ok`, or the error as `kind: text`. */
export async function outcomeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return "ok";
  } catch (error) {
    if (!(error instanceof SandboxError)) throw error;
    return `${error.kind}: ${error.text}`;
  }
}

/** Compiles and runs a conversion of `value`: the result as JSON, or the error. */
export async function attempt(sandbox: Sandbox, program: Program, value: Value = 1): Promise<string> {
  let result: Value = null;
  const outcome = await outcomeOf((async () => {
    const compiled = await sandbox.compile(program);
    result = await convert(sandbox, compiled, value);
    sandbox.release(compiled);
  })());
  return outcome === "ok" ? JSON.stringify(result, (_, v) => typeof v === "bigint" ? `${v}n` : v) : outcome;
}
