/**
 * MicroPython's compiler: `.py` to `.mpy`.
 *
 * @module
 */

import cross from "@pybricks/mpy-cross-v6";

/** Compiles a module; `name` ends in `.py`. @throws {Error} If it is not right */
export async function compileMpy(name: string, source: string): Promise<Uint8Array> {
  const wasm = new URL("./mpy-cross-v6.wasm", import.meta.resolve("@pybricks/mpy-cross-v6")).href;
  const { status, mpy, err } = await cross.compile(name, source, ["-O3"], wasm);
  if (status !== 0 || mpy === undefined) throw new Error(`${name}: ${err.join("\n")}`);
  return mpy;
}
