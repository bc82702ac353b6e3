/**
 * `satellite accept`, `set`, `policy`.
 *
 * @module
 */

import { KvError } from "../../../wire/errors.ts";
import { Path } from "../../../wire/path/path.ts";
import type { Value } from "../../../wire/value.ts";
import type { CliClient, CliContext } from "../context.ts";
import { CommandError, UsageError } from "../errors.ts";
import { evaluate } from "../expression.ts";
import { fieldAt, prefixOf, treeOf } from "./satellite_look.ts";

/** Bytes of a key that is made. */
const keyBytes = 16;

/** Bit of a button's access. */
const momentary = 8;

const knownPath = Path.of(".moat", "kv", "satellite", "known");

/** How a satellite is accepted. */
export interface AcceptOptions {
  readonly key?: string;
  readonly newKey?: boolean;
  readonly sign?: boolean;
}

/** When a slot is reported. */
export interface PolicyOptions {
  readonly min?: string;
  readonly max?: string;
  readonly db?: string;
  readonly clear?: boolean;
}

/** Lets a satellite in. */
export async function accept(context: CliContext, uid: string, name: string, options: AcceptOptions): Promise<void> {
  if (!/^[A-Za-z][A-Za-z0-9_-]{0,31}$/.test(name)) {
    throw new UsageError("A satellite's name is a letter and up to 31 letters, digits, '_' and '-'.");
  }
  if (options.key !== undefined && options.newKey) {
    throw new UsageError("'--key' and '--new-key' are mutually exclusive.");
  }
  const key = options.newKey ? crypto.getRandomValues(new Uint8Array(keyBytes)) : keyOf(options.key);
  if (options.sign && key === undefined) throw new UsageError("'--sign' needs '--key' or '--new-key'.");
  const whole = await wholeUid(context, uid);
  const value: Value = {
    name,
    ...(key === undefined ? {} : { key, security: options.sign ? "sign" : "auth" }),
  };
  await (await context.connect()).request("set_value", { path: knownPath.child(whole), value });
  if (options.newKey) context.stdout.write(`${key!.toHex()}\n`);
  context.note(`${whole} is ${name} now.`);
}

function keyOf(text: string | undefined): Uint8Array | undefined {
  if (text === undefined) return undefined;
  if (!/^([0-9a-fA-F]{2}){16,64}$/.test(text)) throw new UsageError("A key is 16 to 64 bytes in hex.");
  return Uint8Array.fromHex(text);
}

/** The only new satellite whose number begins like this; or the number itself, if it is long enough to be one. */
async function wholeUid(context: CliContext, uid: string): Promise<string> {
  const start = uid.toLowerCase();
  if (!/^[0-9a-f]+$/.test(start)) throw new UsageError("UID is a number in hex, as 'moat satellite list' shows it.");
  const news = await treeOf(context, (await prefixOf(context)).child("_new"), 1);
  const fitting = news.map(({ path }) => String(path.at(0))).filter((each) => each.startsWith(start));
  if (fitting.length === 1) return fitting[0];
  if (fitting.length > 1) throw new CommandError(`Several new satellites begin with ${uid}: ${fitting.join(", ")}`, 1);
  if (start.length >= 8 && start.length % 2 === 0) return start;
  throw new CommandError(`No new satellite begins with ${uid}`, 1);
}

/** Sets a slot, and waits. */
export async function set(
  context: CliContext,
  name: string,
  slotText: string,
  text: string | undefined,
  timeout: string | undefined,
): Promise<void> {
  const seconds = numberOf("--timeout", timeout) ?? 5;
  const client = await context.connect();
  const slot = (await prefixOf(context)).child(name).concat(Path.of(...slotText.split(".")));
  const meta = (await client.request("get_value", { path: slot.child("_meta") })).value;
  if (meta === undefined) throw new CommandError(`${name} has no slot ${slotText}`, 1);
  const isButton = (Number(fieldAt(meta, "acc") ?? 0) & momentary) !== 0;
  if (!isButton && text === undefined) throw new UsageError("Missing argument 'VALUE'.");
  const wish = slot.child(isButton ? "_do" : "_set");
  const outcome = waitFor(client, slot, isButton, seconds);
  await client.request("set_value", { path: wish, value: isButton ? true : valueOf(text!) });
  const failure = await outcome;
  if (failure === "late") {
    return context.note(`Nothing heard of it for ${seconds} s. The satellite is told when it is there.`);
  }
  if (failure !== undefined) throw new CommandError(`${name} ${slotText}: ${failure}`, 1);
}

/** Waits until the slot says what became of a wish: undefined: it is done. */
async function waitFor(client: CliClient, slot: Path, isButton: boolean, seconds: number): Promise<string | undefined> {
  const signal = AbortSignal.timeout(seconds * 1000);
  let isLive = false;
  try {
    for await (const item of client.stream("watch", { path: slot, fetch: true, max_depth: 1 }, { signal })) {
      if (item.state === "uptodate") isLive = true;
      if (!isLive || !(item.path instanceof Path)) continue;
      const below = item.path.length === 0 ? undefined : item.path.at(0);
      if (below === "_res" && item.value !== undefined) return String(fieldAt(item.value, "e"));
      if (isButton ? below === "_do" && item.value === undefined : below === undefined) return undefined;
    }
  } catch (error) {
    if (!signal.aborted || !(error === signal.reason || error instanceof KvError)) throw error;
  }
  return "late";
}

/** A number, a word for a constant, or JSON; everything else is a text. */
function valueOf(text: string): Value {
  try {
    return evaluate(text);
  } catch {
    return text;
  }
}

/** Says when a slot is reported. */
export async function policy(context: CliContext, name: string, slot: string, options: PolicyOptions): Promise<void> {
  const client = await context.connect();
  const path = (await prefixOf(context)).child(name).child("_pol").concat(Path.of(...slot.split(".")));
  if (options.clear) return void await client.request("delete_value", { path });
  const given = {
    min: numberOf("--min", options.min),
    max: numberOf("--max", options.max),
    db: numberOf("--db", options.db),
  };
  const fields = Object.entries(given).filter((each): each is [string, number] => each[1] !== undefined);
  const before = (await client.request("get_value", { path })).value;
  if (fields.length === 0) return await context.print(before ?? null);
  const known = typeof before === "object" && before !== null ? before as { readonly [key: string]: Value } : {};
  await client.request("set_value", { path, value: { ...known, ...Object.fromEntries(fields) } });
}

function numberOf(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const number = Number(text);
  if (text.trim() !== "" && Number.isFinite(number)) return number;
  throw new UsageError(`Invalid value for '${option}': ${text} is no number.`);
}
