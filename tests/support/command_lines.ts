/** Two command lines, the original's and ours, against a server of ours. */

import { runMoat } from "./moat_command.ts";
import { findPython } from "./python.ts";
import { cleanEnv, ServerProcess } from "./server_process.ts";

const script = new URL("../interop/python/original_cli.py", import.meta.url).pathname;
const found = await findPython();
if ("missing" in found) console.log(`interop with the original is skipped: ${found.missing}`);

/** Whether the original is not installed. */
export const isOriginalMissing: boolean = "missing" in found;

/** A server of ours, and the command lines. */
export class CommandLines implements AsyncDisposable {
  private constructor(readonly server: ServerProcess) {}

  static async make(): Promise<CommandLines> {
    const where = ["--bind", "127.0.0.1:0", "--web", "none"];
    return new CommandLines(
      await ServerProcess.start({ args: ["--memory", "--alone", "-i", "Testing", ...where, "test1"] }),
    );
  }

  /** Runs the original's `moat kv WORDS`; what it prints, or its complaint. */
  async original(...words: string[]): Promise<string> {
    if ("missing" in found) throw new Error(found.missing);
    const args = [script, "kv", "-h", "127.0.0.1", "-p", String(this.server.port), ...words];
    const { code, stdout, stderr } = await new Deno.Command(found.python, { args, stdin: "null" }).output();
    const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
    return code === 0 ? text(stdout) : `exit ${code}: ${text(stderr)}`;
  }

  /** Runs ours. */
  async ours(...words: string[]): Promise<string> {
    const args = ["kv", "-p", String(this.server.port), ...words];
    const { stdout, stderr } = await runMoat(args, { env: cleanEnv("/nonexistent") });
    return stdout + stderr;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server[Symbol.asyncDispose]();
  }
}
