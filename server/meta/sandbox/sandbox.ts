/**
 * Runs stored code (checks, JSON schemas, conversions) in one child process without any permission.
 *
 * @module
 */

import type { Compiled, Program, ProgramContext } from "./program.ts";
import { SandboxError } from "./sandbox_error.ts";

export type { Compiled, Program, ProgramContext } from "./program.ts";
export { SandboxError } from "./sandbox_error.ts";
export type { SandboxErrorKind } from "./sandbox_error.ts";

/** How the sandbox is set up; every field has a default. */
export interface SandboxOptions {
  /** What one run may take, wall-clock. Default 50. */
  readonly deadlineMs?: number;
  /** What one language's memory may grow to. Default 32 MiB. */
  readonly memoryBytesMax?: number;
  /** The longest result. Default 1 MiB. */
  readonly resultBytesMax?: number;
  /** Told when the child was killed or died: one line for the log. */
  readonly report?: (line: string) => void;
}

/** Runs stored code. Nothing is started before the first {@linkcode Sandbox.compile}. */
export class Sandbox {
  /** A sandbox that has not started anything yet. */
  constructor(readonly options: SandboxOptions = {}) {}

  /**
   * Compiles `program`.
   * @throws {SandboxError} `syntax` with the language's own message: `SyntaxError('invalid syntax')`
   */
  compile(program: Program): Promise<Compiled> {
    return Promise.reject(
      new SandboxError("crash", "RuntimeError", `RuntimeError('no sandbox yet for ${program.name}')`),
    );
  }

  /**
   * Checks `value` (one msgpack value).
   * @throws {SandboxError} If it is bad, or the program is
   */
  check(compiled: Compiled, value: Uint8Array, context?: ProgramContext): Promise<void> {
    return this.convert(compiled, value, context).then(() => {});
  }

  /**
   * Converts `value` (one msgpack value) to another.
   * @throws {SandboxError} If it cannot be converted, or the program is at fault
   */
  convert(compiled: Compiled, _value: Uint8Array, _context?: ProgramContext): Promise<Uint8Array> {
    return Promise.reject(
      new SandboxError("crash", "RuntimeError", `RuntimeError('no sandbox yet for ${compiled.program.name}')`),
    );
  }

  /** Ends the child process. What still runs is rejected. */
  async [Symbol.asyncDispose](): Promise<void> {}
}
