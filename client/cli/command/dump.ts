/**
 * `dump`: tools for state files and the like; most need no server.
 *
 * @module
 */

import { encode } from "../../../wire/msgpack/encoder.ts";
import type { Path } from "../../../wire/path/path.ts";
import type { Value } from "../../../wire/value.ts";
import type { CliContext } from "../context.ts";
import { CommandError } from "../errors.ts";
import { pathOperand } from "../option_kinds.ts";
import type { MoatCommand } from "../options.ts";
import { reason } from "../util/convert.ts";
import { printConfig } from "../util/print_config.ts";

/** Adds the `dump` group. */
export function register(parent: MoatCommand, context: CliContext): void {
  const dump = parent.command("dump").helpCommand(false).description(
    "Tools for state files and messages. Most need no server.",
  ).examples(
    ["moat kv dump file today.state", "what is in a state file"],
    ["moat kv dump init $(hostname) first.state", "a file that starts a network"],
  );
  registerFile(dump, context);
  dump.command("init").summary("write a state file to start a new network with").description(
    "Write a state file with which the named node starts a new network.",
  )
    .argument("<node>", "name of the node that will load it")
    .argument("<file>", "file to write")
    .examples(["moat kv dump init $(hostname) first.state", "then: moat kv server -l first.state"])
    .action(async (node: string, file: string) => {
      await Deno.writeFile(file, initialState(node)).catch((error) => {
        throw new CommandError(`Cannot write ${file}: ${reason(error)}`, 1, { cause: error });
      });
    });
  dump.command("yaml").summary("write YAML documents to a msgpack file").description(
    "Read YAML documents from standard input and write them to a msgpack file.",
  )
    .argument("<file>", "file to write")
    .examples(["moat kv dump yaml some.state < some.yaml", "the reverse of: moat kv dump file some.state"])
    .action(async (file: string) => {
      const { writeDocuments } = await import("../util/convert.ts");
      await writeDocuments(context, file);
    });
  dump.command("cfg").summary("print parts of the configuration").description(
    "Print the configuration below a path. Text is printed bare.",
  )
    .argument("<path>", "such as kv.conn.host; : is all of it")
    .examples(["moat kv dump cfg kv.conn.host", "localhost"], ["moat kv dump cfg :", "everything, defaults included"])
    .action(async (path: string) => {
      await printConfig(context, [path], {});
    });
  registerMessages(dump, context);
}

function registerMessages(dump: MoatCommand, context: CliContext): void {
  const topics =
    "TOPIC is : for the servers' updates, +NAME for another of their topics, + for all of them; anything else is " +
    "a path with a level of the topic in each element.";
  dump.command("msg").summary("show the servers' messages").description(
    `Show messages on the message broker that is configured, as YAML documents, until Ctrl-C.\n\n${topics}`,
  )
    .argument("<topic>", ": or +NAME or + or a path")
    .examples(
      ["moat kv dump msg :", "changes, as the original's servers hear them"],
      ["moat kv dump msg +sync", "what servers of this kind tell each other"],
      ["moat kv dump msg home.#", "whatever is below home/"],
    )
    .action(async (topic: string) => {
      await (await import("../util/bus_messages.ts")).showMessages(context, topic);
    });
  dump.command("post").summary("send messages to the servers").description(
    "Read YAML documents from standard input, and send them on the message broker that is configured. A document's _topic " +
      `counts instead of TOPIC; what 'dump msg' has printed can be sent again.\n\n${topics}\n\n` +
      "Servers believe what they hear on their topics: this can damage a network.",
  )
    .argument("<topic>", ": or +NAME or a path")
    .examples([`echo '{on: true}' | moat kv dump post room.hall`, "to clients that monitor room.hall"])
    .action(async (topic: string) => {
      await (await import("../util/bus_messages.ts")).postMessages(context, topic);
    });
}

function registerFile(dump: MoatCommand, context: CliContext): void {
  dump.command("file").summary("print the records of a state file").description(
    "Print the records of a state file, or of any msgpack file, as YAML documents.",
  )
    .argument("<file>", "file to read; - is standard input")
    .option("-p, --path", "print whole paths instead of shortened ones")
    .list("-f, --filter <path>", "only entries at or below this path; repeatable, implies -p", pathOperand)
    .examples(
      ["moat kv dump file today.state", "all records as they are"],
      ["moat kv dump file -f one.two today.state", "what is below one.two, with whole paths"],
    )
    .action(async (file: string, options: { path?: boolean; filter?: Path[] }) => {
      const { dumpFile } = await import("../util/dump_file.ts");
      await dumpFile(context, file, { wholePaths: options.path ?? false, below: options.filter ?? [] });
    });
}

/** The one record that a network begins with. The order of its keys is the original's. */
export function initialState(node: string): Uint8Array {
  const record: { [key: string]: Value } = {
    chain: { node, tick: 1, prev: null },
    depth: 0,
    path: [],
    tock: 1,
    value: "Initial data",
  };
  return encode(record);
}
