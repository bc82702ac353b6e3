/**
 * Programs in Python. Each has an interpreter of its own, so whatever it does to it is seen by nobody else.
 *
 * @module
 */

import { encode, Float } from "../../../../wire/mod.ts";
import { Failure, failure, shorten } from "./failure.ts";
import {
  argumentTextMax,
  type Image,
  kindBool,
  kindException,
  kindFloat,
  kindInt,
  MicroPython,
} from "./micropython.ts";
import { pythonModules, pythonPrelude } from "./python_prelude.ts";
import { pythonValues } from "./python_values.ts";
import { contextNames, type RunContext, type RunLimits, type Runner } from "./runner.ts";
import { smallInteger, smallText } from "./scalar.ts";

const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });
const encoder = new TextEncoder();

/** The interpreter begins with 16 MiB of address space, most of it untouched. */
const memoryBytesAtStart = 17 * 1024 * 1024;

const prelude = (pythonValues + pythonPrelude).replace(
  "{_MODULES}",
  `(${pythonModules.map((name) => `'${name}'`).join(", ")})`,
);

/** The functions of the prelude, and where its words are. */
interface Door {
  readonly check: number;
  readonly checkIn: number;
  readonly convert: number;
  readonly convertIn: number;
  readonly room: number;
  readonly compile: number;
  readonly context: number;
  readonly clear: number;
  readonly head: number;
}

/** Where an interpreter is that has run the prelude. All begin there. */
let prepared: { readonly image: Image; readonly door: Door } | undefined;

/** Interpreters that nobody uses. To begin from an image again takes less than to start a new one. */
const idle: MicroPython[] = [];
const idleMax = 4;

/** An interpreter that has used more than this is not used again. */
const keptBytesMax = 4 * 1024 * 1024;

function prepare(): { readonly image: Image; readonly door: Door } {
  const python = new MicroPython(2 * memoryBytesAtStart);
  python.exec(prelude);
  const door = doorOf(python);
  return { image: python.image(), door };
}

function open(image: Image, bytesMax: number): MicroPython {
  const python = idle.pop();
  if (!python) return new MicroPython(bytesMax, image);
  python.reset(image);
  return python;
}

/** A program in Python. */
export class PythonRunner implements Runner {
  /** Whether globals are made anew for each run (a byte), then the source, then the name. */
  readonly #source: Uint8Array;
  readonly #sourceEnd: number;
  readonly #limits: RunLimits;
  #python: MicroPython | undefined;
  #door!: Door;

  /**
   * Compiles it.
   * @param code The body of a function of `value`
   * @param name How it is called in messages
   * @throws {Failure} If it is no Python
   */
  constructor(code: string, name: string, limits: RunLimits) {
    const source = encoder.encode("def _proc(value):\n    " + code.replaceAll("\n", "\n    ") + "\n");
    const label = encoder.encode(name.replace(/[^ -~]/g, "?").slice(0, 100));
    this.#sourceEnd = 1 + source.length;
    this.#source = new Uint8Array(this.#sourceEnd + label.length + 1);
    this.#source[0] = /glo|__|exec|eval|getattr|import/.test(code) ? 1 : 0;
    this.#source.set(source, 1);
    this.#source.set(label, this.#sourceEnd);
    this.#limits = limits;
    this.#start();
  }

  run(value: Uint8Array, context: RunContext | undefined, wantsResult: boolean): Uint8Array | undefined {
    if (!this.#python) this.#start();
    const names = context && namesOf(context);
    try {
      if (names) this.#setContext(context);
      return this.#resultOf(this.#call(value, wantsResult), wantsResult);
    } catch (error) {
      throw this.#failureOf(error);
    } finally {
      if (names) this.#clearContext(names);
      this.#discardIfLarge();
    }
  }

  close(): void {
    const python = this.#python;
    this.#python = undefined;
    if (python && !isLarge(python) && idle.length < idleMax) idle.push(python);
  }

  /** Ends an interpreter that is not to be trusted any more. */
  #discard(): void {
    this.#python = undefined;
  }

