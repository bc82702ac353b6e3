/**
 * A line to a program's standard input and output, such as `socat` or an ssh to where the tty is.
 *
 * @module
 */

import { ConnectionLine } from "./connection.ts";
import type { Line, LineSource } from "./line.ts";
import { Retry } from "./retry.ts";

/** Runs a program, again and again. */
export class PipeSource implements LineSource {
  readonly description: string;

  /**
   * Runs this program.
   * @param command The program
   * @param args Its arguments
   */
  constructor(readonly command: string, readonly args: readonly string[]) {
    this.description = `pipe:${[command, ...args].join(" ")}`;
  }

  /** One run after the other. */
  async *lines(signal: AbortSignal, report: (text: string) => void): AsyncIterable<Line> {
    const retry = new Retry();
    while (!signal.aborted) {
      try {
        const line = this.#start();
        yield line;
        report(`${this.description}: ${await line.closed}`);
      } catch (error) {
        report(`${this.description}: ${(error as Error).message}`);
      }
      await retry.wait(signal);
    }
  }

  #start(): Line {
    const child = new Deno.Command(this.command, {
      args: [...this.args],
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    const reader = child.stdout.getReader();
    const writer = child.stdin.getWriter();
    return new ConnectionLine(this.description, {
      read: async () => (await reader.read()).value ?? null,
      write: (bytes) => writer.write(bytes),
      close: () => {
        void writer.abort().catch(() => {});
        void reader.cancel().catch(() => {});
        try {
          child.kill("SIGTERM");
        } catch {
          // It has ended already.
        }
      },
    });
  }
}
