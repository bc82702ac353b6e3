/**
 * A line over a tty. It is opened whenever it is there, and again when it was unplugged.
 *
 * @module
 */

import { ByteQueue } from "./byte_queue.ts";
import { errno, errorText, libc, linux, speeds, termiosBytes } from "./libc.ts";
import { type Line, type LineSource, waitingBytesMax } from "./line.ts";
import { Retry } from "./retry.ts";

/** How a tty is set. */
export interface SerialOptions {
  /** Bits per second (115200). */
  readonly baud?: number;
  /** The state of these wires while the line is open; undefined: as they are. Boards reset by them. */
  readonly rts?: boolean;
  /** As `rts`. */
  readonly dtr?: boolean;
}

/** How long one look for bytes lasts. */
const lookMs = 100;

/** How soon a full tty is tried again. */
const fullMs = 2;

/** Opens a tty, again and again. */
export class SerialSource implements LineSource {
  readonly description: string;
  readonly #options: SerialOptions;

  /**
   * Opens this tty.
   * @param path Such as `/dev/ttyUSB0`
   */
  constructor(readonly path: string, options: SerialOptions = {}) {
    this.description = path;
    this.#options = options;
  }

  /** One line after the other. */
  async *lines(signal: AbortSignal, report: (text: string) => void): AsyncIterable<Line> {
    const retry = new Retry();
    let last = "";
    while (!signal.aborted) {
      try {
        const line = openSerial(this.path, this.#options);
        retry.reset();
        last = "";
        yield line;
        report(`${this.path}: ${await line.closed}`);
      } catch (error) {
        const text = (error as Error).message;
        if (text !== last) report(text);
        last = text;
      }
      await retry.wait(signal);
    }
  }
}

/** Opens a tty in raw mode. @throws {Error} If it cannot be opened, or is none */
export function openSerial(path: string, options: SerialOptions = {}): Line {
  const baud = options.baud ?? 115200;
  const speed = speeds.get(baud);
  if (speed === undefined) throw new Error(`${path}: ${baud} baud is none of ${[...speeds.keys()].join(", ")}`);
  const flags = linux.O_RDWR | linux.O_NOCTTY | linux.O_NONBLOCK | linux.O_CLOEXEC;
  const fd = libc().open(new TextEncoder().encode(`${path}\0`), flags, 0);
  if (fd < 0) throw new Error(`${path}: ${errorText(errno())}`);
  try {
    setRaw(fd, path, speed);
    setWires(fd, linux.TIOCM_RTS, options.rts);
    setWires(fd, linux.TIOCM_DTR, options.dtr);
    return new SerialLine(fd, path, baud);
  } catch (error) {
    libc().close(fd);
    throw error;
  }
}

function setRaw(fd: number, path: string, speed: number): void {
  const { tcgetattr, tcsetattr, cfmakeraw, cfsetispeed, cfsetospeed, tcflush, ioctl } = libc();
  const termios = new Uint8Array(termiosBytes);
  if (tcgetattr(fd, termios) !== 0) throw new Error(`${path} is no serial line: ${errorText(errno())}`);
  cfmakeraw(termios);
  cfsetispeed(termios, speed);
  cfsetospeed(termios, speed);
  if (tcsetattr(fd, linux.TCSANOW, termios) !== 0) throw new Error(`${path}: ${errorText(errno())}`);
  tcflush(fd, linux.TCIOFLUSH);
  ioctl(fd, BigInt(linux.TIOCEXCL), null);
}

function setWires(fd: number, wire: number, isOn: boolean | undefined): void {
  if (isOn === undefined) return;
  // A pseudo terminal has no such wires and says so; nothing is lost by that.
  libc().ioctl(fd, BigInt(isOn ? linux.TIOCMBIS : linux.TIOCMBIC), new Uint8Array(Int32Array.of(wire).buffer));
}

/** An open tty. */
class SerialLine implements Line {
  readonly received = new ByteQueue();
  readonly closed: Promise<string>;
  readonly #fd: number;
  readonly #done: Promise<void>;
  #end!: (reason: string) => void;
  #waiting = new Uint8Array(0);
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isOpen = true;

  constructor(fd: number, readonly description: string, readonly baud: number) {
    this.#fd = fd;
    this.closed = new Promise((resolve) => this.#end = resolve);
    this.#done = this.#receive();
  }

  /** Sends bytes. */
  write(bytes: Uint8Array): boolean {
    if (!this.#isOpen || this.#waiting.length + bytes.length > waitingBytesMax) return false;
    const all = new Uint8Array(this.#waiting.length + bytes.length);
    all.set(this.#waiting);
    all.set(bytes, this.#waiting.length);
    this.#waiting = all;
    if (this.#timer === undefined) this.#flush();
    return this.#isOpen;
  }

  #flush(): void {
    this.#timer = undefined;
    if (!this.#isOpen) return;
    const count = Number(
      libc().write(this.#fd, this.#waiting as Uint8Array<ArrayBuffer>, BigInt(this.#waiting.length)),
    );
    const code = count < 0 ? errno() : 0;
    if (count > 0) this.#waiting = this.#waiting.slice(count);
    else if (!isPassing(code)) return this.#close(errorText(code));
    if (this.#waiting.length > 0) this.#timer = setTimeout(() => this.#flush(), fullMs);
  }

  async #receive(): Promise<void> {
    const into = new Uint8Array(4096);
    const look = new Uint8Array(8);
    const view = new DataView(look.buffer);
    while (this.#isOpen) {
      view.setInt32(0, this.#fd, true);
      view.setInt16(4, linux.POLLIN, true);
      view.setInt16(6, 0, true);
      await libc().poll(look, 1n, lookMs);
      if (!this.#isOpen) break;
      const events = view.getInt16(6, true);
      if ((events & linux.POLLIN) !== 0) this.#read(into);
      else if ((events & (linux.POLLHUP | linux.POLLERR | linux.POLLNVAL)) !== 0) this.#close("unplugged");
    }
    clearTimeout(this.#timer);
    libc().close(this.#fd);
  }

  #read(into: Uint8Array<ArrayBuffer>): void {
    const count = Number(libc().read(this.#fd, into, BigInt(into.length)));
    const code = count < 0 ? errno() : 0;
    if (count > 0) this.received.push(into.slice(0, count));
    else if (count === 0) this.#close("unplugged");
    else if (!isPassing(code)) this.#close(errorText(code));
  }

  #close(reason: string): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.received.end();
    this.#end(reason);
  }

  /** Ends it. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#close("closed");
    await this.#done;
  }
}

function isPassing(code: number): boolean {
  return code === linux.EAGAIN || code === linux.EINTR;
}
