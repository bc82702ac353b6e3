/**
 * The real server as a process of its own, on free ports of the loopback interface, with its own state directory.
 */

/** What the server is started with; the rest are its words. */
export interface ServerStart {
  /** Words behind `server`, such as `["-i", "Testing", "test1"]`. */
  readonly args?: readonly string[];
  /** Words in front of `server`, such as `["-C", "server.mqtt.uri=…"]`. */
  readonly globals?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** The whole command instead, program first. */
  readonly command?: readonly string[];
}

/** What the command line is run as. */
export const moat: readonly string[] = [
  Deno.execPath(),
  "run",
  "-A",
  "--no-check",
  new URL("../../mod.ts", import.meta.url).pathname,
];

/** Where Deno has its cache, for children whose HOME is another one. */
export function denoDirectory(): string {
  const cache = Deno.build.os === "darwin" ? "Library/Caches" : ".cache";
  return Deno.env.get("DENO_DIR") ?? `${Deno.env.get("HOME")}/${cache}/deno`;
}

/** An environment in which no configuration of this machine is found. */
export function cleanEnv(home: string, more: Readonly<Record<string, string>> = {}): Record<string, string> {
  const own = { HOME: home, XDG_STATE_HOME: `${home}/state`, XDG_CONFIG_HOME: `${home}/config` };
  return { ...own, DENO_DIR: denoDirectory(), ...more };
}

/** A server that was started; `await using` stops it. */
export class ServerProcess implements AsyncDisposable {
  /** Everything it wrote so far. */
  stdout = "";
  stderr = "";
  /** How it ended. */
  readonly status: Promise<Deno.CommandStatus>;
  readonly #child: Deno.ChildProcess;
  readonly #waiters = new Set<() => void>();
  readonly #read: Promise<unknown>;
  #ended = false;

  private constructor(command: Deno.Command) {
    this.#child = command.spawn();
    this.#read = Promise.all([this.#follow("stdout"), this.#follow("stderr")]);
    this.status = this.#child.status.then(async (status) => {
      await this.#read;
      this.#ended = true;
      this.#wake();
      return status;
    });
  }

  /** Starts it, and does not wait for anything. */
  static spawn(start: ServerStart): ServerProcess {
    const usual = [...moat, ...(start.globals ?? []), "server", ...(start.args ?? [])];
    const [program, ...words] = start.command ?? usual;
    return new ServerProcess(
      new Deno.Command(program, {
        args: words,
        env: start.env ?? {},
        stdin: "null",
        stdout: "piped",
        stderr: "piped",
      }),
    );
  }

  /** Starts it and waits until it serves. @throws {Error} With its output, if it ends before */
  static async start(start: ServerStart): Promise<ServerProcess> {
    const server = ServerProcess.spawn(start);
    await server.running();
    return server;
  }

  /** Resolves when it serves. */
  async running(): Promise<void> {
    await this.output((server) => server.stdout.includes("Running.\n"));
  }

  /** Resolves when its output is as wanted. @throws {Error} With its output, if it ends before */
  async output(isWanted: (server: ServerProcess) => boolean): Promise<void> {
    while (!isWanted(this)) {
      if (this.#ended) throw new Error(`The server ended:\n${this.stdout}\n${this.stderr}`);
      await new Promise<void>((resolve) => this.#waiters.add(resolve));
    }
  }

  get pid(): number {
    return this.#child.pid;
  }

  /** Port for clients, as it says. */
  get port(): number {
    return Number(/^Clients: \w+:\/\/.*:(\d+)$/m.exec(this.stderr)?.[1]);
  }

  /** Port for HTTP or HTTPS, as it says. */
  get webPort(): number {
    return Number(/^Web: https?:\/\/.*:(\d+)\/$/m.exec(this.stderr)?.[1]);
  }

  kill(signal: Deno.Signal): void {
    this.#child.kill(signal);
  }

  /** Stops it as systemd would. */
  async stop(): Promise<Deno.CommandStatus> {
    if (!this.#ended) this.#child.kill("SIGTERM");
    return await this.status;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#ended) return;
    try {
      this.#child.kill("SIGKILL");
    } catch { /* it was faster */ }
    await this.status;
  }

  async #follow(stream: "stdout" | "stderr"): Promise<void> {
    for await (const text of this.#child[stream].pipeThrough(new TextDecoderStream())) {
      this[stream] += text;
      this.#wake();
    }
  }

  #wake(): void {
    for (const wake of this.#waiters) wake();
    this.#waiters.clear();
  }
}
