/** MicroPython's WebAssembly port, compiled. */
export const micropython: WebAssembly.Module;
