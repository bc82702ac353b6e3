/** A Serf agent of a test's own, on the loopback interface. */

import { freePort } from "./free_port.ts";

/** Whether it is installed. */
export const hasSerf: boolean = await new Deno.Command("serf", { args: ["version"], stdout: "null", stderr: "null" })
  .output().then(({ success }) => success, () => false);
if (!hasSerf) console.log("tests with Serf are skipped: it is not installed");

/** A running agent; `await using` stops it. */
export class SerfAgent implements AsyncDisposable {
  readonly bindPort: number = freePort();
  readonly rpcPort: number = freePort();
  readonly auth: string = "a key of the test's own, longer than 32 bytes";
  #child: Deno.ChildProcess | undefined;
  #read: Promise<void> | undefined;

  readonly #config = Deno.makeTempFileSync({ prefix: "moat-serf-", suffix: ".json" });

  private constructor(readonly peer: SerfAgent | undefined) {
    Deno.writeTextFileSync(this.#config, JSON.stringify({ rpc_auth: this.auth }));
  }

  /** Starts one. @param peer An agent of the cluster to join */
  static async start(peer?: SerfAgent): Promise<SerfAgent> {
    const agent = new SerfAgent(peer);
    await agent.start();
    return agent;
  }

  /** Starts it, again. */
  async start(): Promise<void> {
    const args = [
      "agent",
      `-node=n${this.bindPort}`,
      `-bind=127.0.0.1:${this.bindPort}`,
      `-rpc-addr=127.0.0.1:${this.rpcPort}`,
      `-config-file=${this.#config}`,
      "-profile=local",
      ...(this.peer ? [`-join=127.0.0.1:${this.peer.bindPort}`] : []),
    ];
    const child = new Deno.Command("serf", { args, stdin: "null", stdout: "piped", stderr: "null" }).spawn();
    this.#child = child;
    const running = Promise.withResolvers<void>();
    let said = "";
    this.#read = (async () => {
      for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
        if (said.length < 10_000) said += text;
        if (said.includes("agent running")) running.resolve();
      }
    })();
    const ended = child.status.then(() => Promise.reject(new Error(`serf does not start:\n${said}`)));
    await Promise.race([running.promise, ended]);
    ended.catch(() => {});
  }

  /** Ends it. It can be started again. */
  async stop(): Promise<void> {
    const child = this.#child;
    if (child === undefined) return;
    this.#child = undefined;
    child.kill("SIGKILL");
    await child.status;
    await this.#read;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    await Deno.remove(this.#config);
  }
}
