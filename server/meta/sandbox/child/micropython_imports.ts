/**
 * What an interpreter is given from outside. There is no file system, no console and no JavaScript behind it: what it asks
 * for is not there.
 *
 * Source: what the WebAssembly file of MicroPython 1.27 imports, and what Emscripten means by it.
 *
 * @module
 */

import { micropython } from "./micropython_wasm.js";

/** What the interpreter exports, as far as it is used here. */
export interface MicroPythonExports extends WebAssembly.Exports {
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

const noSuchFile = -44;

/** The interpreter's `longjmp` is a number thrown through JavaScript. */
const longjmp = Infinity;

/**
 * The imports of one interpreter.
 * @param exports What it exports, once it is there
 * @param bytesMax What its memory may grow to
 */
export function importsFor(exports: () => MicroPythonExports, bytesMax: number): WebAssembly.Imports {
  const env: WebAssembly.ModuleImports = {};
  const wasi: WebAssembly.ModuleImports = {};
  const invoke = invokerOf(exports);
  for (const { module, name } of WebAssembly.Module.imports(micropython)) {
    const imports = module === "env" ? env : wasi;
    imports[name] = name.startsWith("invoke_") ? invoke : name.startsWith("__syscall") ? denied : absent;
  }
  env.emscripten_resize_heap = (size: number) => grow(exports().memory, size >>> 0, bytesMax);
  wasi.fd_write = (_file: number, pieces: number, count: number, written: number) =>
    swallow(exports().memory, pieces, count, written);
  return { env: Object.assign(env, harmless), wasi_snapshot_preview1: wasi };
}

const harmless: WebAssembly.ModuleImports = {
  _emscripten_throw_longjmp: () => {
    throw longjmp;
  },
  js_check_existing: () => -1,
  lookup_attr: () => 0,
  has_attr: () => 0,
  mp_js_random_u32: () => crypto.getRandomValues(new Uint32Array(1))[0],
  mp_js_ticks_ms: () => performance.now(),
  mp_js_time_ms: () => Date.now(),
};

/** What calls a function of the interpreter that may jump out. */
function invokerOf(exports: () => MicroPythonExports): (index: number, ...args: number[]) => number {
  return (index, ...args) => {
    const { __indirect_function_table: table, setThrew, emscripten_stack_get_current, _emscripten_stack_restore } =
      exports();
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
}

function grow(memory: WebAssembly.Memory, size: number, bytesMax: number): number {
  if (size > bytesMax) return 0;
  try {
    memory.grow(Math.ceil((size - memory.buffer.byteLength) / 65536));
    return 1;
  } catch {
    return 0;
  }
}

/** What is printed goes nowhere. */
function swallow(memory: WebAssembly.Memory, pieces: number, count: number, written: number): number {
  const view = new DataView(memory.buffer);
  let length = 0;
  for (let i = 0; i < count; i++) length += view.getUint32(pieces + 8 * i + 4, true);
  view.setUint32(written, length, true);
  return 0;
}

/** There are no files. */
function denied(): number {
  return noSuchFile;
}

/** Neither JavaScript objects nor devices. Whoever calls it all the same ends the interpreter. */
function absent(): never {
  throw new Error("the interpreter left its bounds");
}
