/**
 * A piece of stored code as the server has it: compiled when it is first used, and inactive if that fails or if it had to be
 * killed. It stays so until it is stored anew.
 *
 * @module
 */

import type { Compiled, Program, ProgramContext } from "./sandbox/program.ts";
import type { Sandbox } from "./sandbox/sandbox.ts";
import { SandboxError } from "./sandbox/sandbox_error.ts";

/** What runs stored code: the sandbox, as far as it is used here. */
export type Runner = Pick<Sandbox, "compile" | "check" | "convert" | "release">;

/** Stored code. */
export class StoredProgram {
  /** Whether it looks at the entry whose value it gets; only then it is told. */
  readonly wantsEntry: boolean;
  /** Whether it looks at the records that led to it. */
  readonly wantsRecords: boolean;
  readonly #runner: Runner;
  #compiled: Compiled | undefined;
  #compiling: Promise<Compiled> | undefined;
  #failure: SandboxError | undefined;

  constructor(runner: Runner, readonly program: Program) {
    this.#runner = runner;
    const code = program.code ?? "";
    const wantsAll = /\b(globals|locals|arguments|eval|exec)\b/.test(code);
    this.wantsEntry = wantsAll || /\b(entry|prev)\b/.test(code);
    this.wantsRecords = wantsAll || /\b(data|match|conv)\b/.test(code);
  }

  /** Why it does not run; undefined: it does, or nobody has tried yet. */
  get reason(): string | undefined {
    return this.#failure?.text ?? (this.#compiled?.isActive === false ? "It had to be killed" : undefined);
  }

  /** Compiles it, if that has not happened. @throws {SandboxError} If it cannot be used */
  compile(): Promise<Compiled> {
    if (this.#failure !== undefined) return Promise.reject(this.#inactive(this.#failure));
    return this.#compiling ??= this.#runner.compile(this.program).then(
      (compiled) => this.#compiled = compiled,
      (error) => {
        this.#compiling = undefined;
        // When the child died of something else, the next attempt may work.
        if (error instanceof SandboxError && error.kind !== "crash") this.#failure = error;
        throw error;
      },
    );
  }

  /** Hears of an error of a check or conversion: whether it runs from now on. */
  failed(error: unknown): void {
    if (error instanceof SandboxError && this.#compiled?.isActive === false) this.#failure ??= error;
  }

  /** Checks a value. Whoever gets an error tells {@linkcode StoredProgram.failed}. @throws {SandboxError} If it is bad, or the program is */
  check(value: Uint8Array, context?: ProgramContext): Promise<void> {
    const compiled = this.#usable();
    if (compiled === undefined) return this.compile().then(() => this.check(value, context));
    return this.#runner.check(compiled, value, context);
  }

  /** Converts a value; errors as above. @throws {SandboxError} If that fails */
  convert(value: Uint8Array, context?: ProgramContext): Promise<Uint8Array> {
    const compiled = this.#usable();
    if (compiled === undefined) return this.compile().then(() => this.convert(value, context));
    return this.#runner.convert(compiled, value, context);
  }

  /** Nobody uses it any more. */
  release(): void {
    if (this.#compiled !== undefined) this.#runner.release(this.#compiled);
  }

  #usable(): Compiled | undefined {
    return this.#failure === undefined ? this.#compiled : undefined;
  }

  #inactive({ exception, text }: SandboxError): SandboxError {
    return new SandboxError("inactive", exception, text);
  }
}
