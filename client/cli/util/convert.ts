/**
 * Converts values between JSON, YAML, CBOR, msgpack and Python literals.
 *
 * @module
 */

import { encode } from "../../../wire/msgpack/encoder.ts";
import { Float, type Value } from "../../../wire/value.ts";
import type { CliContext, Input } from "../context.ts";
import { CommandError } from "../errors.ts";
import { entriesOf, isMapping, mappingOf } from "../mapping.ts";
import type { Format } from "./formats.ts";
import { recordsOf } from "./records.ts";

/** What is converted. */
export interface Conversion {
  readonly from: Format;
  readonly to: Format;
  /** A file's name; `-` is standard input */
  readonly input: string;
  /** A file's name; `-` is standard output */
  readonly output: string;
  /** Any number of values instead of exactly one */
  readonly stream: boolean;
}

/** Reads values, writes values. @throws {CommandError} If the input is not of its format, or its file is not there */
export async function convert(context: CliContext, conversion: Conversion): Promise<void> {
  const { from, to, input, output, stream } = conversion;
  const values = read(context, from, input, stream);
  const write = await writer(to, stream);
  using sink = openSink(context, output);
  let count = 0;
  for await (const value of values) {
    context.signal.throwIfAborted();
    if (++count > 1 && !stream) throw new CommandError("The input holds more than one value: use -s");
    sink.write(write(value));
  }
  if (count === 0 && !stream) throw new CommandError("The input is empty");
}

/** Writes YAML documents to a msgpack file. */
export async function writeDocuments(context: CliContext, file: string): Promise<void> {
  await convert(context, { from: "yaml", to: "msgpack", input: "-", output: file, stream: true });
}

function openSink(context: CliContext, file: string): Disposable & { write(data: string | Uint8Array): void } {
  if (file === "-") return { write: (data) => context.stdout.write(data), [Symbol.dispose]: () => {} };
  let target: Deno.FsFile;
  try {
    target = Deno.openSync(file, { write: true, create: true, truncate: true });
  } catch (error) {
    throw new CommandError(`Cannot write ${file}: ${reason(error)}`, 1, { cause: error });
  }
  return {
    write(data) {
      let bytes = typeof data === "string" ? new TextEncoder().encode(data) : data;
      while (bytes.length > 0) bytes = bytes.subarray(target.writeSync(bytes));
    },
    [Symbol.dispose]: () => target.close(),
  };
}

/** The system's words without its number. */
export function reason(error: unknown): string {
  return error instanceof Error ? error.message.replace(/ \(os error \d+\).*/s, "") : String(error);
}

async function* read(context: CliContext, format: Format, file: string, stream: boolean): AsyncGenerator<Value> {
  if (format === "msgpack") {
    for await (const { value } of recordsOf(file, context.stdin)) yield value;
    return;
  }
  if (format === "cbor") return yield* readCbor(file, context.stdin);
  const text = await textOf(file, context.stdin);
  const parse = await parser(format, context);
  const parts = stream && format !== "yaml" ? text.split("\n").filter((line) => line.trim() !== "") : [text];
  for (const part of parts) {
    try {
      yield* parse(part);
    } catch (error) {
      if (error instanceof CommandError) throw error;
      throw new CommandError(`The input is no ${format}: ${reason(error)}`, 1, { cause: error });
    }
  }
}

async function* readCbor(file: string, stdin: Input): AsyncGenerator<Value> {
  const { decodeCbor } = await import("./cbor.ts");
  const bytes = file === "-" ? await stdin.bytes() : await Deno.readFile(file).catch((error) => {
    throw new CommandError(`Cannot read ${file}: ${reason(error)}`, 1, { cause: error });
  });
  try {
    yield* decodeCbor(bytes);
  } catch (error) {
    throw new CommandError(`The input is no cbor: ${reason(error)}`, 1, { cause: error });
  }
}

async function textOf(file: string, stdin: Input): Promise<string> {
  if (file === "-") return await stdin.text();
  return await Deno.readTextFile(file).catch((error) => {
    throw new CommandError(`Cannot read ${file}: ${reason(error)}`, 1, { cause: error });
  });
}

/** Formats that are text. */
type TextFormat = Exclude<Format, "msgpack" | "cbor">;

type Parser = (text: string) => Iterable<Value>;

async function parser(format: TextFormat, context: CliContext): Promise<Parser> {
  if (format === "json") return (text) => [parseJson(text)];
  if (format === "python") {
    const { evaluate } = await import("../expression.ts");
    return (text) => [evaluate(text)];
  }
  const { parseYaml } = await import("../output/yaml_parse.ts");
  // What ends with a `---` line has no further, empty document.
  return (text) =>
    parseYaml(text.replace(/^---\s*$(?![\s\S])/m, ""), { env: (name) => context.env(name) }).map(({ value }) => value);
}

type Writer = (value: Value) => string | Uint8Array;

async function writer(format: Format, stream: boolean): Promise<Writer> {
  switch (format) {
    case "msgpack":
      return encode;
    case "cbor": {
      const { encodeCbor } = await import("./cbor.ts");
      return (value) => cborOf(encodeCbor, value);
    }
    case "python": {
      const { pythonText } = await import("./python_text.ts");
      return (value) => pythonText(value) + "\n";
    }
    case "json": {
      const { formatJson } = await import("../output/json_format.ts");
      return (value) => (stream ? formatJson(value) : indentJson(formatJson(value))) + "\n";
    }
    case "yaml": {
      const { formatYaml } = await import("../output/yaml_format.ts");
      return (value) => formatYaml(value) + (stream ? "---\n" : "");
    }
  }
}

function cborOf(encodeCbor: (value: Value) => Uint8Array, value: Value): Uint8Array {
  try {
    return encodeCbor(value);
  } catch (error) {
    throw new CommandError(`Cannot write this as cbor: ${reason(error)}`, 1, { cause: error });
  }
}

/** Reads JSON as this program prints it: integers stay whole, `12.0` stays a float, `{"$bytes": …}` is bytes. */
export function parseJson(text: string): Value {
  const revive = (_key: string, value: unknown, context?: { source?: string }): unknown => {
    if (typeof value === "number") return numberOf(value, context?.source ?? String(value));
    if (!isMapping(value as Value)) return value;
    const entries = entriesOf(value as { [key: string]: Value });
    const [key, content] = entries[0] ?? [];
    if (entries.length === 1 && key === "$bytes" && typeof content === "string") return Uint8Array.fromBase64(content);
    return mappingOf(entries);
  };
  return JSON.parse(text, revive) as Value;
}

function numberOf(value: number, source: string): Value {
  if (/[.eE]/.test(source)) return Number.isInteger(value) ? new Float(value) : value;
  return Number.isSafeInteger(value) ? value : BigInt(source);
}

/** Breaks one line of JSON into indented ones. */
export function indentJson(line: string): string {
  let depth = 0;
  return line.replace(/"(?:[^"\\]|\\.)*"|[[{](?=[\]}])|[\]}]|[[{,:]/g, (token, at: number) => {
    const closesEmpty = /[[{]/.test(line[at - 1] ?? "") && /[\]}]/.test(token);
    if (token.startsWith('"') || closesEmpty) return token;
    if (token === ":") return ": ";
    if (token === ",") return ",\n" + "  ".repeat(depth);
    if (/[\]}]/.test(token)) return "\n" + "  ".repeat(--depth) + token;
    return /[\]}]/.test(line[at + 1]) ? token : token + "\n" + "  ".repeat(++depth);
  });
}
