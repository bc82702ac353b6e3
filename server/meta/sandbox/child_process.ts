/**
 * One child process, as the server sees it.
 *
 * @module
 */

import { decode, Encoder, MessageReader, type Value } from "../../../wire/mod.ts";
import { lastMark } from "./mark.ts";
import { marksMax, opSettings } from "./protocol.ts";

/** What a child is told at its start. */
export interface ChildSettings {
  /** The runtime: `Deno.execPath()`. */
  readonly program: string;
  readonly memoryBytesMax: number;
  readonly resultBytesMax: number;
  /** Whether it warms up first, because nobody waits for it. */
  readonly isSpare?: boolean;
}

/** Whoever listens to a child. */
export interface ChildListener {
  /** It is ready, or replies came: `[id, …]`. */
  replied(messages: readonly Value[][]): void;
  /** It is dead. Whatever it said before has been told. */
  ended(): void;
}

/** What a dead child left behind. */
export interface LastWords {
  /** Which program it began last. */
  readonly program: number | undefined;
  /** What the runtime wrote, if it did. */
  readonly text: string;
}

/** Of V8's own heap: the schemas, and a multiple of what one value may need. */
const v8HeapMegabytes = 128;

/** The interpreters check their own stacks; this one has to be larger than what they need. The system gives 8 MB. */
const stackKilobytes = 4000;

/** What the runtime wrote beyond this is not kept. */
const lastTextMax = 4096;

/** A running child. */
export class Child {
  /** Whether it has loaded everything. */
  isReady = false;
  /** Whether it is dead. */
  hasEnded = false;
  /** Which programs it has been told to compile. */
  readonly programs: Set<number> = new Set();
  /** Who is told what happens. */
  listener: ChildListener | undefined;
  readonly #process: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;
  readonly #errors: ReadableStreamDefaultReader<Uint8Array>;
  readonly #out = new Encoder(4096);
  readonly #reading: Promise<void>;
  #isWriteDue = false;
  /** Replies since the marks were read. */
  #replies = 0;
  #drained: Promise<void> = Promise.resolve();
  #lastWords: LastWords = { program: undefined, text: "" };

  /**
   * Starts one.
   * @throws {Error} If the runtime cannot be started
   */
  constructor({ program, memoryBytesMax, resultBytesMax, isSpare }: ChildSettings) {
    if (Deno.build.standalone) throw new Error("a compiled program cannot run stored code: start the server with deno");
    this.#process = new Deno.Command(program, {
      args: argumentsFor(import.meta.resolve("./child/main.ts")),
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
      env: { NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1" },
    }).spawn();
    this.#input = this.#process.stdin.getWriter();
    this.#errors = this.#process.stderr.getReader();
    this.send((out) => out.value([opSettings, memoryBytesMax, resultBytesMax, isSpare ?? false]));
    this.#reading = this.#read();
  }

  /** Its number in the system. */
  get pid(): number {
    return this.#process.pid;
  }

  /** Appends a message; all messages of one turn are written together. */
  send(write: (out: Encoder) => void): void {
    write(this.#out);
    if (this.#isWriteDue) return;
    this.#isWriteDue = true;
    queueMicrotask(() => this.#write());
  }

  #write(): void {
    this.#isWriteDue = false;
    const bytes = this.#out.take();
    this.#out.reset();
    this.#input.write(bytes).catch(() => {}); // its end is told by its output
  }

  /** Ends it, whatever it is doing. */
  kill(): void {
    try {
      this.#process.kill("SIGKILL");
    } catch { /* it is dead already */ }
  }

  /** Kills it and waits for its end. */
  async close(): Promise<void> {
    this.listener = undefined;
    this.kill();
    await this.#reading;
  }

  async #read(): Promise<void> {
    try {
      await this.#readReplies();
    } catch {
      this.kill(); // what it says is no message
    }
    await this.#process.status;
    await this.#input.abort().catch(() => {});
    await this.#drained;
    while (await this.#readMarks());
    this.hasEnded = true;
    this.listener?.ended();
  }

  async #readReplies(): Promise<void> {
    const reader = new MessageReader();
    for await (const chunk of this.#process.stdout) {
      reader.push(chunk);
      const messages: Value[][] = [];
      while (reader.next()) messages.push(decode(reader.bytes, reader.start, reader.end) as Value[]);
      this.#received(messages);
    }
  }

  #received(messages: Value[][]): void {
    if (!this.isReady && messages[0]?.[0] === 0) {
      this.isReady = true;
      messages.shift();
    }
    this.#replies += messages.length;
    if (this.#replies > marksMax) this.#drain();
    this.listener?.replied(messages);
  }

  /** Empties the pipe of the marks before it is full. */
  #drain(): void {
    this.#replies = 0;
    this.#drained = this.#drained.then(() => this.#readMarks()).then(() => {});
  }

  async #readMarks(): Promise<boolean> {
    const { value, done } = await this.#errors.read();
    if (done) return false;
    const program = lastMark(value) ?? this.#lastWords.program;
    const text = (this.#lastWords.text + printable(value)).slice(-lastTextMax);
    this.#lastWords = { program, text };
    return true;
  }

  /** What it left behind, when it has ended. */
  get lastWords(): LastWords {
    return this.#lastWords;
  }
}

/** How the runtime is started: without any permission, and without the settings of the project in whose folder we are. */
function argumentsFor(url: string): string[] {
  const heap =
    `--v8-flags=--max-old-space-size=${v8HeapMegabytes},--max-semi-space-size=2,--stack-size=${stackKilobytes}`;
  const foreign = url.startsWith("file:") ? ["--deny-import"] : ["--no-config", "--no-lock"];
  return ["run", "--quiet", "--no-prompt", heap, ...foreign, url];
}

/**
 * Never called. It tells whoever installs or compiles the server that the child's modules and packages belong to it:
 * when it is started, there may be no network.
 */
export const installed = (): Promise<unknown> => import("./child/main.ts");

/** What of it is text; the marks are not. */
function printable(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes.subarray(-lastTextMax).filter((byte) => byte >= 32 && byte < 127 || byte === 10));
}
