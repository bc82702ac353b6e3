/**
 * MicroPython in WebAssembly, as far as it is used here.
 *
 * @module
 */

import * as package_ from "@micropython/micropython-webassembly-pyscript";

/** A character device: how many bytes it read or wrote. */
export interface CharacterDevice {
  open(stream: unknown): void;
  close(stream: unknown): void;
  read(stream: unknown, to: Int8Array, at: number, length: number): number;
  write(stream: unknown, from: Int8Array, at: number, length: number): number;
}

/** The file system, in memory. */
export interface FileSystem {
  makedev(major: number, minor: number): number;
  registerDevice(device: number, ops: CharacterDevice): void;
  mkdev(path: string, device: number): void;
  mkdirTree(path: string): void;
  writeFile(path: string, bytes: Uint8Array): void;
  readFile(path: string): Uint8Array;
  readdir(path: string): string[];
  stat(path: string): { readonly mode: number };
  isDir(mode: number): boolean;
}

/** An interpreter. */
export interface MicroPython {
  readonly FS: FileSystem;
  readonly globals: { get(name: string): unknown; set(name: string, value: unknown): void };
  runPython(code: string): unknown;
  runPythonAsync(code: string): Promise<unknown>;
  registerJsModule(name: string, module: Readonly<Record<string, unknown>>): void;
}

/** How it starts. */
export interface MicroPythonOptions {
  /** Bytes of heap to begin with; it grows. */
  readonly heapsize?: number;
  readonly linebuffer?: boolean;
  readonly stdout?: (text: string) => void;
}

/** Starts an interpreter. A second one in the same realm breaks the first. */
export const loadMicroPython: (options: MicroPythonOptions) => Promise<MicroPython> =
  (package_ as unknown as { loadMicroPython: (options: MicroPythonOptions) => Promise<MicroPython> }).loadMicroPython;
