/**
 * The programs of the child, and what is done with them.
 *
 * @module
 */

import { decode, encode, type Encoder, type Value } from "../../../../wire/mod.ts";
import { writeMark } from "../mark.ts";
import { opCompile, opDrop, opRun } from "../protocol.ts";
import { Failure, failure } from "./failure.ts";
import { JavaScriptRunner } from "./javascript.ts";
import { PythonRunner } from "./python.ts";
import { contextNames, type RunContext, type RunLimits, type Runner } from "./runner.ts";
import { SchemaRunner } from "./schema.ts";

/**
 * More interpreters than this are not kept; the one that was used least lately is started anew when it is needed. One of
 * Python takes 300 kB and 0.2 ms to start, one of JavaScript 200 kB and 10 ms.
 */
const openMax = { python: 32, js: 256 };

type Lang = keyof typeof openMax;

/** So often until the machine code of the interpreters is there. */
const warmRuns = 200;

/** A program: its schema is checked first, then its code is run. */
interface Entry {
  readonly schema: SchemaRunner | undefined;
  readonly code: Runner | undefined;
  readonly lang: Lang;
  readonly isConversion: boolean;
  /** Why it could not be compiled. */
  readonly failure?: Failure;
}

const none = { schema: undefined, code: undefined, lang: "python", isConversion: false } as const;

/** Does what the server asks for. What is thrown by `take()` is a defect, or an interpreter that broke down: the end. */
export class Workshop {
  readonly #replies: Encoder;
  readonly #entries = new Map<number, Entry>();
  /** Whose interpreters are open, the one used last at the end. */
  readonly #open = { python: new Set<Runner>(), js: new Set<Runner>() };
  readonly #mark = new Uint8Array(5);
  #limits: RunLimits = { memoryBytesMax: 32 * 1024 * 1024, resultBytesMax: 1024 * 1024 };
  #current = -1;

  /**
   * A workshop without programs.
   * @param replies Where the answers go
   */
  constructor(replies: Encoder) {
    this.#replies = replies;
  }

  /** Takes one message. */
  take(bytes: Uint8Array, start: number, end: number): void {
    const message = decode(bytes, start, end) as Value[];
    switch (message[0]) {
      case opRun:
        return this.#answer(message[1] as number, message[2] as number, () => this.#run(message));
      case opCompile:
        return this.#answer(message[1] as number, message[2] as number, () => this.#compile(message));
      case opDrop:
        return this.#drop(message[1] as number);
    }
    this.#limits = { memoryBytesMax: message[1] as number, resultBytesMax: message[2] as number };
    if (message[3] === true) this.#warm();
  }

  /** Compiles and runs what costs nothing but time, so that nobody waits for it later. */
  #warm(): void {
    const runners = [
      new PythonRunner("if value < 0: raise ValueError(0)", "warm", this.#limits),
      new JavaScriptRunner("if (value < 0) throw new Error()", "warm", this.#limits),
      new SchemaRunner(encode({ type: "integer" })),
    ];
    for (const runner of runners) {
      for (let i = 0; i < warmRuns; i++) runner.run(Uint8Array.of(1), undefined, false);
      runner.close();
    }
  }

  #answer(id: number, program: number, work: () => Uint8Array | undefined): void {
    if (program !== this.#current) this.#begin(program);
    try {
      const result = work();
      this.#replies.arrayHeader(result ? 2 : 1);
      this.#replies.int(id);
      if (result) this.#replies.bin(result);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      this.#replies.value([id, error.kind, error.exception, error.text]);
    }
  }

  /** Says what comes next: if it does not come back, the server knows whose fault it is. */
  #begin(program: number): void {
    this.#current = program;
    writeMark(this.#mark, program);
    Deno.stderr.writeSync(this.#mark);
  }

  #compile([, , program, lang, code, schema, purpose, name]: Value[]): undefined {
    this.#drop(program as number);
    const isConversion = purpose === "convert";
    try {
      const checker = schema instanceof Uint8Array ? new SchemaRunner(schema) : undefined;
      const runner = typeof code === "string" ? this.#runnerFor(lang, code, name as string) : undefined;
      if (runner) this.#use(runner, lang as Lang);
      this.#entries.set(program as number, { schema: checker, code: runner, lang: lang as Lang, isConversion });
    } catch (error) {
      if (error instanceof Failure) this.#entries.set(program as number, { ...none, failure: error });
      throw error;
    }
  }

  #runnerFor(lang: Value, code: string, name: string): Runner {
    return lang === "js" ? new JavaScriptRunner(code, name, this.#limits) : new PythonRunner(code, name, this.#limits);
  }

  #run([, , program, value, context]: Value[]): Uint8Array | undefined {
    const entry = this.#entries.get(program as number);
    if (!entry) throw failure("crash", "SystemError", "no such program");
    if (entry.failure) throw entry.failure;
    entry.schema?.run(value as Uint8Array);
    if (!entry.code) return undefined;
    this.#use(entry.code, entry.lang);
    return entry.code.run(value as Uint8Array, contextOf(context), entry.isConversion);
  }

  /** Notes that `runner` is open now. */
  #use(runner: Runner, lang: Lang): void {
    const open = this.#open[lang];
    open.delete(runner);
    open.add(runner);
    if (open.size <= openMax[lang]) return;
    const [oldest] = open;
    open.delete(oldest);
    oldest.close();
  }

  #drop(program: number): void {
    const entry = this.#entries.get(program);
    this.#entries.delete(program);
    if (!entry?.code) return;
    this.#open[entry.lang].delete(entry.code);
    entry.code.close();
  }
}

function contextOf(context: Value): RunContext | undefined {
  if (!Array.isArray(context)) return undefined;
  return Object.fromEntries(contextNames.map((name, i) => [name, context[i] ?? undefined]));
}
