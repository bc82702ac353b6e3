/**
 * MicroPython's compiler: `.py` to `.mpy`.
 *
 * @module
 */

import cross from "@pybricks/mpy-cross-v6";

/** Its program, in the only form that the package takes here: it tells files from addresses by their first letters. */
const wasm: Promise<string> = Deno.readFile(
  new URL("./mpy-cross-v6.wasm", import.meta.resolve("@pybricks/mpy-cross-v6")),
).then((bytes) => `data:application/wasm;base64,${bytes.toBase64()}`);

/** Compiles a module; `name` ends in `.py`. @throws {Error} If it is not right */
export async function compileMpy(name: string, source: string): Promise<Uint8Array> {
  const { status, mpy, err } = await cross.compile(name, source, ["-O3"], await wasm);
  if (status !== 0 || mpy === undefined) throw new Error(`${name}: ${err.join("\n")}`);
  return mpy;
}
