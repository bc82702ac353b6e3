/** The tutorial's fixture FT: a server whose root value is `Testing` and that asks for a name; joe and root have one. */

import type { CommandResult } from "./moat_command.ts";
import { runMoat } from "./moat_command.ts";
import { assertEquals } from "./assert.ts";
import { RunningMoat } from "./program.ts";
import type { ServerProcess } from "./server_process.ts";
import { Workplace } from "./workplace.ts";

/** A server, and `mkv`: `moat kv` at it as joe. */
export class NamedTutorial implements AsyncDisposable {
  private constructor(readonly place: Workplace, readonly server: ServerProcess) {}

  /** Starts the server, and adds both users (A-057 … A-059). */
  static async start(): Promise<NamedTutorial> {
    const place = await Workplace.make();
    const tutorial = new NamedTutorial(place, await place.start("--memory", "-i", "Testing", "test1"));
    for (const name of ["joe", "root"]) await tutorial.#open(["auth", "-m", "_test", "user", "add", `name=${name}`]);
    await tutorial.#open(["auth", "-m", "_test", "init"]);
    return tutorial;
  }

  async #open(words: readonly string[]): Promise<void> {
    const { stderr, code } = await this.#run([], words);
    assertEquals([stderr, code], ["", 0], words.join(" "));
  }

  #run(login: readonly string[], words: readonly string[], stdin?: string): Promise<CommandResult> {
    return runMoat(["kv", "-p", String(this.server.port), ...login, ...words], { env: this.place.env, stdin });
  }

  /** Runs a command as joe. */
  mkv(words: readonly string[], stdin?: string): Promise<CommandResult> {
    return this.#run(["-a", "_test name=joe"], words, stdin);
  }

  /** The same as root. */
  asRoot(words: readonly string[], stdin?: string): Promise<CommandResult> {
    return this.#run(["-a", "_test name=root"], words, stdin);
  }

  /** Output of a command of joe that must succeed without a word on stderr. */
  async print(words: readonly string[], stdin?: string): Promise<string> {
    const { stdout, stderr, code } = await this.mkv(words, stdin);
    assertEquals([stderr, code], ["", 0], words.join(" "));
    return stdout;
  }

  /** A command of joe that goes on. */
  running(words: readonly string[]): RunningMoat {
    const login = ["-a", "_test name=joe"];
    return new RunningMoat(["kv", "-p", String(this.server.port), ...login, ...words], this.place.env);
  }

  /** Writes a file; returns its path. */
  async file(name: string, text: string): Promise<string> {
    const path = `${this.place.directory}/${name}`;
    await Deno.writeTextFile(path, text);
    return path;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server[Symbol.asyncDispose]();
    await this.place[Symbol.asyncDispose]();
  }
}
