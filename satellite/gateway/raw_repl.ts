/**
 * A board's raw REPL: runs Python on it without a program of its own, to put the first files there.
 *
 * ```text
 * ^C ^C ^A ─▶ "raw REPL; CTRL-B to exit\r\n>"      code ^D ─▶ "OK" output ^D error ^D ">"      ^B leaves
 * ```
 *
 * @module
 */

import type { Line } from "./line/line.ts";

const ctrlA = 1, ctrlB = 2, ctrlC = 3, ctrlD = 4;

/** Bytes of a piece of code on its way: boards with small buffers lose more. */
const pieceBytes = 32;

/** A pause between pieces, for boards whose buffer is as small. */
const pieceMs = 10;

/** Bytes of a file that go at once. */
const fileBytes = 64;

/** A board gets so long to answer. */
const answerMs = 5000;

/** Output and error of what was run. */
// deno-lint-ignore no-control-regex -- ^D ends each
const answerForm = /OK([^\x04]*)\x04([^\x04]*)\x04>/;

/** A board does not answer, or Python raised something. */
export class ReplError extends Error {
  /** The name of the class. */
  override name = "ReplError";
}

/** A board at its raw prompt; `await using` brings it back to the usual one. */
export class RawRepl implements AsyncDisposable {
  readonly #line: Line;
  #text = "";
  #wake: (() => void) | undefined;
  #isOver = false;

  private constructor(line: Line) {
    this.#line = line;
    void this.#receive();
  }

  /** Stops what the board runs, and takes its prompt. @throws {ReplError} If nothing answers */
  static async enter(line: Line): Promise<RawRepl> {
    const repl = new RawRepl(line);
    for (let attempt = 0; attempt < 5; attempt++) {
      repl.#text = "";
      line.write(Uint8Array.of(13, ctrlC, ctrlC));
      await pause(100);
      line.write(Uint8Array.of(13, ctrlA));
      if (await repl.#until("raw REPL; CTRL-B to exit\r\n>", 1000)) return repl;
    }
    throw new ReplError(`No MicroPython answers at ${line.description}`);
  }

  /** Runs Python. Returns what it prints. @throws {ReplError} What it raises */
  async run(code: string, timeoutMs: number = answerMs): Promise<string> {
    this.#text = "";
    const bytes = new TextEncoder().encode(code);
    for (let at = 0; at < bytes.length; at += pieceBytes) {
      while (!this.#line.write(bytes.subarray(at, at + pieceBytes))) await pause(pieceMs);
      await pause(pieceMs);
    }
    this.#line.write(Uint8Array.of(ctrlD));
    if (!await this.#until(answerForm, timeoutMs)) {
      throw new ReplError(`The board at ${this.#line.description} does not answer`);
    }
    const [, output, error] = answerForm.exec(this.#text)!;
    if (error.trim() !== "") throw new ReplError(error.trim().split("\n").at(-1)!.trim());
    return output.replaceAll("\r\n", "\n");
  }

  /** Writes a file, with the folders it is in, and compares it. @throws {ReplError} If that does not work */
  async writeFile(path: string, bytes: Uint8Array, progress: (sent: number) => void = () => {}): Promise<void> {
    const folders = path.split("/").slice(0, -1);
    for (let i = 1; i <= folders.length; i++) {
      const folder = folders.slice(0, i).join("/");
      await this.run(`import os\ntry:\n os.mkdir(${quoted(folder)})\nexcept OSError:\n pass\n`);
    }
    await this.run(`f=open(${quoted(path)},'wb')\nw=f.write\n`);
    for (let at = 0; at < bytes.length; at += fileBytes) {
      await this.run(`w(${literal(bytes.subarray(at, at + fileBytes))})\n`);
      progress(Math.min(at + fileBytes, bytes.length));
    }
    await this.run("f.close()\n");
    const sum = await this.run(
      `s=n=0\nf=open(${
        quoted(path)
      },'rb')\nwhile 1:\n b=f.read(64)\n if not b: break\n for c in b:\n  n+=1\n  s=(s*31+c)&0xffffff\nf.close()\nprint(n,s)\n`,
      60_000,
    );
    if (sum.trim() !== `${bytes.length} ${sumOf(bytes)}`) throw new ReplError(`${path} did not arrive as it went`);
  }

  /** Starts the board anew: it runs its main.py. */
  async reset(): Promise<void> {
    this.#line.write(Uint8Array.of(ctrlB));
    await pause(50);
    this.#line.write(Uint8Array.of(ctrlD));
  }

  async #receive(): Promise<void> {
    const decoder = new TextDecoder("latin1");
    for await (const bytes of this.#line.received) {
      if (this.#isOver) return;
      this.#text = (this.#text + decoder.decode(bytes)).slice(-65_536);
      this.#wake?.();
    }
    this.#isOver = true;
    this.#wake?.();
  }

  async #until(wanted: string | RegExp, timeoutMs: number): Promise<boolean> {
    const untilMs = performance.now() + timeoutMs;
    const isHere = () => typeof wanted === "string" ? this.#text.includes(wanted) : wanted.test(this.#text);
    while (!isHere()) {
      const leftMs = untilMs - performance.now();
      if (leftMs <= 0 || this.#isOver) return false;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, leftMs);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    return true;
  }

  /** Leaves the raw prompt. */
  [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true;
    this.#line.write(Uint8Array.of(ctrlB));
    return Promise.resolve();
  }
}

/** A sum that every board can compute. */
function sumOf(bytes: Uint8Array): number {
  let sum = 0;
  for (const byte of bytes) sum = (sum * 31 + byte) & 0xffffff;
  return sum;
}

function quoted(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}

/** Bytes as Python writes them. */
function literal(bytes: Uint8Array): string {
  let text = "b'";
  for (const byte of bytes) {
    const isPlain = byte >= 32 && byte < 127 && byte !== 39 && byte !== 92;
    text += isPlain ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, "0")}`;
  }
  return `${text}'`;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
