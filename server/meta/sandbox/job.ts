/**
 * A request to the sandbox that has no answer yet.
 *
 * @module
 */

import { encode, type Encoder, type Value } from "../../../wire/mod.ts";
import type { ProgramContext, StoredProgram } from "./program.ts";
import { opCompile, opRun } from "./protocol.ts";
import { SandboxError, type SandboxErrorKind } from "./sandbox_error.ts";

/** To compile may take longer than to run. */
const compileDeadlines = 10;

/** A byte of what is handed over more gives so much time more: that takes long, and is not the code's fault. */
const msPerByte = 0.003;

/** To compile a program (no value), or to run it. */
export class Job {
  /** What it brings: the result, if there is one. */
  readonly promise: Promise<Uint8Array | undefined>;
  /** How often the child died of it, or of something else while it ran. */
  crashes = 0;
  /** What the code looks at beside the value, in the order of the child's names. */
  readonly #context: readonly (Uint8Array | null)[] | undefined;
  /** The size of the value and of what comes with it. */
  readonly bytes: number;
  #deadlines = 1;
  #resolve!: (result: Uint8Array | undefined) => void;
  #reject!: (error: SandboxError) => void;

  /**
   * A request.
   * @param id Its number
   * @param program What to compile or run
   * @param value With what to run it
   * @param context What else it sees
   */
  constructor(
    readonly id: number,
    readonly program: StoredProgram,
    readonly value: Uint8Array | undefined,
    context: ProgramContext | undefined,
  ) {
    const seen = context && seenBy(program, context);
    this.#context = seen?.some((part) => part !== null) ? seen : undefined;
    this.bytes = (value?.length ?? 0) + (this.#context ?? []).reduce((sum, part) => sum + (part?.length ?? 0), 0);
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  /** How long it may take, if a run of a small value may take `deadlineMs`. */
  limitMs(deadlineMs: number): number {
    return this.#deadlines * deadlineMs + Math.floor(this.bytes * msPerByte);
  }

  /** Writes what the child has to know. `isKnown`: it has compiled the program. */
  write(out: Encoder, isKnown: boolean): void {
    this.#deadlines = isKnown ? 1 : compileDeadlines;
    if (!isKnown) this.#writeCompile(out);
    if (this.value) this.#writeRun(out, this.value);
  }

  #writeCompile(out: Encoder): void {
    const { program, id } = this.program;
    const { lang, code, schema, purpose, name } = program;
    const answered = this.value ? -1 : this.id; // nobody waits for it, if it is just for a run on a new child
    out.value([opCompile, answered, id, lang, code ?? null, schema ?? null, purpose, name]);
  }

  #writeRun(out: Encoder, value: Uint8Array): void {
    out.arrayHeader(5);
    out.int(opRun);
    out.int(this.id);
    out.int(this.program.id);
    out.bin(value);
    out.value(this.#context ?? null);
  }

  /** It is done: `[id]`, `[id, result]` or `[id, kind, exception, text]`. */
  answer(reply: readonly Value[]): void {
    if (reply.length < 4) return this.#resolve(reply[1] as Uint8Array | undefined);
    const [, kind, exception, text] = reply as [number, SandboxErrorKind, string, string];
    this.fail(new SandboxError(kind, exception, text));
  }

  /** It failed. */
  fail(error: SandboxError): void {
    this.#reject(error);
  }
}

function seenBy(program: StoredProgram, { data, match, conv, path, old }: ProgramContext): (Uint8Array | null)[] {
  const entry = path && program.sees("entry") ? joined(encode(path), old ?? encode(null)) : undefined;
  const only = (name: "data" | "match" | "conv" | "prev", part?: Uint8Array) => program.sees(name) ? part : undefined;
  return [entry, only("data", data), only("match", match), only("conv", conv), only("prev", old)].map((p) => p ?? null);
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}
