/**
 * Programs in JavaScript. Each has a QuickJS runtime of its own, with its own memory, in which every built-in object is
 * frozen. Nothing of the child's own JavaScript is in there.
 *
 * @module
 */

import {
  newQuickJSWASMModuleFromVariant,
  type QuickJSContext,
  type QuickJSHandle,
  type QuickJSRuntime,
  type QuickJSWASMModule,
} from "quickjs-emscripten-core";
import variant from "@jitl/quickjs-singlefile-mjs-release-sync";
import { encode, Encoder, Float } from "../../../../wire/mod.ts";
import { Failure, failure } from "./failure.ts";
import { javascriptPrelude } from "./javascript_prelude.ts";
import { contextNames, type RunContext, type RunLimits, type Runner } from "./runner.ts";
import { smallInteger, smallText } from "./scalar.ts";

const stackBytesMax = 256 * 1024;
const textBytesMax = 64;
const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });

let quickjs: QuickJSWASMModule | undefined;

/** Loads QuickJS; takes some 40 ms. */
export async function loadJavaScript(): Promise<void> {
  quickjs ??= await newQuickJSWASMModuleFromVariant(variant);
}

/** The functions of the prelude. */
interface Door {
  readonly check: QuickJSHandle;
  readonly checkIn: QuickJSHandle;
  readonly convert: QuickJSHandle;
  readonly convertIn: QuickJSHandle;
  readonly dumped: QuickJSHandle;
  readonly isBad: QuickJSHandle;
  readonly set: QuickJSHandle;
  readonly clear: QuickJSHandle;
}

/** A program in JavaScript. */
export class JavaScriptRunner implements Runner {
  readonly #code: string;
  readonly #name: string;
  readonly #limits: RunLimits;
  #runtime!: QuickJSRuntime;
  #context: QuickJSContext | undefined;
  #door!: Door;

  /**
   * Compiles it.
   * @param code The body of a function of `value`
   * @param name How it is called in messages
   * @throws {Failure} If it is no JavaScript
   */
  constructor(code: string, name: string, limits: RunLimits) {
    this.#code = code;
    this.#name = name;
    this.#limits = limits;
    this.#start();
  }

  run(value: Uint8Array, context: RunContext | undefined, wantsResult: boolean): Uint8Array | undefined {
    if (!this.#context) this.#start();
    try {
      if (context) this.#setContext(context);
      const result = this.#call(value, wantsResult);
      return wantsResult ? this.#encode(result) : void result.dispose();
    } catch (error) {
      if (!(error instanceof Failure) || error.isBroken) this.close();
      throw error;
    } finally {
      if (context && this.#context) this.#invoke(this.#door.clear).dispose();
      if (this.#context && this.#runtime.hasPendingJob()) this.close();
    }
  }

  close(): void {
    const context = this.#context;
    if (!context) return;
    this.#context = undefined;
    for (const handle of Object.values(this.#door ?? {})) handle.dispose();
    context.dispose();
    this.#runtime.dispose();
  }

  #start(): void {
    const { memoryBytesMax } = this.#limits;
    this.#runtime = quickjs!.newRuntime({ memoryLimitBytes: memoryBytesMax, maxStackSizeBytes: stackBytesMax });
    const context = this.#context = this.#runtime.newContext();
    try {
      using wrap = context.unwrapResult(
        context.evalCode(`(${javascriptPrelude})(${this.#limits.resultBytesMax})`, "prelude"),
      );
      using program = this.#unwrap(context.evalCode(wrapped(this.#code), `<${this.#name}>`), "syntax");
      using made = context.unwrapResult(context.callFunction(wrap, context.undefined, program));
      this.#door = doorOf(context, made);
    } catch (error) {
      this.#context = undefined;
      context.dispose();
      this.#runtime.dispose();
      throw error;
    }
  }

  #setContext(given: RunContext): void {
    const context = this.#context!;
    for (const name of contextNames) {
      const bytes = given[name];
      if (!bytes) continue;
      using text = context.newString(name);
      using buffer = context.newArrayBuffer(copyOf(bytes));
      this.#invoke(this.#door.set, text, buffer).dispose();
    }
  }

  #call(value: Uint8Array, wantsResult: boolean): QuickJSHandle {
    const context = this.#context!;
    const { check, checkIn, convert, convertIn } = this.#door;
    const scalar = this.#scalar(value);
    using argument = scalar ?? context.newArrayBuffer(copyOf(value));
    return this.#invoke(scalar ? wantsResult ? convert : check : wantsResult ? convertIn : checkIn, argument);
  }

  #scalar(value: Uint8Array): QuickJSHandle | undefined {
    const context = this.#context!;
    const integer = smallInteger(value);
    if (integer !== undefined) return context.newNumber(integer);
    if (value[0] === 0xcb) {
      const x = new DataView(value.buffer, value.byteOffset).getFloat64(1);
      return Number.isInteger(x) ? undefined : context.newNumber(x);
    }
    const text = smallText(value, textBytesMax);
    return text && !text.includes(0) ? context.newString(utf8.decode(text)) : undefined; // C's texts end at a zero
  }

  #invoke(callee: QuickJSHandle, ...args: QuickJSHandle[]): QuickJSHandle {
    const context = this.#context!;
    return this.#unwrap(context.callFunction(callee, context.undefined, ...args), "rejected");
  }

