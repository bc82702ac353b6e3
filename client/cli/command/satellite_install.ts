/**
 * `satellite install`: the first files of a board, by its raw REPL.
 *
 * @module
 */

import type { CliContext } from "../context.ts";
import { CommandError } from "../errors.ts";
import { Progress } from "../util/progress.ts";
import { filesBelow } from "./satellite_board.ts";

/** Copies the library, the rescue copy and an app onto the board at a serial line, and starts it. */
export async function install(context: CliContext, port: string, folder: string): Promise<void> {
  const app = new Map<string, Uint8Array>();
  for await (const [name, bytes] of filesBelow(folder)) app.set(name, bytes);
  for (const needed of ["app.py", "board.py"]) {
    if (!app.has(needed)) throw new CommandError(`${folder} lacks ${needed}`, 1);
  }
  const { deviceFiles } = await import("../../../satellite/sim/device_files.ts");
  const library = await deviceFiles();
  const files = new Map(app);
  for (const [name, bytes] of library) {
    files.set(name, bytes);
    if (name.startsWith("sat/")) files.set(`rescue/${name}`, bytes);
  }
  await copy(context, port, files);
  context.note(`The board at ${port} starts its app now. Look after it with: moat satellite serve --serial ${port}`);
}

async function copy(context: CliContext, port: string, files: ReadonlyMap<string, Uint8Array>): Promise<void> {
  const { openSerial } = await import("../../../satellite/gateway/line/serial.ts");
  const { RawRepl, ReplError } = await import("../../../satellite/gateway/raw_repl.ts");
  const [path, baud] = port.split("@");
  await using line = openSerial(path, { baud: baud === undefined ? undefined : Number(baud) });
  try {
    await using repl = await RawRepl.enter(line);
    using shown = new Progress(context.stderr, "bytes", () => context.now());
    const total = [...files.values()].reduce((sum, bytes) => sum + bytes.length, 0);
    let done = 0;
    for (const [name, bytes] of files) {
      await repl.writeFile(name, bytes, (sent) => shown.at(done + sent, total));
      done += bytes.length;
    }
    await repl.reset();
  } catch (error) {
    if (error instanceof ReplError) throw new CommandError(error.message, 1, { cause: error });
    throw error;
  }
}
