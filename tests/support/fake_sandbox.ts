/**
 * A sandbox whose "code" is a name for a function of the test: what is around stored code can be tested without running
 * any. A gate keeps results back until the test lets them go.
 *
 * @module
 */

import type { Compiled, Program, ProgramContext } from "../../server/meta/sandbox/program.ts";
import { SandboxError, type SandboxErrorKind } from "../../server/meta/sandbox/sandbox_error.ts";
import type { Runner } from "../../server/meta/stored_program.ts";
import { decode } from "../../wire/msgpack/decoder.ts";
import { encode } from "../../wire/msgpack/encoder.ts";
import { quote } from "../../wire/repr.ts";
import type { Value } from "../../wire/value.ts";

/** What a test gives for a name: throws {@linkcode SandboxError} or returns the result. */
export type FakeCode = (value: Value, context: ProgramContext) => Value;

/** The value is bad. */
export function reject(text: string, exception = "ValueError"): never {
  throw new SandboxError("rejected", exception, `${exception}(${quote(text)})`);
}

/** The code is at fault. */
export function breakDown(kind: SandboxErrorKind, text: string): never {
  throw new SandboxError(kind, "RuntimeError", text);
}

class FakeCompiled implements Compiled {
  isActive = true;
  constructor(readonly program: Program) {}
}

/** Runs functions of the test. */
export class FakeSandbox implements Runner {
  readonly #codes = new Map<string, FakeCode>();
  #gate: Promise<void> = Promise.resolve();
  #open: () => void = () => {};
  /** Runs that were asked for and are not answered. */
  waiting = 0;
  /** The most that ever waited at a time. */
  waitingMax = 0;
  compiled = 0;
  /** What a run waits for; a test can mix up the order of answers by this. */
  delay: () => Promise<void> = () => Promise.resolve();
  /** Programs that nobody uses any more. */
  released = 0;

  /** @param codes By the name that stands in place of the code */
  constructor(codes: { readonly [name: string]: FakeCode } = {}) {
    for (const [name, code] of Object.entries(codes)) this.#codes.set(name, code);
  }

  /** From now on nothing is answered. */
  hold(): void {
    this.#gate = new Promise((resolve) => this.#open = resolve);
  }

  /** Answers what waits, and all that comes. */
  letGo(): void {
    this.#open();
    this.#gate = Promise.resolve();
  }

  async compile(program: Program): Promise<Compiled> {
    this.compiled++;
    await this.#gate;
    if (program.code !== undefined && !this.#codes.has(program.code)) {
      throw new SandboxError("syntax", "SyntaxError", "SyntaxError('invalid syntax')");
    }
    return new FakeCompiled(program);
  }

  release(): void {
    this.released++;
  }

  async check(compiled: Compiled, value: Uint8Array, context: ProgramContext = {}): Promise<void> {
    await this.convert(compiled, value, context);
  }

  async convert(compiled: Compiled, value: Uint8Array, context: ProgramContext = {}): Promise<Uint8Array> {
    this.waitingMax = Math.max(this.waitingMax, ++this.waiting);
    const bytes = value.slice();
    await this.#gate;
    await this.delay();
    this.waiting--;
    try {
      return encode(this.#codes.get(compiled.program.code!)!(decode(bytes), context));
    } catch (error) {
      const isFatal = error instanceof SandboxError && (error.kind === "timeout" || error.kind === "memory");
      if (isFatal) (compiled as FakeCompiled).isActive = false;
      throw error;
    }
  }
}
