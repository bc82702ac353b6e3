/** A server of the original (Python) as a process, on loopback ports, with times short enough for tests. */

import { freePort } from "./free_port.ts";

const cli = new URL("../interop/python/original_cli.py", import.meta.url).pathname;

const laterProgram = new URL("../interop/python/later_server.py", import.meta.url).pathname;
/** Where there is what the original needs of its Serf library. */
const serfLibrary = new URL("../interop/python/serf", import.meta.url).pathname;

/** The elections' times, in seconds, for all servers of a test. */
export const shortTimes = { cycle: 1.5, gap: 0.3 } as const;

/** What it is started with. */
export interface OriginalStart {
  /** The Python that has it. */
  readonly python: string;
  readonly name: string;
  /** The broker, as `mqtt://127.0.0.1:PORT`. */
  readonly broker: string;
  /** Where its configuration goes. */
  readonly directory: string;
  /** Words behind `server`, before the name. */
  readonly args?: readonly string[];
  /** Port for clients; default: a free one. */
  readonly port?: number;
  /** Where other servers are, by name. */
  readonly hostmap?: Readonly<Record<string, number>>;
  /** The later generation: its Python, and the value of a new network's root. */
  readonly later?: { readonly python: string; readonly init?: string };
  /** The agent's RPC, in place of the broker. */
  readonly serf?: { readonly port: number; readonly auth: string };
  /** More lines of configuration below `server`. */
  readonly settings?: string;
}

/** See the file. */
export class OriginalServer implements AsyncDisposable {
  stdout = "";
  stderr = "";
  /** How it ended, if it has. */
  ended: Deno.CommandStatus | undefined;
  readonly name: string;
  readonly #child: Deno.ChildProcess;
  readonly #status: Promise<void>;
  #wake = () => {};

  private constructor(start: OriginalStart, readonly port: number, configFile: string) {
    this.name = start.name;
    this.#child = new Deno.Command(start.later?.python ?? start.python, {
      args: start.later === undefined
        ? [cli, "-c", configFile, "kv", "server", ...start.args ?? [], start.name]
        : laterArgs(start, port),
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
      ...start.serf === undefined ? {} : { env: { PYTHONPATH: serfLibrary } },
    }).spawn();
    const read = Promise.all([this.#follow("stdout"), this.#follow("stderr")]);
    this.#status = this.#child.status.then(async (status) => {
      await read;
      this.ended = status;
      this.#wake();
    });
  }

  /** Starts it, without waiting. */
  static async spawn(start: OriginalStart): Promise<OriginalServer> {
    const port = start.port ?? freePort();
    const file = `${start.directory}/${start.name}-${port}.cfg`;
    await Deno.writeTextFile(file, configOf(start, port));
    return new OriginalServer(start, port, file);
  }

  /** Starts it, and waits until it serves. */
  static async start(start: OriginalStart): Promise<OriginalServer> {
    const server = await OriginalServer.spawn(start);
    await server.running();
    return server;
  }

  /** Resolves when it serves. @throws {Error} With its output, if it ends before */
  async running(): Promise<void> {
    while (!this.stdout.includes("Running.")) {
      if (this.ended !== undefined) throw new Error(`${this.name} ended:\n${this.stderr}`);
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
  }

  /** @throws {Error} With its output, if it does not live */
  mustLive(): void {
    if (this.ended !== undefined) throw new Error(`${this.name} died:\n${this.stderr}`);
  }

  kill(signal: Deno.Signal): void {
    this.#child.kill(signal);
  }

  async stop(signal: Deno.Signal = "SIGTERM"): Promise<void> {
    if (this.ended === undefined) this.#child.kill(signal);
    await this.#status;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.ended !== undefined) return;
    try {
      this.#child.kill("SIGKILL");
    } catch { /* it was faster */ }
    await this.#status;
  }

  async #follow(stream: "stdout" | "stderr"): Promise<void> {
    for await (const text of this.#child[stream].pipeThrough(new TextDecoderStream())) {
      if (this[stream].length < 100_000) this[stream] += text;
      this.#wake();
    }
  }
}

function laterArgs({ name, broker, later, hostmap = {} }: OriginalStart, port: number): string[] {
  const others = Object.entries(hostmap).map(([node, at]) => `${node}=${at}`);
  return [laterProgram, name, String(port), broker, later?.init ?? "-", ...others];
}

function configOf({ broker, serf, hostmap = {}, settings }: OriginalStart, port: number): string {
  const lines = [
    "kv:",
    "  server:",
    ...serf === undefined ? [] : [
      "    backend: serf",
      "    serf:",
      "      host: 127.0.0.1",
      `      port: ${serf.port}`,
      `      rpc_auth: "${serf.auth}"`,
    ],
    "    mqtt:",
    `      uri: "${broker}"`,
    "    bind_default:",
    "      host: 127.0.0.1",
    `      port: ${port}`,
    "    ping:",
    `      cycle: ${shortTimes.cycle}`,
    `      gap: ${shortTimes.gap}`,
    ...settings === undefined ? [] : settings.split("\n").map((line) => `    ${line}`),
    "  conn:",
    "    host: 127.0.0.1",
    `    port: ${port}`,
    "  hostmap:",
    `    nobody: ["127.0.0.1", 1]`,
    ...Object.entries(hostmap).map(([name, at]) => `    ${name}: ["127.0.0.1", ${at}]`),
  ];
  return lines.join("\n") + "\n";
}
