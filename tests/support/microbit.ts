/**
 * An emulated micro:bit: a Cortex-M0 with 16 kB of memory and MicroPython 1.9 behind a serial line, which is a TCP
 * connection here. QEMU's monitor resets, stops and continues it.
 *
 * @module
 */

import { ByteQueue } from "../../satellite/gateway/line/byte_queue.ts";
import type { Line } from "../../satellite/gateway/line/line.ts";

const firmware = "/usr/share/firmware-microbit-micropython/firmware.hex";

/** Whether this machine has QEMU and the firmware. */
export const hasMicrobit: boolean = await Promise.all([
  Deno.stat(firmware),
  new Deno.Command("qemu-system-arm", { args: ["--version"], stdout: "null", stderr: "null" }).output(),
]).then(() => true, () => false);

/** The board's serial line, with whatever happens to bytes on it. */
class BoardLine implements Line {
  readonly description = "microbit";
  readonly baud = 115200;
  readonly received = new ByteQueue();
  readonly closed: Promise<string>;

  constructor(readonly connection: Deno.Conn, readonly spoil: (bytes: Uint8Array) => Uint8Array) {
    this.closed = this.#receive();
  }

  write(bytes: Uint8Array): boolean {
    void this.connection.write(this.spoil(bytes.slice())).catch(() => {});
    return true;
  }

  async #receive(): Promise<string> {
    try {
      for await (const bytes of this.connection.readable) this.received.push(this.spoil(bytes.slice()));
    } catch { /* closed */ }
    this.received.end();
    return "closed";
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.connection.close();
    } catch { /* its reader has closed it */ }
    await this.closed;
  }
}

/** A board; `await using` switches it off. */
export class Microbit implements AsyncDisposable {
  /** What happens to bytes on the line. */
  spoil: (bytes: Uint8Array) => Uint8Array = (bytes) => bytes;
  readonly line: Line;
  readonly #child: Deno.ChildProcess;
  readonly #monitor: Deno.Conn;
  readonly #folder: string;

  private constructor(child: Deno.ChildProcess, serial: Deno.Conn, monitor: Deno.Conn, folder: string) {
    this.#child = child;
    this.#monitor = monitor;
    this.#folder = folder;
    this.line = new BoardLine(serial, (bytes) => this.spoil(bytes));
  }

  /** Switches a board on whose `main.py` is this, and which is still at its prompt. */
  static async start(main: string): Promise<Microbit> {
    const folder = await Deno.makeTempDir({ prefix: "moat-microbit-" });
    // QEMU connects to us: so there is no port to guess, and no moment to wait for.
    const serial = Deno.listen({ transport: "unix", path: `${folder}/serial` });
    const monitor = Deno.listen({ transport: "unix", path: `${folder}/monitor` });
    const child = new Deno.Command("qemu-system-arm", {
      args: [
        ...["-M", "microbit", "-display", "none", "-device", `loader,file=${firmware}`],
        ...["-chardev", `socket,id=s,path=${folder}/serial`, "-serial", "chardev:s"],
        ...["-chardev", `socket,id=m,path=${folder}/monitor`, "-mon", "chardev=m"],
      ],
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
    const line = await serial.accept();
    const board = new Board(line);
    await board.install(main);
    const control = await monitor.accept();
    serial.close();
    monitor.close();
    return new Microbit(child, line, control, folder);
  }

  /** Gives QEMU a command, such as `system_reset`, `stop`, `cont`. */
  async command(text: string): Promise<void> {
    await this.#monitor.write(new TextEncoder().encode(`${text}\n`));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#child.status;
    await this.line[Symbol.asyncDispose]();
    this.#monitor.close();
    await Deno.remove(this.#folder, { recursive: true });
  }
}

/** The prompt of a board. */
class Board {
  #text = "";
  constructor(readonly connection: Deno.Conn) {}

  /** Writes `main.py` through the raw REPL, in pieces that its buffer of 64 bytes holds. */
  async install(main: string): Promise<void> {
    await this.#say("", ">>> "); // it has just begun to run
    await this.#say("\x01", "raw REPL; CTRL-B to exit\r\n>");
    const pieces = main.match(/[^]{1,20}/g) ?? [];
    for (
      const code of [
        "f=open('main.py','w')",
        ...pieces.map((text) => `f.write(${JSON.stringify(text)})`),
        "f.close()",
      ]
    ) {
      await this.#say(`${code}\x04`, "\x04>");
    }
    await this.#say("\x02", ">>> ");
  }

  async #say(text: string, answer: string): Promise<void> {
    await this.connection.write(new TextEncoder().encode(text));
    const buffer = new Uint8Array(1024);
    this.#text = "";
    while (!this.#text.includes(answer)) {
      const count = await this.connection.read(buffer);
      if (count === null) throw new Error(`The board has gone; it said ${JSON.stringify(this.#text)}`);
      this.#text += new TextDecoder().decode(buffer.subarray(0, count));
    }
  }
}
