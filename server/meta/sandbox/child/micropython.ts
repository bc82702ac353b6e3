/**
 * One MicroPython interpreter: the WebAssembly file with imports of our own instead of the package's glue. There is no
 * file system, no console and no JavaScript behind them: what the interpreter asks for is not there.
 *
 * Source: ports/webassembly of MicroPython 1.27 (`main.c`, `proxy_c.c`): which functions there are, and how a value is
 * handed over (three words: kind, then number or length and address).
 *
 * @module
 */

import { micropython } from "./micropython_wasm.js";

/** What the interpreter exports, as far as it is used here. */
interface Exports extends WebAssembly.Exports {
  readonly memory: WebAssembly.Memory;
  readonly __indirect_function_table: WebAssembly.Table;
  readonly __wasm_call_ctors: () => void;
  readonly setThrew: (threw: number, value: number) => void;
  readonly emscripten_stack_init: () => void;
  readonly emscripten_stack_get_current: () => number;
  readonly _emscripten_stack_restore: (pointer: number) => void;
  readonly malloc: (size: number) => number;
  readonly free: (pointer: number) => void;
  readonly mp_js_init: (stackWords: number, heapBytes: number) => void;
  readonly proxy_c_init: () => void;
  readonly mp_js_do_exec: (source: number, length: number, result: number) => void;
  readonly mp_js_do_import: (name: number, result: number) => void;
  readonly proxy_c_to_js_lookup_attr: (object: number, name: number, result: number) => void;
  readonly proxy_c_to_js_call: (object: number, count: number, args: number, result: number) => void;
}

/** The memory of an interpreter at rest. */
export interface Image {
  readonly bytes: Uint8Array;
  readonly argument: number;
  readonly result: number;
  readonly main: number;
}

/** What a call returned: its kind says how to read the other two. */
export const kindException = -1;
export const kindNone = 1;
export const kindBool = 2;
export const kindInt = 3;
export const kindFloat = 4;

/** Words of Python's stack: about a hundred nested calls. */
const stackWords = 4096;
/** The heap to begin with. It grows. */
const heapBytes = 64 * 1024;
/** The longest text handed over as it is. */
export const argumentTextMax = 256;

const utf8 = new TextDecoder();
const encoder = new TextEncoder();
const noSuchFile = -44;

/** An interpreter. Each program has one of its own. */
export class MicroPython {
  readonly #exports: Exports;
  readonly #bytesMax: number;
  readonly #argument: number;
  readonly #result: number;
  /** Python's `__main__`. */
  readonly #main: number;
  #bytes: Uint8Array;
  #view: DataView;

