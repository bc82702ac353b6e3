/**
 * Stored code, as it comes out of the tree, and what it may see.
 *
 * @module
 */

import type { Path } from "../../../wire/mod.ts";

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
