/**
 * One MicroPython interpreter: the WebAssembly file without the package's own glue.
 *
 * Source: ports/webassembly of MicroPython 1.27 (`main.c`, `proxy_c.c`): which functions there are, and how a value is
 * handed over (three words: kind, then number or length and address).
 *
 * @module
 */

import { importsFor, type MicroPythonExports } from "./micropython_imports.ts";
import { micropython } from "./micropython_wasm.js";

/** The memory of an interpreter at rest. */
export interface Image {
  readonly bytes: Uint8Array;
  readonly argument: number;
  readonly result: number;
  readonly main: number;
  /** The stack pointer. */
  readonly stack: number;
  /** Where the end of what is in use is kept. */
  readonly tops: readonly number[];
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
/** The allocator's own data behind what is in use. */
const headBytes = 128 * 1024;
/** The longest text handed over as it is. */
export const argumentTextMax = 256;

const utf8 = new TextDecoder();
const encoder = new TextEncoder();

/** An interpreter. Each program has one of its own. */
export class MicroPython {
  readonly #exports: MicroPythonExports;
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
    const instance = new WebAssembly.Instance(micropython, importsFor(() => this.#exports, bytesMax));
    this.#exports = instance.exports as MicroPythonExports;
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

  /** What it has in its memory now, while it is not running. It is not to be used afterwards. */
  image(): Image {
    const words = new BigUint64Array(this.bytes.buffer);
    const bytes = this.bytes.slice(0, 8 * (words.findLastIndex((word) => word !== 0n) + 1));
    const stack = this.#exports.emscripten_stack_get_current();
    const [argument, result, main] = [this.#argument, this.#result, this.#main];
    return { bytes, argument, result, main, stack, tops: this.#findTops() };
  }

  /**
   * Where the allocator keeps the end of what it uses (it does not say): what changes when a large block is allocated, and
   * points behind that block then.
   */
  #findTops(): number[] {
    const size = 1024 * 1024;
    const before = new Uint32Array(this.bytes.buffer.slice(0));
    const block = this.#exports.malloc(size);
    const after = new Uint32Array(this.bytes.buffer);
    const tops: number[] = [];
    for (let i = 0; i < block >> 2; i++) {
      if (after[i] !== before[i] && before[i] <= block && after[i] >= block + size) tops.push(4 * i);
    }
    this.#exports.free(block);
    return tops;
  }

  /** How much of its memory is in use, or has been. */
  usedBytes({ tops }: Image): number {
    const used = Math.max(0, ...tops.map((at) => this.word(at)));
    return used === 0 ? this.memoryBytes : Math.min(used + headBytes, this.memoryBytes);
  }

  /** Goes back to an image. Nothing of what came after it is left. */
  reset(image: Image): void {
    const used = this.usedBytes(image);
    this.bytes.set(image.bytes);
    if (used > image.bytes.length) this.bytes.fill(0, image.bytes.length, used);
    this.#exports._emscripten_stack_restore(image.stack);
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
}
