/** Commands that run until they are told to stop, such as `data PATH monitor`. */

import { moat } from "./server_process.ts";

/** `moat WORDS` as a process; `await using` interrupts it. */
export class RunningMoat implements AsyncDisposable {
  /** Everything it wrote so far. */
  stdout = "";
  readonly #child: Deno.ChildProcess;
  readonly #read: Promise<void>;
  #ended = false;
  #wake: () => void = () => {};

  /** @param words Behind the program's name @param env All its variables */
  constructor(words: readonly string[], env: Readonly<Record<string, string>>) {
    const [program, ...args] = [...moat, ...words];
    this.#child = new Deno.Command(program, { args, env, stdin: "null", stdout: "piped", stderr: "null" }).spawn();
    this.#read = this.#follow();
  }

  async #follow(): Promise<void> {
    for await (const text of this.#child.stdout.pipeThrough(new TextDecoderStream())) {
      this.stdout += text;
      this.#wake();
    }
    this.#ended = true;
    this.#wake();
  }

  /** Waits until its output is as wanted. @throws {Error} If it ends before */
  async output(isWanted: (stdout: string) => boolean): Promise<void> {
    while (!isWanted(this.stdout)) {
      if (this.#ended) throw new Error(`It ended:\n${this.stdout}`);
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
  }

  /** Its exit status, once it has ended by itself. */
  async ended(): Promise<number> {
    await this.#read;
    return (await this.#child.status).code;
  }

  /** Ctrl-C; returns its exit status. */
  async interrupt(): Promise<number> {
    if (!this.#ended) this.#child.kill("SIGINT");
    return await this.ended();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.interrupt();
  }
}
