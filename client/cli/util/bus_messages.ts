/**
 * `dump msg` and `dump post`: the servers' messages, seen and sent without a server.
 *
 * | topic | is |
 * | --- | --- |
 * | `:` | the servers' updates, `ROOT/update` |
 * | `+NAME` | `ROOT/NAME` |
 * | `+` | everything below `ROOT` |
 * | anything else | itself, a level for each element |
 *
 * Source: `spec/cli.md` 1.15.
 *
 * @module
 */

import { decode } from "../../../wire/msgpack/decoder.ts";
import { encode } from "../../../wire/msgpack/encoder.ts";
import { Path } from "../../../wire/path/path.ts";
import { parsePath } from "../../../wire/path/parse.ts";
import type { Value } from "../../../wire/value.ts";
import type { CliContext } from "../context.ts";
import { CommandError } from "../errors.ts";
import { entriesOf, isMapping, mappingOf } from "../mapping.ts";
import { networkOptions } from "./network_options.ts";

/** Messages that wait to be printed. */
const waitingMax = 10_000;

/** The levels that `text` stands for. */
export function topicOf(text: string, root: Path): string[] {
  if (text === ":") return [...levelsOf(root), "update"];
  if (text === "+") return [...levelsOf(root), "#"];
  if (text.startsWith("+") && !/^\+[.:]/.test(text)) return [...levelsOf(root), ...levelsOf(parsePath(text.slice(1)))];
  return levelsOf(parsePath(text));
}

function levelsOf(path: Path): string[] {
  return path.elements.map(String);
}

async function open(context: CliContext) {
  const config = await context.config();
  const { openTap } = await import("../../../server/network/tap.ts");
  return {
    root: config.path("kv.server.root") ?? Path.of("moat", "kv"),
    backend: await openTap(await networkOptions(config)),
  };
}

/** Prints what comes until Ctrl-C. */
export async function showMessages(context: CliContext, topic: string): Promise<void> {
  const { root, backend } = await open(context);
  await using _backend = backend;
  using heard = new DisposableStack();
  const messages = new ReadableStream<Value>({
    start(control) {
      heard.use(backend.monitor(topicOf(topic, root), (payload, levels) => {
        // Whoever reads too slowly misses some, as on any broker.
        if (control.desiredSize! > 0) control.enqueue(shown(payload, levels, context.now()));
      }));
      context.signal.addEventListener("abort", () => control.close(), { once: true });
    },
  }, new CountQueuingStrategy({ highWaterMark: waitingMax }));
  for await (const message of messages) await context.print(message, { separator: true });
}

/** A message with where and when it was heard. */
function shown(payload: Uint8Array, levels: readonly string[], nowMs: number): Value {
  const about: [Value, Value][] = [["_topic", Path.from(levels)], ["_timestamp", new Date(nowMs).toISOString()]];
  try {
    const message = decode(payload);
    return mappingOf([...isMapping(message) ? entriesOf(message) : [["_data", message] as const], ...about]);
  } catch {
    return mappingOf([["_raw", payload], ...about]);
  }
}

/** Sends the YAML documents of standard input; a document's own `_topic` counts instead of `topic`. */
export async function postMessages(context: CliContext, topic: string): Promise<void> {
  const { parseYaml } = await import("../output/yaml_parse.ts");
  const { root, backend } = await open(context);
  await using _backend = backend;
  const documents = parseYaml((await context.stdin.text()).replace(/^---\s*$(?![\s\S])/m, ""));
  for (const { value } of documents) {
    const { where, message } = addressed(value);
    const levels = topicOf(where ?? topic, root);
    if (levels.some((level) => /[+#]/.test(level))) throw new CommandError(`Cannot send to ${where ?? topic}`);
    if (!backend.publish(levels, encode(message))) throw new CommandError("The message was not sent");
  }
}

/** Where a document says that it goes, and what it is without that. */
function addressed(value: Value): { readonly where: string | undefined; readonly message: Value } {
  if (!isMapping(value)) return { where: undefined, message: value };
  const fields = new Map(entriesOf(value));
  const where = fields.get("_topic");
  fields.delete("_topic");
  fields.delete("_timestamp");
  if (fields.size === 1 && fields.has("_data")) return { where: textOf(where), message: fields.get("_data")! };
  return { where: textOf(where), message: mappingOf(fields) };
}

function textOf(where: Value | undefined): string | undefined {
  if (where === undefined) return undefined;
  if (where instanceof Path || typeof where === "string") return where.toString();
  if (Array.isArray(where)) return Path.from(where.map(String)).toString();
  throw new CommandError("A message's _topic should be a path");
}
