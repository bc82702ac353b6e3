/**
 * The errors that the sandbox itself makes; all others come from the code.
 *
 * @module
 */

import { decode } from "../../../wire/mod.ts";
import { pythonRepr } from "./python_repr.ts";
import { SandboxError, type SandboxErrorKind } from "./sandbox_error.ts";

/** Why a program was killed. */
export type Fault = "timeout" | "memory" | "crash";

/** Larger values are not given to stored code. */
export const valueBytesMax: number = 1024 * 1024;

/** What the runtime says when its heap is full. */
const heapText = "out of memory";

const exceptions: { readonly [kind: string]: string } = {
  timeout: "TimeoutError",
  memory: "MemoryError",
  rejected: "ValueError",
};

/** An error of the sandbox, as an exception of Python. */
export function sandboxError(kind: SandboxErrorKind, message: string): SandboxError {
  const exception = exceptions[kind] ?? "RuntimeError";
  return new SandboxError(kind, exception, `${exception}(${pythonRepr(message)})`);
}

/** Of what a child died that was not killed, by what the runtime wrote. */
export function faultOf(lastText: string): Fault {
  return lastText.includes(heapText) ? "memory" : "crash";
}

/** The program `name` was killed. `limitMs`: what it might have taken. */
export function killed(name: string, fault: Fault, limitMs: number): SandboxError {
  const reasons = {
    timeout: `did not end within ${limitMs} ms and was killed`,
    memory: "used up the memory and was killed",
    crash: "made the sandbox crash",
  };
  return sandboxError(fault, `${name} ${reasons[fault]}`);
}

/** What is answered if a value is too large to be handed over, with the one that is replaced, if the code looks at it. */
export function tooLarge(bytes: number): SandboxError | undefined {
  if (bytes <= valueBytesMax) return undefined;
  return sandboxError("rejected", `the value is too large to be checked: ${bytes} bytes, the most is ${valueBytesMax}`);
}

/** The child is not trusted: what it gives back must be one value. */
export function checkResult(bytes: Uint8Array): void {
  try {
    decode(bytes);
  } catch (error) {
    throw sandboxError("bad_result", `the result is no value: ${(error as Error).message}`);
  }
}
