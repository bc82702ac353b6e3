/**
 * What a command of the command line gets from its surroundings: streams, configuration, the connection. Everything is
 * an interface, so that tests run commands in process.
 *
 * A command group is a file `command/NAME.ts` that exports `register(parent, context)`. It adds its commands with
 * `parent.command("NAME")`; see {@linkcode Register}.
 *
 * @module
 */

import type { Value } from "../../wire/value.ts";
import type { Path } from "../../wire/path/path.ts";
import type { MoatCommand } from "./options.ts";

/** Where text goes. Writes are gathered; {@linkcode flush} hands them to the system. */
export interface Output {
  /** Appends text (UTF-8) or bytes. */
  write(data: string | Uint8Array): void;
  /** Hands everything written so far to the system. */
  flush(): void;
  /** Whether a person looks at it. */
  readonly isTerminal: boolean;
  /** Width of the terminal, if it is one. */
  readonly columns: number | undefined;
}

/** Where input comes from. */
export interface Input {
  /** Everything up to the end, as text. */
  text(): Promise<string>;
  /** Everything up to the end. */
  bytes(): Promise<Uint8Array>;
  /** The chunks as they come. */
  chunks(): AsyncIterable<Uint8Array>;
  /** Whether a person types it. */
  readonly isTerminal: boolean;
  /** What a person types, up to ^D or to the line after which `isEnd(text)`. */
  typed(isEnd?: (text: string) => boolean): Promise<string>;
  /** Asks on the terminal without echo; `undefined` when aborted. */
  secret(prompt: string): Promise<string | undefined>;
}

/** One message from the server, without `seq` only where said so. */
export type Reply = { readonly [key: string]: Value };

/** Fields of a request; `undefined` ones are left out. */
export type Fields = { readonly [key: string]: Value | undefined };

/** What the commands need of a connection; the client library's `Client` has more. */
export interface CliClient extends AsyncDisposable {
  /** One request, one reply. @throws {RequestError} If the server refuses it */
  request(action: string, fields?: Fields, options?: { signal?: AbortSignal }): Promise<Reply>;
  /** One request, many replies, up to its end; `break` stops the source. `{state: "uptodate"}` is among them. */
  stream(action: string, fields?: Fields, options?: { signal?: AbortSignal }): AsyncIterable<Reply>;
  /** Puts a secret into a box that only the server can open. */
  seal(secret: Uint8Array): Promise<Uint8Array>;
}

/** A mapping of the configuration. */
export type ConfigMap = { [key: string]: Value };

/** The merged configuration: defaults, file, options. */
export interface Config {
  /** All of it. */
  readonly root: ConfigMap;
  /** The files that were read, in order of merging. */
  readonly files: readonly string[];
  /** The value at a path such as `kv.conn.host`; `undefined` if there is none. */
  get(path: string | Path): Value | undefined;
  /** Whether a file or an option says what is at a path; else it is the default. */
  isGiven(path: string | Path): boolean;
  /** Text at a path. @throws {UsageError} If it is something else */
  text(path: string, fallback?: string): string | undefined;
  /** A number at a path (digits in a text count). @throws {UsageError} If it is something else */
  number(path: string, fallback?: number): number | undefined;
  /** A path at a path; text is parsed. @throws {UsageError} If it is something else */
  path(path: string, fallback?: Path): Path | undefined;
}

/** How values are printed. */
export type OutputFormat = "text" | "json" | "yaml";

/** How one value is printed. */
export interface PrintOptions {
  /** Adds readable siblings to numbers that look like times near now. */
  readonly dates?: boolean;
  /** Ends the document with a `---` line: for streams. */
  readonly separator?: boolean;
}

/** What a command gets. */
export interface CliContext {
  readonly stdout: Output;
  readonly stderr: Output;
  readonly stdin: Input;
  /** Fires on Ctrl-C. */
  readonly signal: AbortSignal;
  /** 0 silent, 1 usual, 2 informative, 3 everything. */
  readonly verbosity: number;
  /** The same for the lines of a server: `-l` sets it apart. */
  readonly logLevel: number;
  /** `-L`: say which commands are loaded. */
  readonly isLoaderShown: boolean;
  /** `-m`: print whole records. */
  readonly metadata: boolean;
  /** `-o`: how values are printed. */
  readonly format: OutputFormat;
  /** The configuration, read on first use. */
  config(): Promise<Config>;
  /** The connection, opened on first use and closed at the end of the program. */
  connect(): Promise<CliClient>;
  /** Prints one value on stdout as the original does (`spec/cli.md` 1.4), or as `-o` says. */
  print(value: Value, options?: PrintOptions): Promise<void>;
  /** A courtesy line on stderr, unless `-Q`. */
  note(text: string): void;
  /** An environment variable. */
  env(name: string): string | undefined;
  /** Milliseconds since 1970. */
  now(): number;
  /** Ends the program with this status once the command returns; for results that are not errors. */
  exit(status: number): void;
}

/** The signature of `register` in `command/NAME.ts`. */
export type Register = (parent: MoatCommand, context: CliContext) => void;
