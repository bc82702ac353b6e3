// @ts-self-types="./micropython_wasm.d.ts"
// The compiler of TypeScript does not know `import source` yet. The runtime does, and reads the file itself: whoever
// imports it needs no permission to read.
import source micropython from "@micropython/micropython-webassembly-pyscript/micropython.wasm";

export { micropython };
