/**
 * Stored code, as it comes out of the tree, and what it may see.
 *
 * @module
 */

import type { Path } from "../../../wire/mod.ts";
import { pythonRepr } from "./python_repr.ts";
import { SandboxError } from "./sandbox_error.ts";

/** What one entry of the `type` or `codec` tree wants to be run. A value has to pass the schema first, then the code. */
export interface Program {
  /** The code's language. */
  readonly lang: "python" | "js";
  /** A function body with the parameter `value`. */
  readonly code: string | undefined;
  /** A JSON schema, as msgpack. */
  readonly schema: Uint8Array | undefined;
  /** A check's result does not matter, only whether it throws; a conversion's result is the new value. */
  readonly purpose: "check" | "convert";
  /** For messages: `type int.percent`, `decoder of float.str`. */
  readonly name: string;
}

/** What the code sees beside `value`, all as msgpack. What is absent is `None` or `undefined` there. */
export interface ProgramContext {
  /** `data`: the record of the type or codec. */
  readonly data?: Uint8Array;
  /** `match`: the record of the match (types). */
  readonly match?: Uint8Array;
  /** `conv`: the record of the converter (codecs). */
  readonly conv?: Uint8Array;
  /** `entry.path`. Without it, `entry` is absent. */
  readonly path?: Path;
  /** `prev` and `entry.data`: the entry's present value. */
  readonly old?: Uint8Array;
}

/** A program that the sandbox has accepted. */
export interface Compiled {
  /** What was compiled. */
  readonly program: Program;
  /** Whether it still runs. False after it was killed: it is inactive until it is stored anew, that is, compiled again. */
  readonly isActive: boolean;
}

let lastId = 0;

/** Ways to names that are not written down. */
const dynamic = ["globals", "locals", "arguments", "eval", "exec"];

/** A program as the sandbox keeps it. */
export class StoredProgram implements Compiled {
  /** Its number, the same in every child. */
  readonly id: number = ++lastId & 0xfff_ffff;
  /** The names in its code that matter for what it sees. */
  readonly #names: ReadonlySet<string>;
  /** Why it does not run any more. */
  #reason: SandboxError | undefined;

  /** A program that was not compiled yet. */
  constructor(readonly program: Program) {
    this.#names = new Set(program.code?.match(/\b(entry|data|match|conv|prev|globals|locals|arguments|eval|exec)\b/g));
  }

  /** Whether its code may look at this part of the context. No others are sent. */
  sees(name: "entry" | "data" | "match" | "conv" | "prev"): boolean {
    return this.#names.has(name) || dynamic.some((way) => this.#names.has(way));
  }

  /** Whether it was not killed. */
  get isActive(): boolean {
    return this.#reason === undefined;
  }

  /** Notes that it was killed. */
  deactivate(reason: SandboxError): void {
    this.#reason ??= reason;
  }

  /** What is answered now that it was killed. */
  get inactive(): SandboxError | undefined {
    if (!this.#reason) return undefined;
    const text = `${this.program.name} is inactive until it is stored anew: ${this.#reason.text}`;
    return new SandboxError("inactive", "RuntimeError", `RuntimeError(${pythonRepr(text)})`);
  }
}
