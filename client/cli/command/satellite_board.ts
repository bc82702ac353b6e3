/**
 * `satellite stats`, `reset`, `safe`, `run`, `files`; `app push`, `config push`: what concerns the board itself.
 *
 * @module
 */

import { Path } from "../../../wire/path/path.ts";
import type { Value } from "../../../wire/value.ts";
import type { CliClient, CliContext } from "../context.ts";
import { CommandError } from "../errors.ts";
import { Progress } from "../util/progress.ts";
import { fieldAt, prefixOf } from "./satellite_look.ts";

/** How long a gateway may take to say what a board answered. */
const answerSeconds = 8;

/** An update has to get somewhere within this. */
const pushSeconds = 60;

const askTopic = Path.of("satellite", "do");
const answerTopic = Path.of("satellite", "did");

/** Asks a board something, and prints what it says. */
export async function ask(context: CliContext, name: string, op: string, args: readonly Value[]): Promise<void> {
  const client = await context.connect();
  const status = (await client.request("get_value", { path: (await prefixOf(context)).child(name) })).value;
  if (status === undefined) throw new CommandError(`There is no satellite ${name}`, 1);
  const state = fieldAt(status, "state");
  if (state === "down" || state === "unknown") throw new CommandError(`${name} is ${state}`, 1);
  const result = await answerOf(client, name, op, args);
  if (result === true) return context.note("Done.");
  await context.print(op === "stats" ? named(result) : result);
}

async function answerOf(client: CliClient, name: string, op: string, args: readonly Value[]): Promise<Value> {
  const id = crypto.randomUUID();
  const signal = AbortSignal.timeout(answerSeconds * 1000);
  const answers = client.stream("msg_monitor", { topic: answerTopic.child(id) }, { signal })[Symbol.asyncIterator]();
  try {
    // Requests of a connection are served in their order, so the answer cannot come before somebody listens.
    const first = answers.next();
    await client.request("msg_send", { topic: askTopic, data: { id, satellite: name, op, args } });
    const { value: item } = await first;
    const error = fieldAt(item?.data, "error");
    if (error !== undefined) throw new CommandError(`${name}: ${error}`, 1);
    if (item !== undefined) return fieldAt(item.data, "result") ?? null;
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    await answers.return?.();
  }
  throw new CommandError(`Nobody looks after ${name} at present`, 1);
}

/** The board's numbers by their names. */
function named(stats: Value): Value {
  const board = fieldAt(stats, "board");
  const names = ["heap_free", "resent", "repeated", "forged", "odd", "damaged", "dropped_logs", "lost_samples"];
  if (!Array.isArray(board)) return stats;
  return {
    link: fieldAt(stats, "link") ?? null,
    board: Object.fromEntries(names.map((each, i) => [each, board[i] ?? null])),
  };
}

/** Brings the files of a folder onto a board. */
export async function pushApp(context: CliContext, name: string, folder: string): Promise<void> {
  const { manifestHash, nameProblem } = await import("../../../satellite/gateway/manifest.ts");
  const files = new Map<string, Uint8Array>();
  for await (const [file, bytes] of filesBelow(folder)) files.set(file, bytes);
  if (files.size === 0) throw new CommandError(`There are no files in ${folder}`, 1);
  for (const file of files.keys()) {
    const problem = nameProblem(file);
    if (problem !== undefined) throw new CommandError(problem, 1);
  }
  const client = await context.connect();
  const path = (await prefixOf(context)).child(name).child("_app");
  const hash = manifestHash(files);
  const outcome = outcomeOf(context, client, path.child("_now"), hash);
  for await (const old of filesInTree(client, path)) {
    if (!files.has(old)) await client.request("delete_value", { path: path.child(old) });
  }
  for (const [file, value] of files) await client.request("set_value", { path: path.child(file), value, idem: true });
  await client.request("set_value", { path, value: { want: hash } });
  context.note(await outcome);
}

/** The files of a folder: names below it, and contents. Hidden ones are left out. */
export async function* filesBelow(folder: string, prefix = ""): AsyncIterable<[string, Uint8Array]> {
  for await (const { name, isFile, isDirectory } of Deno.readDir(folder)) {
    if (name.startsWith(".") || name === "__pycache__") continue;
    if (isFile) yield [prefix + name, await Deno.readFile(`${folder}/${name}`)];
    else if (isDirectory) yield* filesBelow(`${folder}/${name}`, `${prefix}${name}/`);
  }
}

async function* filesInTree(client: CliClient, path: Path): AsyncIterable<string> {
  for await (const item of client.stream("get_tree", { path, min_depth: 1, max_depth: 1 })) {
    if (item.path instanceof Path && item.path.length === 1 && item.value instanceof Uint8Array) {
      yield String(item.path.at(0));
    }
  }
}

/** Shows how far the update is, until it is on trial or over. */
async function outcomeOf(context: CliContext, client: CliClient, path: Path, hash: Uint8Array): Promise<string> {
  using line = new Progress(context.stderr, "bytes", () => context.now());
  const signal = AbortSignal.timeout(pushSeconds * 1000);
  let isLive = false;
  try {
    for await (
      const { state: step, value } of client.stream("watch", { path, fetch: true, max_depth: 0 }, { signal })
    ) {
      if (step === "uptodate") isLive = true;
      if (!isLive || value === undefined) continue;
      const state = fieldAt(value, "state");
      const sent = fieldAt(value, "sent"), total = fieldAt(value, "total");
      if (state === "loading" && typeof sent === "number") line.at(sent, typeof total === "number" ? total : undefined);
      if (state === "trial") return "The new files are there, and on trial for half a minute.";
      if (state === "ok" && isSame(fieldAt(value, "have"), hash)) return "The board has these files.";
      if (state === "failed") throw new CommandError(`It did not work: ${fieldAt(value, "error")}`, 1);
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
  return "The board is not there. It gets the files when it comes.";
}

function isSame(value: Value | undefined, hash: Uint8Array): boolean {
  return value instanceof Uint8Array && value.toHex() === hash.toHex();
}

/** Configures a board. */
export async function pushConfig(context: CliContext, name: string, text: string): Promise<void> {
  const { parseYaml } = await import("../output/yaml_parse.ts");
  const documents = parseYaml(text);
  if (documents.length !== 1) {
    throw new CommandError(`A configuration is one YAML document, not ${documents.length}`, 1);
  }
  const { value } = documents[0];
  const path = (await prefixOf(context)).child(name).child("_cfg");
  await (await context.connect()).request("set_value", { path, value });
}
