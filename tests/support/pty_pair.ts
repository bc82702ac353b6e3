/**
 * Two pseudo terminals that are joined: a serial cable that can be unplugged. `socat` makes them.
 *
 * @module
 */

/** Whether this machine has `socat`. Tests that need it say so and skip. */
export const hasSocat: boolean = await new Deno.Command("socat", { args: ["-V"], stdout: "null", stderr: "null" })
  .output().then((output) => output.success, () => false);

/** A cable; `await using` unplugs it. */
export class PtyPair implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;

  private constructor(readonly a: string, readonly b: string, child: Deno.ChildProcess) {
    this.#child = child;
  }

  /** Plugs a cable in whose ends are the paths `a` and `b` in `folder`. */
  static async plug(folder: string): Promise<PtyPair> {
    const [a, b] = [`${folder}/a`, `${folder}/b`];
    const child = new Deno.Command("socat", {
      args: ["-d", "-d", `pty,raw,echo=0,link=${a}`, `pty,raw,echo=0,link=${b}`],
      stdin: "null",
      stdout: "null",
      stderr: "piped",
    }).spawn();
    let said = "";
    for await (const text of child.stderr.pipeThrough(new TextDecoderStream())) {
      said += text;
      if (said.includes("starting data transfer loop")) return new PtyPair(a, b, child);
    }
    throw new Error(`socat does not start:\n${said}`);
  }

  /** Unplugs it: both ends hang up, and their names go. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGTERM");
    await this.#child.status;
  }
}