  /** The value of a result. */
  #unwrap(result: ReturnType<QuickJSContext["callFunction"]>, kind: "rejected" | "syntax"): QuickJSHandle {
    if (!result.error) return result.value;
    using error = result.error;
    throw this.#failureOf(error, kind);
  }

  #failureOf(error: QuickJSHandle, kind: "rejected" | "syntax"): Failure {
    const context = this.#context!;
    const [name, message] = this.#textsOf(error);
    const isMemory = name === "InternalError" && message === "out of memory" || name === "";
    if (isMemory) return failure(kind, "MemoryError", "out of memory", true);
    if (kind === "syntax") return failure("syntax", name, message);
    if (!this.#door) return failure(kind, name, message);
    const bad = context.callFunction(this.#door.isBad, context.undefined, error);
    const isBad = !bad.error && context.dump(bad.value) === true;
    bad.dispose();
    return failure(isBad ? "bad_result" : kind, name, message);
  }

  /** Name and message of whatever was thrown. Reading them may run the program's own code, and fail. */
  #textsOf(error: QuickJSHandle): [name: string, message: string] {
    const context = this.#context!;
    if (context.typeof(error) !== "object") {
      return ["Error", context.typeof(error) === "symbol" ? "" : text(context, error)];
    }
    try {
      using name = context.getProp(error, "name");
      using message = context.getProp(error, "message");
      const named = context.typeof(name) === "string" ? context.getString(name) : "Error";
      return [named, context.typeof(message) === "string" ? context.getString(message) : ""];
    } catch {
      return ["Error", ""];
    }
  }

  #encode(result: QuickJSHandle): Uint8Array {
    const context = this.#context!;
    using handle = result;
    const type = context.typeof(handle);
    if (type === "number") {
      const x = context.getNumber(handle);
      return encode(Number.isSafeInteger(x) && !Object.is(x, -0) ? x : new Float(x));
    }
    if (type === "undefined") return Uint8Array.of(0xc0);
    using dumped = this.#invoke(this.#door.dumped, handle);
    const out = new Encoder();
    for (const part of this.#partsOf(dumped)) {
      if (typeof part === "string") out.str(part);
      else out.raw(part);
      if (out.length > this.#limits.resultBytesMax) {
        throw failure("bad_result", "RangeError", "the result is too large");
      }
    }
    return out.take();
  }

  /** Bytes and long texts, in turn; or just bytes. */
  #partsOf(dumped: QuickJSHandle): (Uint8Array | string)[] {
    const context = this.#context!;
    const length = context.getLength(dumped);
    if (!length) return [this.#bytesOf(dumped)]; // a buffer has none
    return Array.from({ length }, (_, i) => {
      using part = context.getProp(dumped, i);
      return context.typeof(part) === "string" ? context.getString(part) : this.#bytesOf(part);
    });
  }

  #bytesOf(buffer: QuickJSHandle): Uint8Array {
    using bytes = this.#context!.getArrayBuffer(buffer);
    return bytes.value.slice();
  }
}

function doorOf(context: QuickJSContext, made: QuickJSHandle): Door {
  const door: { [name: string]: QuickJSHandle } = {};
  for (const name of ["check", "checkIn", "convert", "convertIn", "dumped", "isBad", "set", "clear"]) {
    door[name] = context.getProp(made, name);
  }
  return door as unknown as Door;
}

/** The code as an expression. It cannot leave the braces: the constructor wants a function body. */
function wrapped(code: string): string {
  const names = ["value", ...contextNames].map((name) => JSON.stringify(name)).join(", ");
  return `new Function(${names}, '"use strict";\\n' + ${JSON.stringify(code)})`;
}

function text(context: QuickJSContext, handle: QuickJSHandle): string {
  try {
    return context.getString(handle);
  } catch {
    return "";
  }
}

function copyOf(bytes: Uint8Array): ArrayBuffer {
  return bytes.slice().buffer as ArrayBuffer;
}
