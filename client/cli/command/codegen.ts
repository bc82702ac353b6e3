/**
 * `codegen PATH`: TypeScript interfaces of a subtree, from its types and matches.
 *
 * @module
 */

import { Path } from "../../../wire/path/path.ts";
import type { CliContext } from "../context.ts";
import { getAt } from "../mapping.ts";
import { pathOperand } from "../option_kinds.ts";
import type { MoatCommand } from "../options.ts";

/** Adds `codegen`. */
export function register(parent: MoatCommand, context: CliContext): void {
  parent.command("codegen")
    .description(
      "Print a TypeScript module with the interface of a subtree, made from the types and matches that reach into it: JSON " +
        "schemas become types; where there is only code, the good examples say what they can. The interface has the shape of " +
        "'moat data PATH get -rd_': entries below entries, values under _.",
    )
    .argument("<path>", "the subtree; : is everything", pathOperand)
    .examples(["moat codegen home > home_types.ts", "the interface 'Home'"])
    .action(async (path: Path) => await print(context, path));
}

async function print(context: CliContext, path: Path): Promise<void> {
  const { recordsBelow } = await import("./type_work.ts");
  const { generate } = await import("../codegen/generate.ts");
  const types = (await recordsBelow(context, "type", Path.root)).map(([name, record]) =>
    [String(name), record] as const
  );
  const matches = (await recordsBelow(context, "match", Path.root)).flatMap(([pattern, record]) => {
    const type = getAt(record, ["type"]);
    return type instanceof Path ? [{ pattern, type }] : [];
  });
  context.stdout.write(generate({ path, matches, types: new Map(types) }));
}
