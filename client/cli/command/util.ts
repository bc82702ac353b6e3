/**
 * `util`: small tools that need no server.
 *
 * @module
 */

import { parsePath } from "../../../wire/path/parse.ts";
import { Path, type PathInput } from "../../../wire/path/path.ts";
import { printLiteral } from "../../../wire/path/print.ts";
import type { CliContext } from "../context.ts";
import { alias } from "../util/alias.ts";
import { type Format, formats } from "../util/formats.ts";
import { printConfig } from "../util/print_config.ts";
import type { MoatCommand } from "../options.ts";
import { registerTo } from "../util/to.ts";

/** Adds the `util` group. */
export function register(parent: MoatCommand, context: CliContext): void {
  const util = parent.command("util").helpCommand(false).description("Tools that need no server.")
    .examples(
      ["moat util to 9 h", "seconds until nine o'clock"],
      ["moat util path -d a.b:3", "what a path consists of"],
      ["moat util cfg kv.conn", "part of the configuration"],
    );
  registerTo(util, context);
  registerConvert(util, context);
  registerPath(util, context);
  util.command("cfg").summary("print parts of the configuration").description(
    "Print parts of the configuration, defaults included. Text is printed bare.",
  )
    .argument("<paths...>", "such as kv.conn.host; : is all of it")
    .option("-y, --yaml", "print text as YAML, too")
    .option("-e, --empty", "print an empty line if there is no such entry, instead of failing")
    .examples(
      ["moat util cfg kv.conn.host", "localhost"],
      ["moat util cfg kv.server", "what the server would use"],
      ["moat util cfg :", "everything"],
    )
    .action(async (paths: string[], options: { yaml?: boolean; empty?: boolean }) => {
      await printConfig(context, paths, { yaml: options.yaml, emptyIfMissing: options.empty });
    });
}

function registerConvert(util: MoatCommand, context: CliContext): void {
  util.command("msgpack").summary("convert YAML to msgpack, or back").description(
    "Convert YAML documents to msgpack on standard output, or back with -d.",
  )
    .argument("<file>", "file to read; - is standard input")
    .option("-d, --decode", "msgpack to YAML")
    .examples(
      ["moat util msgpack some.yaml > some.msgpack", "one msgpack value for each document"],
      ["moat util msgpack -d some.msgpack", "YAML documents, each ended by ---"],
    )
    .action(async (file: string, options: { decode?: boolean }) => {
      const { convert } = await import("../util/convert.ts");
      const [from, to] = options.decode ? ["msgpack", "yaml"] as const : ["yaml", "msgpack"] as const;
      await convert(context, { from, to, input: file, output: "-", stream: true });
    });
  const command = util.command("convert").summary("convert between json, yaml, cbor, msgpack, python").description(
    "Convert between formats: json, yaml, cbor, msgpack, python (literals).\n\n" +
      'What JSON lacks is written as text or as {"$bytes": …}; YAML has tags (!P !bin !hex) for paths and bytes.',
  )
    .option("-d, --decode <format>", "format of the input (default: json)")
    .option("-e, --encode <format>", "format of the output (default: yaml)")
    .option("-i, --input <file>", "file to read (default: standard input)")
    .option("-o, --output <file>", "file to write (default: standard output)")
    .option("-s, --stream", "any number of values instead of exactly one")
    .examples(
      ["moat util convert -i a.json", "JSON to YAML"],
      ["moat util convert -s -d msgpack -e json -i a.state", "a line of JSON for each record"],
    )
    .action(async (options: ConvertWords, command: MoatCommand) => {
      const { convert } = await import("../util/convert.ts");
      await convert(context, {
        from: format(options.decode ?? "json", command),
        to: format(options.encode ?? "yaml", command),
        input: options.input ?? "-",
        output: options.output ?? "-",
        stream: options.stream ?? false,
      });
    });
  for (
    const [word, meaning] of [["--dec", "--decode"], ["--enc", "--encode"], ["--in", "--input"], ["--out", "--output"]]
  ) {
    alias(command, `${word} <word>`, meaning);
  }
}

interface ConvertWords {
  decode?: string;
  encode?: string;
  input?: string;
  output?: string;
  stream?: boolean;
}

function format(name: string, command: MoatCommand): Format {
  const found = formats.find((format) => format === name);
  return found ?? command.refuse(`I convert ${formats.join(", ")}, not '${name}'.`);
}

function registerPath(util: MoatCommand, context: CliContext): void {
  util.command("path").summary("show what a path consists of").description(
    "Show what a path consists of, or how a list of elements is written as a path.",
  )
    .argument("[args...]", "paths, or Python lists")
    .option("-d, --decode", "path to Python list")
    .option("-e, --encode", "Python list to path")
    .examples(
      ["moat util path -d a.b:3", "['a', 'b', 3]"],
      ["moat util path -e \"['a', 'b', 3]\"", "a.b:3"],
    )
    .action(async (args: string[], options: { decode?: boolean; encode?: boolean }, command: MoatCommand) => {
      if (args.length === 0) command.help();
      if (options.decode === options.encode) {
        command.refuse(options.decode ? "Use either -e or -d, not both." : "Need -e or -d option.");
      }
      const { evaluate } = await import("../expression.ts");
      for (const text of args) {
        const line = options.decode ? listText(parsePath(text)) : toPath(evaluate(text), command).toString();
        context.stdout.write(line + "\n");
      }
    });
}

function listText(path: Path): string {
  return `[${path.elements.map(printLiteral).join(", ")}]`;
}

function toPath(elements: unknown, command: MoatCommand): Path {
  if (!Array.isArray(elements)) command.refuse("A list of path elements is needed, such as ['a', 1].");
  return Path.from(elements as PathInput[]);
}
