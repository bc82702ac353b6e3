/**
 * The process's own streams as the commands see them.
 *
 * @module
 */

import type { Input, Output } from "./context.ts";
import { OutputClosed } from "./errors.ts";

/** Written at once when so much has been gathered. */
const gatheredCharsMax = 64 * 1024;

/** After a write to the system, the next one is at least so much later. */
const gapMs = 10;

/** A file descriptor to write to. */
interface Sink {
  writeSync(bytes: Uint8Array): number;
  isTerminal(): boolean;
}

/** What tells the time, and calls when some has passed. */
export interface OutputClock {
  nowMs(): number;
  after(ms: number, run: () => void): unknown;
}

const systemClock: OutputClock = {
  nowMs: () => performance.now(),
  after: (ms, run) => setTimeout(run, ms),
};

const utf8 = new TextEncoder();

/** Waited for to pause for a moment. */
const never = new Int32Array(new SharedArrayBuffer(4));

/**
 * Writes at the end of the code that runs, and gathers what comes soon after. No timer is set for the first text: in
 * Deno the first timer of a process costs 5 ms.
 */
export class SinkOutput implements Output {
  #text = "";
  #scheduled = false;
  #wroteAtMs = -Infinity;
  #closed = false;
  #isTerminal: boolean | undefined;
  readonly #sink: Sink;

  /** @param sink Where the bytes go @param clock Tells the time */
  constructor(sink: Sink, private readonly clock: OutputClock = systemClock) {
    this.#sink = sink;
  }

  write(data: string | Uint8Array): void {
    if (this.#closed) throw this.#closedError();
    if (typeof data === "string") this.#text += data;
    else this.flush(), this.#writeAll(data);
    if (this.#text.length > gatheredCharsMax) this.flush();
    else this.#schedule();
  }

  #schedule(): void {
    if (this.#scheduled || this.#text === "") return;
    this.#scheduled = true;
    if (this.clock.nowMs() - this.#wroteAtMs < gapMs) this.clock.after(gapMs, this.#flushLate);
    else queueMicrotask(this.#flushLate);
  }

  flush(): void {
    const text = this.#text;
    this.#text = "";
    if (text !== "") this.#writeAll(utf8.encode(text));
  }

  get isTerminal(): boolean {
    return this.#isTerminal ??= this.#sink.isTerminal();
  }

  get columns(): number | undefined {
    return this.isTerminal ? Deno.consoleSize().columns : undefined;
  }

  /** A closed reader shows at the next write, where somebody can catch it. */
  readonly #flushLate = (): void => {
    this.#scheduled = false;
    try {
      this.flush();
    } catch (error) {
      if (!(error instanceof OutputClosed)) throw error;
    }
  };

  #writeAll(bytes: Uint8Array): void {
    this.#wroteAtMs = this.clock.nowMs();
    while (bytes.length > 0) bytes = bytes.subarray(this.#writeSome(bytes));
  }

  #writeSome(bytes: Uint8Array): number {
    try {
      return this.#sink.writeSync(bytes);
    } catch (error) {
      if (error instanceof Deno.errors.WouldBlock) return Atomics.wait(never, 0, 0, 1), 0; // a pipe that does not block
      if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
      this.#closed = true;
      throw this.#closedError();
    }
  }

  #closedError(): OutputClosed {
    return new OutputClosed("The reader of the output is gone");
  }
}

/** The process's standard input. */
export const processInput: Input = {
  async bytes(): Promise<Uint8Array> {
    return new Uint8Array(await new Response(Deno.stdin.readable).arrayBuffer());
  },
  async text(): Promise<string> {
    return new TextDecoder("utf-8", { fatal: true }).decode(await this.bytes());
  },
  chunks(): AsyncIterable<Uint8Array> {
    return Deno.stdin.readable;
  },
  get isTerminal(): boolean {
    return Deno.stdin.isTerminal();
  },
  async typed(isEnd: (text: string) => boolean = () => false): Promise<string> {
    return await readTyped(isEnd);
  },
  async secret(prompt: string): Promise<string | undefined> {
    return await askSecret(prompt);
  },
};

/** Reads lines from the terminal, which goes on behind its ^D. */
async function readTyped(isEnd: (text: string) => boolean): Promise<string> {
  const decoder = new TextDecoder();
  const chunk = new Uint8Array(4096);
  let text = "";
  for (let count = await Deno.stdin.read(chunk); count !== null; count = await Deno.stdin.read(chunk)) {
    text += decoder.decode(chunk.subarray(0, count), { stream: true });
    if (text.endsWith("\n") && isEnd(text)) break;
  }
  return text;
}

/** Asks without echo if a terminal answers, else takes one line of the input. */
async function askSecret(prompt: string): Promise<string | undefined> {
  const hide = Deno.stdin.isTerminal();
  // First, because who has seen the prompt may type at once.
  if (hide) Deno.stdin.setRaw(true, { cbreak: true });
  try {
    Deno.stdout.writeSync(utf8.encode(prompt));
    return await readLine();
  } finally {
    if (hide) Deno.stdin.setRaw(false);
    Deno.stdout.writeSync(utf8.encode("\n"));
  }
}

/** Reads bytes up to the end of the line; backspace takes one back, ^D on an empty line aborts. */
async function readLine(): Promise<string | undefined> {
  const line: number[] = [];
  const byte = new Uint8Array(1);
  while (await Deno.stdin.read(byte) !== null) {
    if (byte[0] === 10 || byte[0] === 13) return new TextDecoder().decode(Uint8Array.from(line));
    if (byte[0] === 4) break;
    if (byte[0] === 127 || byte[0] === 8) line.pop();
    else line.push(byte[0]);
  }
  return line.length > 0 ? new TextDecoder().decode(Uint8Array.from(line)) : undefined;
}
