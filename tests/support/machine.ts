/** A machine below a directory, with the service files installed. */

import { deadUri } from "./fake_broker.ts";
import { moat, ServerProcess } from "./server_process.ts";
import { Workplace } from "./workplace.ts";

const source = new URL("../../server/systemd/", import.meta.url).pathname;

/** See the module; gone at the end of the scope. */
export class Machine implements AsyncDisposable {
  readonly broker: string = deadUri();

  private constructor(readonly place: Workplace, readonly root: string) {}

  /** With the service files installed. */
  static async make(): Promise<Machine> {
    const place = await Workplace.make();
    const machine = new Machine(place, `${place.directory}/root`);
    await machine.script(`${source}install`);
    await machine.configure(0);
    await machine.setting("NAME=test1");
    return machine;
  }

  get env(): Record<string, string> {
    return { ...this.place.env, ROOT: this.root, MOAT: moat.join(" "), RECOVER_DELAY: "0" };
  }

  get saved(): string {
    return `${this.root}/var/lib/moat/kv`;
  }

  get state(): string {
    return `${this.saved}/state/test1`;
  }

  /** Writes moat.cfg: the server takes any free port, clients use the one that it got. */
  async configure(port: number): Promise<void> {
    await Deno.mkdir(`${this.root}/etc/moat`, { recursive: true });
    const server = `{bind: [{host: 127.0.0.1, port: 0}], web: false, mqtt: {uri: "${this.broker}"}}`;
    const conn = port === 0 ? "{}" : `{port: ${port}}`;
    await Deno.writeTextFile(`${this.root}/etc/moat/moat.cfg`, `kv:\n  server: ${server}\n  conn: ${conn}\n`);
  }

  /** `echo LINE >>/etc/moat/kv.env` */
  async setting(line: string): Promise<void> {
    await Deno.writeTextFile(`${this.root}/etc/moat/kv.env`, line + "\n", { append: true });
  }

  /** Runs a script. @throws {Error} If it fails otherwise than expected */
  async script(path: string, env: Record<string, string> = {}, ...args: string[]): Promise<string> {
    const { code, stderr } = await new Deno.Command(path, { args, env: { ...this.env, ...env }, stdin: "null" })
      .output();
    const text = new TextDecoder().decode(stderr);
    if (code !== 0) throw new Error(`${path} ended with ${code}: ${text}`);
    return text;
  }

  async lib(name: string, env: Record<string, string> = {}, ...args: string[]): Promise<string> {
    return await this.script(`${this.root}/usr/lib/moat/kv/${name}`, env, ...args);
  }

  /** Starts `run`, as the service does. */
  spawn(env: Record<string, string> = {}): ServerProcess {
    return ServerProcess.spawn({ command: [`${this.root}/usr/lib/moat/kv/run`], env: { ...this.env, ...env } });
  }

  /** Starts the service, and what follows its start. */
  async start(): Promise<ServerProcess> {
    const server = this.spawn();
    try {
      await server.running();
      await this.configure(server.port);
      await this.lib("success");
      return server;
    } catch (error) {
      await server[Symbol.asyncDispose]();
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.place[Symbol.asyncDispose]();
  }
}

/** The names in a directory, sorted. */
export async function files(directory: string): Promise<string[]> {
  const names = await Array.fromAsync(Deno.readDir(directory), (entry) => entry.name);
  return names.sort();
}
