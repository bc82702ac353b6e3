/**
 * The context of a run: streams, and what the global options say.
 *
 * @module
 */

import type { Value } from "../../wire/value.ts";
import type { AttributeOptions } from "./attributes.ts";
import type { CliClient, CliContext, Config, Input, Output, OutputFormat, PrintOptions } from "./context.ts";
import type { Override } from "./config_override.ts";
import { formatValue } from "./output/print.ts";

/** The outside world, so that a test can bring its own. */
export interface Surroundings {
  readonly stdout: Output;
  readonly stderr: Output;
  readonly stdin: Input;
  readonly signal: AbortSignal;
  /** An environment variable. */
  env(name: string): string | undefined;
  /** Milliseconds since 1970. */
  now(): number;
  /** The text of a file; `undefined` if there is none. */
  read(file: string): Promise<string | undefined>;
  /** Opens the connection. */
  connect(config: Config, input: Input, signal: AbortSignal): Promise<CliClient>;
}

/** The global options, of both levels. */
export interface GlobalOptions extends AttributeOptions {
  readonly verbose?: number;
  readonly quiet?: number;
  readonly log?: readonly string[];
  readonly debugLoader?: boolean;
  readonly cfg?: readonly string[];
  readonly conf?: readonly string[];
  readonly host?: string;
  readonly port?: number;
  readonly auth?: string;
  readonly metadata?: boolean;
  readonly output?: OutputFormat;
}

/** The loggers of this program; what a library of the original has is not here. */
const loggers: readonly string[] = ["root", "moat", "moat.kv", "moat.kv.server"];

const levels: Readonly<Record<string, number>> = { fatal: 0, error: 0, warning: 1, info: 2, debug: 3 };

function loggerOf(setting: string): { readonly name: string; readonly level: number } {
  const [, name, level] = /^(.*)=(.*)$/.exec(setting)!;
  return { name, level: levels[level.toLowerCase()] };
}

/** The level of the server's log after `-l NAME=LEVEL …`; undefined: nothing was said about it. */
function levelOf(settings: readonly string[]): number | undefined {
  return settings.map(loggerOf).findLast(({ name }) => loggers.includes(name))?.level;
}

/** Names of `-l NAME=LEVEL` that nothing here listens to. */
export function unknownLoggers(settings: readonly string[]): string[] {
  return settings.map(loggerOf).map(({ name }) => name).filter((name) => !loggers.includes(name));
}

/** A {@linkcode CliContext} whose settings come from options that are parsed later. */
export class ProgramContext implements CliContext {
  readonly stdout: Output;
  readonly stderr: Output;
  readonly stdin: Input;
  readonly signal: AbortSignal;
  readonly #around: Surroundings;
  #options: () => { readonly top: GlobalOptions; readonly kv: GlobalOptions } = () => ({ top: {}, kv: {} });
  #config: Promise<Config> | undefined;
  #client: Promise<CliClient> | undefined;

  /** Set by {@linkcode exit}. */
  status = 0;

  constructor(around: Surroundings) {
    this.#around = around;
    this.stdout = around.stdout;
    this.stderr = around.stderr;
    this.stdin = around.stdin;
    this.signal = around.signal;
  }

  /** Says where the options are: those before `kv`, and those behind it. */
  bind(options: () => { readonly top: GlobalOptions; readonly kv: GlobalOptions }): void {
    this.#options = options;
  }

  get verbosity(): number {
    const { top } = this.#options();
    return Math.max(0, 1 + (top.verbose ?? 0) - (top.quiet ?? 0));
  }

  get logLevel(): number {
    const { top } = this.#options();
    return levelOf(top.log ?? []) ?? this.verbosity;
  }

  get isLoaderShown(): boolean {
    return this.#options().top.debugLoader ?? false;
  }

  get metadata(): boolean {
    const { top, kv } = this.#options();
    return kv.metadata ?? top.metadata ?? false;
  }

  get format(): OutputFormat {
    const { top, kv } = this.#options();
    return kv.output ?? top.output ?? "text";
  }

  config(): Promise<Config> {
    return this.#config ??= this.#loadConfig();
  }

  async #loadConfig(): Promise<Config> {
    const { top } = this.#options();
    const { loadConfig } = await import("./config.ts");
    return await loadConfig(top.cfg ?? [], await this.#overrides(), {
      read: (file) => this.#around.read(file),
      env: (name) => this.env(name),
      warn: (text) => this.note(text),
    });
  }

  async #overrides(): Promise<Override[]> {
    const { top, kv } = this.#options();
    const conn = { host: kv.host ?? top.host, port: kv.port ?? top.port, auth: kv.auth ?? top.auth };
    const { Path } = await import("../../wire/path/path.ts");
    const direct = Object.entries(conn).filter(([, value]) => value !== undefined)
      .map(([key, value]): Override => ({ path: Path.of("kv", "conn", key), value }));
    if (![top.var, top.eval, top.path, top.conf, kv.conf].some((list) => list !== undefined)) return direct;
    const { attributeOverrides, confOverride } = await import("./config_override.ts");
    return [
      ...attributeOverrides(top),
      ...(top.conf ?? []).map((text) => confOverride(text, false)),
      ...(kv.conf ?? []).map((text) => confOverride(text, true)),
      ...direct,
    ];
  }

  connect(): Promise<CliClient> {
    return this.#client ??= this.config().then((config) => this.#around.connect(config, this.stdin, this.signal));
  }

  /** Closes the connection, if there is one. */
  async close(): Promise<void> {
    const client = await this.#client?.catch(() => undefined);
    await client?.[Symbol.asyncDispose]();
  }

  async print(value: Value, options: PrintOptions = {}): Promise<void> {
    if (options.dates) value = (await import("./output/dates.ts")).addDates(value, this.now());
    const text = await formatValue(value, this.format);
    this.stdout.write(options.separator && this.format !== "json" ? `${text}---\n` : text);
  }

  note(text: string): void {
    if (this.verbosity > 0) this.stderr.write(`${text}\n`);
  }

  env(name: string): string | undefined {
    return this.#around.env(name);
  }

  now(): number {
    return this.#around.now();
  }

  exit(status: number): void {
    this.status = status;
  }
}
