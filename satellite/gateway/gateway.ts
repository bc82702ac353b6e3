/**
 * The service that owns lines and maps the satellites at them into the tree.
 *
 * ```text
 * LineSource ─lines─▶ LinkDriver ─▶ LineUser ─▶ Satellites ─▶ Satellite ─▶ TreeWriter ─▶ client
 *                                                  ▲ _set, _do, _pol, known ── watches ◀──┘
 * ```
 *
 * @module
 */

import type { Client } from "../../client/client.ts";
import { KvError } from "../../wire/errors.ts";
import { Path } from "../../wire/path/path.ts";
import type { Value } from "../../wire/value.ts";
import { BoardService } from "./board_service.ts";
import { knownPath, Layout } from "./layout.ts";
import type { Line, LineSource } from "./line/line.ts";
import { LineUser } from "./line_user.ts";
import { LinkDriver, type LinkDriverOptions } from "./link_driver.ts";
import { Satellites } from "./satellites.ts";
import { TreeWriter } from "./tree_writer.ts";

/** How a gateway runs. */
export interface GatewayOptions extends LinkDriverOptions {
  /** Its name: who holds a line. */
  readonly name: string;
  /** Where satellites are in the tree (`sat`). */
  readonly prefix?: Path;
  /** What it opens. */
  readonly sources: readonly LineSource[];
  /** Whether whoever comes is accepted under its own name. Default false: it shows below `_new` until somebody does. */
  readonly acceptsAll?: boolean;
  /** Gets a line for people about what happens. */
  readonly report?: (text: string) => void;
  /** Gets what boards print. */
  readonly console?: (satellite: string | undefined, line: string, text: string) => void;
}

/** A status entry is written again after this, so that one can see that somebody looks after it. */
const refreshMs = 60_000;

/** How long a gateway that ends waits for its last words to be written. */
const drainMs = 2000;

/** A running gateway. */
export class Gateway implements AsyncDisposable {
  readonly #satellites: Satellites;
  readonly #tree: TreeWriter;
  readonly #client: Client;
  readonly #options: GatewayOptions;
  readonly #prefix: Path;
  readonly #stop = new AbortController();
  readonly #tasks: Promise<void>[] = [];
  readonly #boards: BoardService;
  #refresh: ReturnType<typeof setInterval> | undefined;

  private constructor(client: Client, options: GatewayOptions) {
    this.#client = client;
    this.#options = options;
    this.#prefix = options.prefix ?? Path.of("sat");
    this.#tree = new TreeWriter(client, (text) => this.#report(text));
    this.#boards = new BoardService(client, (name) => this.#satellites.get(name), (text) => this.#report(text));
    this.#satellites = new Satellites({
      layout: new Layout(this.#prefix),
      tree: this.#tree,
      owner: options.name,
      acceptsAll: options.acceptsAll ?? false,
      nowMs: () => Date.now(),
      report: (text) => this.#report(text),
      console: options.console ?? (() => {}),
      answer: (name, rest) => this.#boards.answer(name, rest),
    });
  }

  /** Starts one. It knows what the tree wants when this is fulfilled. The client stays the caller's. */
  static async start(client: Client, options: GatewayOptions): Promise<Gateway> {
    const gateway = new Gateway(client, options);
    await Promise.all([
      gateway.#follow(knownPath, (path, value) => {
        if (path.length === 1) gateway.#satellites.knownChanged(String(path.at(0)), value);
      }),
      gateway.#follow(gateway.#prefix, (path, value) => gateway.#satellites.changed(path, value)),
    ]);
    gateway.#tasks.push(gateway.#boards.run(gateway.#stop.signal));
    for (const source of options.sources) gateway.#tasks.push(gateway.#open(source));
    gateway.#refresh = setInterval(() => gateway.#satellites.refresh(), refreshMs);
    return gateway;
  }

  /** Serves the lines of a source until it ends. */
  async #open(source: LineSource): Promise<void> {
    const links: Promise<void>[] = [];
    for await (const line of source.lines(this.#stop.signal, (text) => this.#report(text))) {
      links.push(this.serve(line));
    }
    await Promise.all(links);
  }

  /** Writes that were dropped, and ones that newer values replaced before they went. */
  get writes(): { readonly dropped: number; readonly coalesced: number } {
    return { dropped: this.#tree.dropped, coalesced: this.#tree.coalesced };
  }

  /** Serves a line until it ends. */
  async serve(line: Line): Promise<void> {
    const user = new LineUser(this.#satellites, (text) => this.#report(text));
    const driver = new LinkDriver(line, user, this.#options);
    user.driver = driver;
    const close = () => {
      driver.close();
      void line[Symbol.asyncDispose]();
    };
    this.#stop.signal.addEventListener("abort", close, { once: true });
    try {
      await driver.run();
    } finally {
      this.#stop.signal.removeEventListener("abort", close);
    }
  }

  /** Hears of everything below `path`; fulfilled when the present state is here. */
  #follow(path: Path, changed: (path: Path, value: Value | undefined) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      const watching = async () => {
        const present = new Set<string>();
        let before = new Map<string, Path>();
        let all = new Map<string, Path>();
        for await (const item of this.#client.watch(path, { fetch: true, signal: this.#stop.signal })) {
          if ("path" in item) {
            const key = item.path.toString();
            present.add(key);
            if (item.value === undefined) all.delete(key);
            else all.set(key, item.path);
            changed(item.path, item.value);
          } else if (item.state === "resync") {
            before = all;
            all = new Map();
            present.clear();
          } else if (item.state === "uptodate") {
            // What is not in the present state was deleted while nobody listened.
            for (const [key, gone] of before) if (!present.has(key)) changed(gone, undefined);
            before = new Map();
            resolve();
          }
        }
      };
      this.#tasks.push(
        watching().catch((error) => {
          if (this.#stop.signal.aborted) return;
          if (error instanceof KvError) this.#report(`Cannot watch ${path}: ${error.message}`);
          reject(error);
        }),
      );
    });
  }

  #report(text: string): void {
    this.#options.report?.(text);
  }

  /** Says goodbye to the satellites, and that they are down. */
  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#refresh);
    this.#stop.abort();
    await Promise.allSettled(this.#tasks);
    const timer = new Promise<void>((resolve) => setTimeout(resolve, drainMs));
    await Promise.race([this.#tree.drained(), timer]);
    this.#tree.close();
  }
}
