/**
 * `log`: what the server writes to files of the original's format, besides the state that it keeps by itself.
 *
 * @module
 */

import type { CliContext } from "../context.ts";
import type { MoatCommand } from "../options.ts";

/** Adds the `log` group. */
export function register(parent: MoatCommand, context: CliContext): void {
  const log = parent.command("log").helpCommand(false).description(
    "Have the server write its state and changes to a file.\n\n" +
      "Paths are on the server's file system; relative ones start in its working directory. Only state files are ever " +
      "overwritten.",
  ).examples(
    ["moat kv log dest /var/lib/moat/kv/today.state", "state, then changes"],
    ["moat kv log stop", "no further changes go to the file"],
  );
  log.command("dest").summary("write the state, then every change").description(
    "Write the state to a file, then append every change to it.\n\n" +
      "A log that was written before is closed once the new one is ready: nothing is missed between them.",
  )
    .argument("<path>", "file on the server")
    .option("-i, --incremental", "changes only, without the state: continues the file that was written before")
    .examples(
      ["moat kv log dest /var/lib/moat/kv/today.state", "state, then changes"],
      ["moat kv log dest -i /var/lib/moat/kv/more.state", "only changes, from here on"],
    )
    .action(async (path: string, options: { incremental?: boolean }) => {
      await request(context, "log", { path, fetch: !options.incremental });
    });
  log.command("save").summary("write the state once").description("Write the state to a file, once.")
    .argument("<path>", "file on the server")
    .option("-f, --full", "also users, access rules, types and other internal entries")
    .examples(
      ["moat kv log save /tmp/now.state", "data only"],
      ["moat kv log save -f /tmp/all.state", "a complete backup"],
    )
    .action(async (path: string, options: { full?: boolean }) => {
      await request(context, "save", { path, full: options.full ?? false });
    });
  log.command("stop").summary("stop writing changes").description(
    "Close the file that changes are appended to. The server's own state is kept on.",
  )
    .examples(["moat kv log stop", "no further changes go to the file"])
    .action(async () => {
      await request(context, "log", { path: null });
    });
}

async function request(context: CliContext, action: string, fields: { [key: string]: string | boolean | null }) {
  const client = await context.connect();
  const reply = await client.request(action, fields);
  if (context.metadata) await context.print(reply);
}
