/**
 * `conflict ls`, `show`, `take`, `drop`.
 *
 * @module
 */

import { parsePath } from "../../../wire/path/parse.ts";
import type { Path } from "../../../wire/path/path.ts";
import type { Value } from "../../../wire/value.ts";
import { type Conflict, Conflicts, type Current } from "../../conflicts.ts";
import type { CliContext } from "../context.ts";
import { CommandError } from "../errors.ts";
import type { MoatCommand } from "../options.ts";
import { columns } from "../output/columns.ts";
import { formatJson } from "../output/json_format.ts";

/** Values are cut in tables. */
const shownMax = 40;

/** Lists conflicts. */
export async function list(context: CliContext, where: string | undefined): Promise<void> {
  const above = where === undefined ? undefined : parsePath(where);
  const conflicts = new Conflicts(await context.connect());
  const found: Conflict[] = [];
  for await (const conflict of conflicts) if (!above || conflict.path.startsWith(above)) found.push(conflict);
  found.sort((a, b) => compare(a.path.toString(), b.path.toString()) || a.tock - b.tock);
  const now = await Promise.all(found.map((conflict) => conflicts.current(conflict)));
  if (context.format !== "text") return await context.print(found.map((conflict, i) => shown(conflict, now[i])));
  if (found.length === 0) return context.note("There are no conflicts.");
  const rows = [["PATH", "LOST", "WRITER", "TICK", "NOW"]];
  found.forEach(({ path, writer, tick, value }, i) => {
    rows.push([path.toString(), short(value), writer, String(tick), short(now[i].value)]);
  });
  for (const line of columns(rows)) context.stdout.write(`${line}\n`);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** A value in a table. */
function short(value: Value | undefined): string {
  if (value === undefined) return "(deleted)";
  const text = formatJson(value);
  return text.length <= shownMax ? text : `${text.slice(0, shownMax - 1)}…`;
}

/** All that is known of a conflict. */
function shown({ path, writer, tick, tock, value }: Conflict, now: Current): Value {
  return {
    path,
    lost: { writer, tick, tock, ...(value === undefined ? { deleted: true } : { value }) },
    now: now.value === undefined ? { deleted: true } : { value: now.value, chain: now.chain },
  };
}

/** Prints conflicts. */
export async function show(
  context: CliContext,
  what: string,
  tick: string | undefined,
  command: MoatCommand,
): Promise<void> {
  const conflicts = new Conflicts(await context.connect());
  const found = await find(conflicts, what, tick, command);
  for (const conflict of found) {
    await context.print(shown(conflict, await conflicts.current(conflict)), { separator: found.length > 1 });
  }
}

/** Makes what lost the entry's state again. */
export async function take(
  context: CliContext,
  what: string,
  tick: string | undefined,
  command: MoatCommand,
): Promise<void> {
  const conflicts = new Conflicts(await context.connect());
  const found = await find(conflicts, what, tick, command);
  if (found.length > 1) {
    const names = found.map(({ writer, tick }) => `${writer} ${tick}`).join(", ");
    throw new CommandError(`There are ${found.length} conflicts at ${what}. Take one of them by its name: ${names}`);
  }
  await conflicts.take(found[0]);
  if (context.verbosity > 1) context.note(`${found[0].path} is ${short(found[0].value)} again`);
}

/** Leaves it as it is. */
export async function drop(
  context: CliContext,
  what: string | undefined,
  tick: string | undefined,
  isAll: boolean,
  command: MoatCommand,
): Promise<void> {
  if (isAll === (what !== undefined)) command.refuse("Name a conflict by PATH or by WRITER TICK, or say --all.");
  const conflicts = new Conflicts(await context.connect());
  const found = what === undefined ? await everything(conflicts) : await find(conflicts, what, tick, command);
  await Promise.all(found.map((conflict) => conflicts.drop(conflict)));
  if (context.verbosity > 1) context.note(`${found.length} dropped`);
}

async function everything(conflicts: Conflicts): Promise<Conflict[]> {
  const found: Conflict[] = [];
  for await (const conflict of conflicts) found.push(conflict);
  return found;
}

/** @throws {CommandError} If there is none */
async function find(
  conflicts: Conflicts,
  what: string,
  tick: string | undefined,
  command: MoatCommand,
): Promise<Conflict[]> {
  const found = await conflicts.find(tick === undefined ? { path: pathOf(what) } : { writer: what, tick: number() });
  if (found.length > 0) return found;
  throw new CommandError(`There is no conflict ${tick === undefined ? `at ${what}` : `${what} ${tick}`}`);

  function number(): number {
    if (!/^\d+$/.test(tick!)) command.refuse(`Invalid value for 'TICK': '${tick}' is not a valid integer.`);
    return Number(tick);
  }
}

function pathOf(text: string): Path {
  return parsePath(text);
}