  /**
   * Starts an interpreter.
   * @param bytesMax What its memory may grow to
   * @param image What another one had in its memory: this one goes on from there
   */
  constructor(bytesMax: number, image?: Image) {
    this.#bytesMax = bytesMax;
    const instance = new WebAssembly.Instance(micropython, this.#imports());
    this.#exports = instance.exports as Exports;
    const { memory } = this.#exports;
    this.#bytes = new Uint8Array(memory.buffer);
    this.#view = new DataView(memory.buffer);
    this.#exports.emscripten_stack_init();
    if (image) {
      this.#bytes.set(image.bytes);
      [this.#argument, this.#result, this.#main] = [image.argument, image.result, image.main];
      return;
    }
    this.#exports.__wasm_call_ctors();
    this.#exports.mp_js_init(stackWords, heapBytes);
    this.#exports.proxy_c_init();
    this.#argument = this.#exports.malloc(16);
    this.#result = this.#exports.malloc(16);
    this.#named("__main__", (at) => this.#exports.mp_js_do_import(at, this.#result));
    this.#main = this.word(this.#result + 4);
  }

  /** What it has in its memory now, while it is not running. */
  image(): Image {
    const words = new BigUint64Array(this.bytes.buffer);
    const end = words.findLastIndex((word) => word !== 0n) + 1;
    return { bytes: this.bytes.slice(0, 8 * end), argument: this.#argument, result: this.#result, main: this.#main };
  }

  /** What its memory has grown to. */
  get memoryBytes(): number {
    return this.#bytes.byteLength;
  }

  /** The memory; replaced when it grows. */
  get bytes(): Uint8Array {
    if (this.#bytes.byteLength === 0) this.#renew();
    return this.#bytes;
  }

  get #words(): DataView {
    if (this.#bytes.byteLength === 0) this.#renew();
    return this.#view;
  }

  #renew(): void {
    this.#bytes = new Uint8Array(this.#exports.memory.buffer);
    this.#view = new DataView(this.#exports.memory.buffer);
  }

  /**
   * Runs trusted source in `__main__`.
   * @throws {Error} With Python's text, if it fails
   */
  exec(source: string): void {
    const bytes = encoder.encode(source);
    const at = this.#text(bytes);
    this.#exports.mp_js_do_exec(at, bytes.length, this.#result);
    this.#exports.free(at);
    this.#throwIfFailed();
  }

  /** The function `name` of `__main__`, to be called. */
  function(name: string): number {
    this.#named(name, (at) => this.#exports.proxy_c_to_js_lookup_attr(this.#main, at, this.#result));
    return this.word(this.#result + 4);
  }

  #named(name: string, use: (at: number) => void): void {
    const at = this.#text(encoder.encode(name));
    use(at);
    this.#exports.free(at);
    this.#throwIfFailed();
  }

  #throwIfFailed(): void {
    if (this.kind === kindException) throw new Error(this.exception());
  }

  /** Calls a function without an argument. Returns the kind of the result. */
  call(reference: number): number {
    return this.#call(reference, 0);
  }

  /** Calls a function with an integer of 32 bits. */
  callInteger(reference: number, n: number): number {
    const view = this.#words;
    view.setInt32(this.#argument, 3, true);
    view.setInt32(this.#argument + 4, n, true);
    return this.#call(reference, 1);
  }

  /** Calls a function with a float. */
  callFloat(reference: number, x: number): number {
    const view = this.#words;
    view.setInt32(this.#argument, 4, true);
    view.setFloat64(this.#argument + 4, x, true);
    return this.#call(reference, 1);
  }

  /** Calls a function with a text, given as UTF-8. */
  callText(reference: number, text: Uint8Array): number {
    const at = this.#text(text); // freed by the callee
    const view = this.#words;
    view.setInt32(this.#argument, 5, true);
    view.setInt32(this.#argument + 4, text.length, true);
    view.setInt32(this.#argument + 8, at, true);
    return this.#call(reference, 1);
  }

  #call(reference: number, count: number): number {
    this.#exports.proxy_c_to_js_call(reference, count, this.#argument, this.#result);
    return this.kind;
  }

  /** The kind of the last result. */
  get kind(): number {
    return this.#words.getInt32(this.#result, true);
  }

  /** The last result, an integer or boolean. */
  get integer(): number {
    return this.#words.getInt32(this.#result + 4, true);
  }

  /** The last result, a float. */
  get float(): number {
    return this.#words.getFloat64(this.#result + 4, true);
  }

  /** The last result, an exception: its class, a control character, its traceback. */
  exception(): string {
    const length = this.word(this.#result + 4);
    const at = this.word(this.#result + 8);
    const text = utf8.decode(this.bytes.subarray(at, at + length));
    this.#exports.free(at);
    return text;
  }

  /** An unsigned word of the memory. */
  word(at: number): number {
    return this.#words.getUint32(at, true);
  }

  /** Writes a word of the memory. */
  setWord(at: number, n: number): void {
    this.#words.setUint32(at, n, true);
  }

  /** Copies bytes into the memory, with a zero behind them. */
  #text(bytes: Uint8Array): number {
    const at = this.#exports.malloc(bytes.length + 1);
    if (at === 0) throw new RangeError("no memory");
    this.bytes.set(bytes, at);
    this.bytes[at + bytes.length] = 0;
    return at;
  }

  #imports(): WebAssembly.Imports {
    const env: WebAssembly.ModuleImports = {};
    const wasi: WebAssembly.ModuleImports = {};
    for (const { module, name } of WebAssembly.Module.imports(micropython)) {
      const imports = module === "env" ? env : wasi;
      imports[name] = name.startsWith("invoke_") ? this.#invoke : name.startsWith("__syscall") ? denied : absent;
    }
    return { env: Object.assign(env, this.#environment()), wasi_snapshot_preview1: Object.assign(wasi, this.#wasi()) };
  }

  /** Calls a function of the interpreter that may jump out (its `longjmp` is a number thrown through JavaScript). */
  readonly #invoke = (index: number, ...args: number[]): number => {
    const { __indirect_function_table: table, setThrew, emscripten_stack_get_current, _emscripten_stack_restore } =
      this.#exports;
    const stack = emscripten_stack_get_current();
    try {
      return (table.get(index) as (...args: number[]) => number)(...args);
    } catch (thrown) {
      if (thrown !== longjmp) throw thrown;
      _emscripten_stack_restore(stack);
      setThrew(1, 0);
      return 0;
    }
  };

  #environment(): WebAssembly.ModuleImports {
    return {
      _emscripten_throw_longjmp: () => {
        throw longjmp;
      },
      emscripten_resize_heap: (size: number) => this.#grow(size >>> 0),
      js_check_existing: () => -1,
      lookup_attr: () => 0,
      has_attr: () => 0,
      mp_js_random_u32: () => crypto.getRandomValues(new Uint32Array(1))[0],
      mp_js_ticks_ms: () => performance.now(),
      mp_js_time_ms: () => Date.now(),
    };
  }

  /** What is printed goes nowhere. */
  #wasi(): WebAssembly.ModuleImports {
    return {
      fd_write: (_file: number, pieces: number, count: number, written: number) => {
        let length = 0;
        for (let i = 0; i < count; i++) length += this.word(pieces + 8 * i + 4);
        this.setWord(written, length);
        return 0;
      },
    };
  }

  #grow(size: number): number {
    const { memory } = this.#exports;
    if (size > this.#bytesMax) return 0;
    try {
      memory.grow(Math.ceil((size - memory.buffer.byteLength) / 65536));
      return 1;
    } catch {
      return 0;
    }
  }
}

const longjmp = Infinity;

/** There are no files. */
function denied(): number {
  return noSuchFile;
}

/** Neither JavaScript objects nor devices. Whoever calls it all the same ends the interpreter. */
function absent(): never {
  throw new Error("the interpreter left its bounds");
}
