/** A mosquitto of a test's own. */

import { freePort } from "./free_port.ts";

/** Whether it is installed. */
export const hasMosquitto: boolean = await new Deno.Command("mosquitto", {
  args: ["-h"],
  stdout: "null",
  stderr: "null",
})
  .output().then(() => true, () => false);
if (!hasMosquitto) console.log("tests with mosquitto are skipped: it is not installed");

/** A running mosquitto; `await using` stops it. */
export class Mosquitto implements AsyncDisposable {
  #child: Deno.ChildProcess | undefined;
  #read: Promise<void> | undefined;

  private constructor(
    readonly port: number,
    readonly config: string | undefined,
    readonly prefix: readonly string[],
  ) {}

  /**
   * Starts one.
   * @param port Default: a free one
   * @param config A configuration file, which says the port, too
   * @param prefix Words in front of the command
   */
  static async start(port: number = freePort(), config?: string, prefix: readonly string[] = []): Promise<Mosquitto> {
    const mosquitto = new Mosquitto(port, config, prefix);
    await mosquitto.start();
    return mosquitto;
  }

  /** Where it is. */
  get uri(): string {
    return `mqtt://127.0.0.1:${this.port}`;
  }

  /** Starts it, again. */
  async start(): Promise<void> {
    const words = this.config === undefined ? ["-p", String(this.port)] : ["-v", "-c", this.config];
    const [program, ...args] = [...this.prefix, "mosquitto", ...words];
    const child = new Deno.Command(program, {
      args,
      stdin: "null",
      stdout: "null",
      stderr: "piped",
    }).spawn();
    this.#child = child;
    const running = Promise.withResolvers<void>();
    this.#read = (async () => {
      let said = "";
      for await (const text of child.stderr.pipeThrough(new TextDecoderStream())) {
        if (said.length < 10_000 && (said += text).includes("running")) running.resolve();
      }
    })();
    await Promise.race([
      running.promise,
      child.status.then(() => Promise.reject(new Error("mosquitto does not start"))),
    ]);
  }

  /** Signals it. */
  kill(signal: Deno.Signal): void {
    this.#child?.kill(signal);
  }

  /** Ends it. It can be started again. */
  async stop(signal: Deno.Signal = "SIGTERM"): Promise<void> {
    const child = this.#child;
    if (child === undefined) return;
    this.#child = undefined;
    child.kill(signal);
    await child.status;
    await this.#read;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop("SIGKILL");
  }
}
