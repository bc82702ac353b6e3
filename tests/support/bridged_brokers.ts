/** Two mosquittos that pass everything on to each other, unless the line between them is cut: a network that can be split. */

import { LineProxy } from "./line_proxy.ts";
import { freePort } from "./free_port.ts";
import { Mosquitto } from "./mosquitto.ts";

/** `await using` ends both. */
export class BridgedBrokers implements AsyncDisposable {
  readonly #line: LineProxy;
  readonly #child: Deno.ChildProcess;

  private constructor(
    readonly left: Mosquitto,
    readonly rightUri: string,
    line: LineProxy,
    child: Deno.ChildProcess,
  ) {
    this.#line = line;
    this.#child = child;
  }

  /** @param directory Where the second one's configuration goes */
  static async start(directory: string): Promise<BridgedBrokers> {
    const left = await Mosquitto.start();
    const line = new LineProxy(left.port);
    const port = freePort();
    const config = [
      `listener ${port} 127.0.0.1`,
      "allow_anonymous true",
      "connection left",
      `address ${line.uri.slice("mqtt://".length)}`,
      "topic # both 0",
      "restart_timeout 1",
      "cleansession true",
      "notifications false",
    ];
    await Deno.writeTextFile(`${directory}/bridge.conf`, config.join("\n") + "\n");
    const child = new Deno.Command("mosquitto", {
      args: ["-c", `${directory}/bridge.conf`],
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
    const brokers = new BridgedBrokers(left, `mqtt://127.0.0.1:${port}`, line, child);
    await brokers.#answers(port);
    return brokers;
  }

  async #answers(port: number): Promise<void> {
    for (let i = 0; i < 100; i++) {
      try {
        (await Deno.connect({ hostname: "127.0.0.1", port })).close();
        return;
      } catch {
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
    throw new Error("The second mosquitto does not start");
  }

  get leftUri(): string {
    return this.left.uri;
  }
  split(): void {
    this.#line.cut();
  }
  heal(): void {
    this.#line.open();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#child.status;
    await this.#line[Symbol.asyncDispose]();
    await this.left[Symbol.asyncDispose]();
  }
}
