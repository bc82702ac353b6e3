/**
 * The login as it is given: `-a "METHOD key=value …"` or `-a =FILE`.
 *
 * | item | means |
 * | --- | --- |
 * | `k=v` | a text, or a number if it looks like one |
 * | `k?` | asked for without echo, as `k? ` |
 * | `k?=Label` | asked for without echo, as `Label: ` |
 *
 * Source: `spec/cli.md` 1.2.
 *
 * @module
 */

import type { Value } from "../../wire/value.ts";
import { CommandError, UsageError } from "./errors.ts";
import { entriesOf, isMapping } from "./mapping.ts";

/** A method and what it needs to know. */
export interface AuthArgument {
  readonly method: string;
  readonly fields: { readonly [key: string]: Value };
}

/** What reading a login needs. */
export interface AuthSource {
  /** Asks without echo; `undefined` if the person gives up. */
  secret(prompt: string): Promise<string | undefined>;
  /** The text of a file. */
  read(file: string): Promise<string>;
}

/**
 * Reads a login; `value` may also be a mapping with a `type`, as configuration files have it.
 * @throws {UsageError} If it is none
 */
export async function parseAuth(value: Value, source: AuthSource): Promise<AuthArgument> {
  if (isMapping(value)) return fromMapping(value);
  if (typeof value !== "string") throw new UsageError("The login should be a text such as '_test name=joe'.");
  if (value.startsWith("=")) return await fromFile(value.slice(1), source);
  const [method, ...items] = value.split(" ").filter((item) => item !== "");
  if (method === undefined) throw new UsageError("The login should begin with a method.");
  return { method, fields: await authFields(items, source) };
}

/** Whether somebody is asked for a part of a login. */
export function isAsked(value: Value): boolean {
  return typeof value === "string" && !value.startsWith("=") && value.split(" ").some((item) => /^[^=?]+\?/.test(item));
}

/** Reads `k=v`, `k?` and `k?=Label` items. @throws {UsageError} If one is something else */
export async function authFields(items: readonly string[], source: AuthSource): Promise<{ [key: string]: Value }> {
  const fields: { [key: string]: Value } = {};
  for (const [i, item] of items.entries()) {
    const match = /^([^=?]+)(\?)?(?:=(.*))?$/s.exec(item);
    if (!match || match[2] === undefined && match[3] === undefined) {
      // It may be a password.
      throw new UsageError(`A login consists of key=value items; number ${i + 1} is none.`);
    }
    const [, key, asks, text] = match;
    fields[key] = asks ? await ask(text === undefined ? `${key}? ` : `${text}: `, source) : numberOrText(text);
  }
  return fields;
}

async function ask(prompt: string, source: AuthSource): Promise<string> {
  const answer = await source.secret(prompt);
  if (answer === undefined) throw new CommandError("Aborted!");
  return answer;
}

function numberOrText(text: string): Value {
  const n = Number(text);
  // As a password, 007 and 7 are two.
  return Number.isSafeInteger(n) && String(n) === text ? n : text;
}

async function fromFile(file: string, source: AuthSource): Promise<AuthArgument> {
  const { parseYaml } = await import("./output/yaml_parse.ts");
  const value = parseYaml(await source.read(file))[0]?.value ?? null;
  if (!isMapping(value)) throw new UsageError(`The file '${file}' should hold a mapping with a 'type'.`);
  return fromMapping(value);
}

function fromMapping(value: Parameters<typeof entriesOf>[0]): AuthArgument {
  const { type, ...fields } = Object.fromEntries(entriesOf(value)) as { [key: string]: Value };
  if (typeof type !== "string") throw new UsageError("The login should have a 'type': the method.");
  return { method: type, fields };
}
