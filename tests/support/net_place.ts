/**
 * A network of a test's own, made of what the kernel has for that: a namespace in which the broker runs, and a line (veth) to it
 * for each server. A line whose far end is pulled out loses packets, as a cable does; nobody is told.
 */

import { freePort } from "./free_port.ts";
import { Mosquitto } from "./mosquitto.ts";

/** A line to the broker. */
export interface Line extends AsyncDisposable {
  /** The broker, by that line. */
  readonly uri: string;
  /** Nothing passes any more. */
  cut(): void;
  /** The same, and whoever is there is not told. */
  stall(): void;
  /** Everything passes again. */
  open(): void;
}

/** Addresses for tests of networks (RFC 2544). */
const subnet = 18 + Math.floor(Math.random() * 2);
const third = Math.floor(Math.random() * 256);

function ip(...args: string[]): void {
  const { success, stderr } = new Deno.Command("ip", { args, stdout: "null", stderr: "piped" }).outputSync();
  if (!success) throw new Error(`ip ${args.join(" ")}: ${new TextDecoder().decode(stderr).trim()}`);
}

/** See the file. */
export class NetPlace implements AsyncDisposable {
  readonly #name = `moat${Deno.pid}`;
  readonly lines: Line[] = [];
  broker!: Mosquitto;
  #directory = "";

  private constructor() {}

  /** Makes one; a text says why that cannot be done here. */
  static async make(count: number): Promise<NetPlace | string> {
    if (Deno.build.os !== "linux") return "network namespaces are Linux's";
    const place = new NetPlace();
    try {
      place.#makeLines(count);
      await place.#startBroker();
      return place;
    } catch (error) {
      await place[Symbol.asyncDispose]();
      return (error as Error).message;
    }
  }

  #makeLines(count: number): void {
    const name = this.#name;
    ip("netns", "add", name);
    for (let i = 0; i < count; i++) {
      const [near, far] = [`${name}n${i}`, `${name}f${i}`];
      const address = (host: number) => `198.${subnet}.${third}.${4 * i + host}`;
      ip("link", "add", near, "type", "veth", "peer", "name", far);
      ip("link", "set", far, "netns", name);
      ip("addr", "add", `${address(1)}/30`, "dev", near);
      ip("link", "set", near, "up");
      ip("-n", name, "addr", "add", `${address(2)}/30`, "dev", far);
      ip("-n", name, "link", "set", far, "up");
      const set = (state: "up" | "down") => ip("-n", name, "link", "set", far, state);
      this.lines.push({
        uri: address(2),
        cut: () => set("down"),
        stall: () => set("down"),
        open: () => set("up"),
        [Symbol.asyncDispose]: () => Promise.resolve(),
      });
    }
  }

  async #startBroker(): Promise<void> {
    const port = freePort();
    this.#directory = await Deno.makeTempDir({ prefix: "moat-net-" });
    const config = `${this.#directory}/mosquitto.conf`;
    await Deno.writeTextFile(config, `listener ${port} 0.0.0.0\nallow_anonymous true\n`);
    this.broker = await Mosquitto.start(port, config, ["ip", "netns", "exec", this.#name]);
    for (const [i, line] of this.lines.entries()) this.lines[i] = { ...line, uri: `mqtt://${line.uri}:${port}` };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.broker?.[Symbol.asyncDispose]();
    if (this.#directory !== "") await Deno.remove(this.#directory, { recursive: true });
    try {
      ip("netns", "del", this.#name); // the lines go with it
    } catch { /* there is none */ }
  }
}