  #start(): void {
    try {
      const { image, door } = prepared ??= prepare();
      this.#python = open(image, memoryBytesAtStart + this.#limits.memoryBytesMax);
      this.#door = door;
      this.#put(this.#source);
      this.#resultOf(this.#python.callInteger(door.compile, this.#sourceEnd), false);
    } catch (error) {
      const found = this.#failureOf(error);
      this.#discard();
      throw found;
    }
  }

  #call(value: Uint8Array, wantsResult: boolean): number {
    const python = this.#python!;
    const door = wantsResult ? this.#door.convert : this.#door.check;
    python.setWord(this.#door.head + 16, 0);
    const integer = smallInteger(value);
    if (integer !== undefined) return python.callInteger(door, integer);
    if (value[0] === 0xcb && value.length === 9) return python.callFloat(door, float64(value));
    const text = smallText(value, argumentTextMax);
    if (text) return python.callText(door, text);
    this.#put(value);
    return python.call(wantsResult ? this.#door.convertIn : this.#door.checkIn);
  }

  /** Puts bytes where Python reads them. */
  #put(bytes: Uint8Array): void {
    const python = this.#python!;
    const { head, room } = this.#door;
    if (python.word(head + 4) < bytes.length || bytes.length * 4 < python.word(head + 4)) {
      python.callInteger(room, Math.max(256, bytes.length));
    }
    python.bytes.set(bytes, python.word(head));
  }

  #setContext(context: RunContext): void {
    for (const name of contextNames) {
      const bytes = context[name];
      if (!bytes) continue;
      this.#put(bytes);
      this.#resultOf(this.#python!.callText(this.#door.context, encoder.encode(name)), false);
    }
  }

  /** What one run has seen, the next one must not. */
  #clearContext(names: Uint8Array): void {
    if (this.#python?.callText(this.#door.clear, names) === kindException) this.#discard();
  }

  #resultOf(kind: number, wantsResult: boolean): Uint8Array | undefined {
    const python = this.#python!;
    if (kind === kindException) throw escaped(python.exception());
    const flag = python.word(this.#door.head + 16);
    if (flag > 1) throw this.#thrown(flag);
    if (!wantsResult) return undefined;
    if (flag === 1) return this.#output().slice();
    if (kind === kindInt) return encode(python.integer);
    if (kind === kindFloat) return encode(new Float(python.float));
    return Uint8Array.of(kind === kindBool ? 0xc2 + python.integer : 0xc0);
  }

  #output(): Uint8Array {
    const python = this.#python!;
    const length = python.word(this.#door.head + 12);
    if (length > this.#limits.resultBytesMax) throw failure("bad_result", "ValueError", "the result is too large");
    const at = python.word(this.#door.head + 8);
    return python.bytes.subarray(at, at + length);
  }

  /** The exception that the prelude caught. */
  #thrown(flag: number): Failure {
    const text = utf8.decode(this.#output());
    const at = text.indexOf("\n");
    const name = text.slice(0, at);
    const kind = flag === 3 ? "bad_result" : flag === 4 ? "syntax" : "rejected";
    return new Failure(kind, name, shorten(text.slice(at + 1)), name === "MemoryError");
  }

  /** What went wrong in a way that the prelude could not catch ends the interpreter; the next run has a new one. */
  #failureOf(error: unknown): Failure {
    if (error instanceof Failure && !error.isBroken) return error;
    this.#discard();
    if (error instanceof Failure) return error;
    if (error instanceof RangeError) return failure("rejected", "RecursionError", "maximum recursion depth exceeded");
    return failure("crash", "SystemError", `the interpreter died: ${(error as Error).message}`);
  }

  #discardIfLarge(): void {
    if (this.#python && isLarge(this.#python)) this.#discard();
  }
}

function isLarge(python: MicroPython): boolean {
  return python.usedBytes(prepared!.image) > prepared!.image.bytes.length + keptBytesMax;
}

/** The names of what is there. */
function namesOf(context: RunContext): Uint8Array {
  return encoder.encode(contextNames.filter((name) => context[name] !== undefined).join(" "));
}

function doorOf(python: MicroPython): Door {
  python.call(python.function("_head_at"));
  const head = python.integer;
  return {
    head,
    check: python.function("_check"),
    checkIn: python.function("_check_in"),
    convert: python.function("_convert"),
    convertIn: python.function("_convert_in"),
    room: python.function("_room"),
    compile: python.function("_compile"),
    context: python.function("_context"),
    clear: python.function("_clear"),
  };
}

/** An exception that came through the prelude: `MemoryError`, a control character, the traceback. */
function escaped(text: string): Failure {
  const name = text.slice(0, text.indexOf("\x04"));
  const message = text.trimEnd().split("\n").at(-1)!.slice(name.length + 2);
  return failure("rejected", name, message, true);
}

function float64(bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset).getFloat64(1);
}
