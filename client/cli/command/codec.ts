/**
 * `codec`: what becomes of values on their way between a user and the tree.
 *
 * Source: `spec/cli.md` 1.13.
 *
 * @module
 */

import type { Path } from "../../../wire/path/path.ts";
import type { CliContext } from "../context.ts";
import { codecOperand, groupOperand, pathOperand } from "../option_kinds.ts";
import type { MoatCommand } from "../options.ts";
import type { CodecOptions, ConvertOptions, GetOptions } from "./codec_work.ts";

const work = () => import("./codec_work.ts");

/** Adds the `codec` group. */
export function register(parent: MoatCommand, context: CliContext): void {
  const codec = parent.command("codec")
    .description(
      "Say what becomes of values on their way between a user and the tree. A codec has code for both directions: 'decode' " +
        "makes what is stored of what a user sends, 'encode' the other way round. A group of conversions says which entries " +
        "have which codec; a user's record names the group.",
    )
    .examples(
      [
        `moat codec set -i '"1.5"' 1.5 -o 1.5 '"1.5"' -e enc.py -d dec.py float.str`,
        "numbers that a user sees as text",
      ],
      ["moat codec convert -c float.str texts 'monitor.#.value'", "in the group 'texts', for these entries"],
    );
  registerSet(codec, context);
  registerGet(codec, context);
  registerList(codec, context);
  registerConvert(codec, context);
}

function registerSet(codec: MoatCommand, context: CliContext): void {
  codec.command("set")
    .summary("store a codec")
    .description(
      "Store a codec. Each script is the body of a function of 'value' that returns the result; 'prev' is the entry's present " +
        "value. Without -e, -d and -D both are read from standard input: first the one that encodes, then the one that decodes, " +
        "with a line '---' between them. At least one example for each direction is needed.",
    )
    .pairs("-i, --in <source> <result>", "an example for decoding, as Python literals; repeatable")
    .pairs("-o, --out <source> <result>", "an example for encoding, as Python literals; repeatable")
    .option("-e, --encode <file>", "the code that encodes: from the tree to the user; - is standard input")
    .option("-d, --decode <file>", "the code that decodes: from the user to the tree; - is standard input")
    .option("-D, --data <file>", "the whole record as YAML")
    .option("--lang <language>", "of the code: python or js", "python")
    .argument("<path>", "the codec's name", codecOperand)
    .examples([`moat codec set -i '"1"' 1 -o 1 '"1"' -e enc.py -d dec.py int.str`, "both directions from files"])
    .action(async (path: Path, options: CodecOptions, command: MoatCommand) => {
      await (await work()).setCodec(context, path, options, command);
    });
}

function registerGet(codec: MoatCommand, context: CliContext): void {
  codec.command("get")
    .summary("print a codec")
    .description("Print a codec's record. The code can go to files instead.")
    .option("-e, --encode <file>", "write the code that encodes to this file")
    .option("-d, --decode <file>", "write the code that decodes to this file")
    .option("-s, --script <file>", "write the whole record as YAML to this file")
    .argument("<path>", "the codec's name", codecOperand)
    .examples(["moat codec get float.str", "the record"])
    .action(async (path: Path, options: GetOptions, command: MoatCommand) => {
      await (await work()).getCodec(context, path, options, command);
    });
}

function registerList(codec: MoatCommand, context: CliContext): void {
  codec.command("list")
    .summary("list codecs")
    .description("Print the names of codecs, one on a line; or those codecs and conversions that do not work, and why.")
    .option("--broken", "codecs and conversions that are inactive")
    .argument("[path]", "only here and below", codecOperand)
    .examples(["moat codec list :", "all of them"], ["moat codec list --broken", "what does not work"])
    .action(async (path: Path | undefined, options: { broken?: boolean }) => {
      const { listCodecs } = await work();
      if (options.broken) await (await import("./type_work.ts")).listBroken(context, ["codec", "conv"], path);
      else await listCodecs(context, path);
    });
}

function registerConvert(codec: MoatCommand, context: CliContext): void {
  codec.command("convert")
    .summary("say where a codec is used")
    .description(
      "Say which entries have a codec in a group, or print that. In PATTERN, + stands for one level and # for one or more; of " +
        "several that fit the most specific one counts.",
    )
    .option("-c, --codec <codec>", "the codec", codecOperand)
    .option("-d, --delete", "no more")
    .option("-l, --list", "list the patterns of the group, from PATTERN on; group - lists the groups")
    .argument("<name>", "the group", groupOperand)
    .argument("<path>", "the pattern", pathOperand)
    .examples(
      ["moat codec convert -c float.str texts 'monitor.#.value'", "set it"],
      ["moat codec convert -l texts :", "the patterns of 'texts'"],
      ["moat codec convert -l - :", "all groups"],
    )
    .action(async (name: string, path: Path, options: ConvertOptions, command: MoatCommand) => {
      await (await work()).convert(context, name, path, options, command);
    });
}
