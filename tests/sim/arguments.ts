/**
 * What the simulator's command line says.
 *
 * @module
 */

import { type Fault, faults } from "./coverage.ts";
import type { PlanOptions } from "./plan.ts";

/** For people. */
export const usage = `deno task sim [OPTIONS]

Runs many servers on one seeded clock, network and disk, where everything fails at times, and checks what must hold.
Prints what was met, and for a seed that fails a command that repeats it.

  --seed N          the first seed (1)
  --seeds N         how many (100, or 1 with --seed)
  --nodes N         so many nodes (3 to 7, by the seed)
  --originals N     so many servers of the original among them (mostly none, by the seed)
  --trace, -a       print what happens, a line per event and node; one seed after the other
  --shrink          look for a smaller run that fails, too
  --only 3,17       only these steps of the plan
  --without loss    without these faults, separated by commas
  --with split      with these faults, whatever the seed says
  --all             go on after a failure
  --jobs N          so many seeds at a time (one for each core)
  --script [NAME]   a written run instead; without NAME: all of them
  --help            show this`;

/** The options, and what stands behind them. */
const kinds: { readonly [name: string]: "flag" | "integer" | "integers" | "faults" | "text" } = {
  seed: "integer",
  seeds: "integer",
  nodes: "integer",
  originals: "integer",
  jobs: "integer",
  trace: "flag",
  shrink: "flag",
  all: "flag",
  help: "flag",
  only: "integers",
  without: "faults",
  with: "faults",
  script: "text",
};

const short: { readonly [name: string]: string } = { "-a": "--trace", "-h": "--help" };

/** The command line cannot be understood. */
export class UsageError extends Error {
  override name = "UsageError";
}

/** See the module. */
export class Arguments {
  readonly #values = new Map<string, string>();

  /** @throws {UsageError} */
  constructor(words: readonly string[]) {
    for (let i = 0; i < words.length; i++) {
      const [option, joined] = (short[words[i]] ?? words[i]).split("=");
      const name = option.replace(/^--/, "");
      if (kinds[name] === undefined || !option.startsWith("--")) throw new UsageError(`No such option: ${words[i]}`);
      const hasValue = kinds[name] !== "flag" && words[i + 1] !== undefined && !words[i + 1].startsWith("-");
      const value = joined ?? (hasValue ? words[++i] : "");
      check(name, value);
      this.#values.set(name, value);
    }
  }

  /** Whether an option is given. */
  has(name: string): boolean {
    return this.#values.has(name);
  }

  /** What stands behind it. */
  text(name: string): string | undefined {
    return this.#values.get(name);
  }

  /** The same as a number. */
  number(name: string): number | undefined {
    return this.has(name) ? Number(this.text(name)) : undefined;
  }

  /** What all seeds have in common. */
  get plan(): Omit<PlanOptions, "seed"> {
    const only = this.has("only") ? new Set(listOf(this.text("only")!).map(Number)) : undefined;
    const list = (name: string) => listOf(this.text(name) ?? "") as Fault[];
    return {
      nodes: this.number("nodes"),
      originals: this.number("originals"),
      without: list("without"),
      with: list("with"),
      only,
    };
  }
}

function check(name: string, value: string): void {
  const kind = kinds[name];
  if (kind === "integer" && !/^\d+$/.test(value)) throw new UsageError(`--${name} wants an integer: ${value}`);
  if (kind === "integers" && !/^[\d,]*$/.test(value)) throw new UsageError(`--${name} wants integers: ${value}`);
  if (kind !== "faults") return;
  const unknown = listOf(value).find((word) => !(faults as readonly string[]).includes(word));
  if (unknown !== undefined) throw new UsageError(`No such fault: ${unknown}; there are ${faults.join(", ")}`);
}

function listOf(value: string): string[] {
  return value.split(",").map((word) => word.trim()).filter((word) => word !== "");
}
