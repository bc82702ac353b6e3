/**
 * `data PATH monitor`.
 *
 * @module
 */

import { Path } from "../../../wire/path/path.ts";
import { Float, type Value } from "../../../wire/value.ts";
import type { CliContext, Reply } from "../context.ts";
import { localTime } from "../output/dates.ts";
import { rawText } from "../output/print.ts";
import { chainLinksShown } from "./data_chain.ts";

/** What is shown, and how. */
export interface MonitorOptions {
  readonly state?: boolean;
  readonly only?: boolean;
  readonly pathOnly?: boolean;
  readonly addDate?: boolean;
  readonly ignore?: readonly Path[];
}

/** Prints changes until the program is interrupted; with `only` until the entry is deleted. */
export async function monitor(context: CliContext, path: Path, options: MonitorOptions): Promise<void> {
  const client = await context.connect();
  const items = client.stream("watch", {
    path,
    fetch: options.state ?? false,
    nchain: context.metadata ? chainLinksShown : 0,
    max_depth: options.only ? 0 : undefined,
  }, { signal: context.signal });
  const view = new View(context, path, options);
  for await (const item of items) {
    if (await view.show(item) === "end") return;
  }
}

class View {
  /** Whether changes come now, and no longer what was there. */
  #live: boolean;
  #empty = true;

  constructor(readonly context: CliContext, readonly path: Path, readonly options: MonitorOptions) {
    this.#live = !options.state;
  }

  async show(item: Reply): Promise<"end" | "more"> {
    if (!(item.path instanceof Path)) return await this.#showState(item);
    const { only, pathOnly, ignore = [] } = this.options;
    if (only) return await this.#showValue(item.value);
    if (ignore.some((skipped) => (item.path as Path).startsWith(skipped))) return "more";
    if (pathOnly) await this.#showLine(item.path, item.value);
    else await this.#showRecord(item.path, item);
    return "more";
  }

  async #showState({ state }: Reply): Promise<"end" | "more"> {
    if (state !== "uptodate") return "more";
    this.#live = true;
    if (this.options.only) return this.#empty ? "end" : "more";
    if (!this.options.pathOnly) await this.context.print({ state }, { separator: true });
    return "more";
  }

  async #showValue(value: Value | undefined): Promise<"end" | "more"> {
    if (value === undefined) return "end";
    this.#empty = false;
    await this.context.print(value, { dates: this.options.addDate });
    return "more";
  }

  async #showLine(path: Path, value: Value | undefined): Promise<void> {
    const text = value === undefined ? "" : ` ${(await rawText(value)).replaceAll("\n", "\\n")}`;
    this.context.stdout.write(`${path}${text}\n`);
  }

  async #showRecord(below: Path, item: Reply): Promise<void> {
    const record: { [key: string]: Value } = { path: this.path.concat(below) };
    for (const key of ["value", "chain", "tock"]) if (item[key] !== undefined) record[key] = item[key];
    const seconds = this.context.now() / 1000;
    const time = Number.isInteger(seconds) ? new Float(seconds) : seconds;
    const { addDates } = await import("../output/dates.ts");
    const dated = this.options.addDate ? addDates(record, this.context.now()) as typeof record : record;
    const shown = this.#live ? { ...dated, time, _time: localTime(seconds) } : dated;
    await this.context.print(shown, { separator: true });
  }
}
