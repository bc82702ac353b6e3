/**
 * `status`: how the server is, and who is here.
 *
 * @module
 */

import type { ServerStatus } from "../../status.ts";
import { AclError } from "../../../wire/errors.ts";
import type { CliContext, Reply } from "../context.ts";
import type { MoatCommand } from "../options.ts";

/** Adds `status`. */
export function register(parent: MoatCommand, context: CliContext): void {
  parent.command("status")
    .description(
      "Print how the server is: who is here and who is missing, how far behind they are, what is kept, conflicts, and " +
        "what is not as it should be.\n\nWith --check nothing is printed but problems, and the exit status is 1 if there " +
        "are any: for monitoring.",
    )
    .option("-c, --check", "print problems only; exit status 1 if there are any")
    .examples(
      ["moat status", "a table"],
      ["moat -o json status", "everything, for programs"],
      ["moat status --check || mail -s MoaT me", "for cron"],
    )
    .action(async ({ check }: { check?: boolean }) => await status(context, check ?? false));
}

async function status(context: CliContext, isCheck: boolean): Promise<void> {
  const client = await context.connect();
  const { seq: _seq, tock: _tock, ...reply } = await client.request("get_status");
  if (reply.problems === undefined) return await printLittle(context, reply, isCheck);
  const found = reply as unknown as ServerStatus;
  if (isCheck && found.problems.length > 0) context.exit(1);
  if (context.format !== "text") return await context.print(isCheck ? [...found.problems] : reply);
  if (!isCheck) {
    const { statusText } = await import("./status_text.ts");
    return context.stdout.write(statusText(found));
  }
  for (const problem of found.problems) context.stdout.write(`${problem}\n`);
  if (found.problems.length === 0) context.note("Everything is fine.");
}

/** Who is bound by an ACL is not told how the server is. */
async function printLittle(context: CliContext, reply: Reply, isCheck: boolean): Promise<void> {
  if (isCheck) throw new AclError("Only users without an ACL are told of problems");
  if (context.format !== "text") return await context.print(reply);
  context.stdout.write(`node  ${reply.node}, version ${reply.version}\n`);
  context.note("More is told to users without an ACL only.");
}
