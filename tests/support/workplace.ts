/** A directory of a test's own, and servers and commands that know nothing but it. */

import { type CommandResult, runMoat } from "./moat_command.ts";
import { cleanEnv, ServerProcess } from "./server_process.ts";

/** Gone at the end of the scope. */
export class Workplace implements AsyncDisposable {
  /** Variables for every process. */
  readonly env: Record<string, string>;
  /** The message broker that is configured; by default none is. */
  broker: string | undefined;
  /** Without a configured broker: the loopback port for that of the machine; by default servers keep to themselves. */
  embeddedPort: number | undefined;

  /** Words in front of `server` instead of those. */
  more: string[] = [];

  private constructor(readonly directory: string) {
    this.env = cleanEnv(directory);
  }

  static async make(): Promise<Workplace> {
    return new Workplace(await Deno.makeTempDir({ prefix: "moat-test-" }));
  }

  /** Words in front of `server`. */
  get globals(): string[] {
    if (this.more.length > 0) return this.more;
    if (this.broker !== undefined) return ["-C", `kv.server.mqtt.uri=${this.broker}`];
    if (this.embeddedPort !== undefined) return ["-C", `kv.server.mqtt.embedded=${this.embeddedPort}`];
    return ["-C", "kv.server.backend=none"];
  }

  /** Starts `server ARGS` on free ports. State goes to the usual place below this directory. */
  spawn(...args: string[]): ServerProcess {
    const ports = ["--bind", "127.0.0.1:0", "--web", "none"];
    return ServerProcess.spawn({ globals: this.globals, args: [...ports, ...args], env: this.env });
  }

  /** Starts it and waits until it serves. */
  async start(...args: string[]): Promise<ServerProcess> {
    const server = this.spawn(...args);
    try {
      await server.running();
    } catch (error) {
      await server[Symbol.asyncDispose]();
      throw error;
    }
    return server;
  }

  /** Runs `moat kv ARGS` against a server. */
  async kv(server: ServerProcess, ...args: string[]): Promise<CommandResult> {
    return await this.moat("kv", "-p", String(server.port), ...args);
  }

  /** Runs `moat ARGS`. */
  async moat(...args: string[]): Promise<CommandResult> {
    return await runMoat(args, { env: this.env });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.directory, { recursive: true });
  }
}
