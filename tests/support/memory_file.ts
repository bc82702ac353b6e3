/**
 * Files of a disk in memory.
 *
 * @module
 */

import { DiskError, type DiskFile } from "../../server/persist/file_system.ts";
import type { MemoryDisk } from "./memory_disk.ts";

/** The process died in the middle of a disk operation. */
export class Crash extends Error {
  override name = "Crash";
}

/** Does something in the background; a dead process never hears of its end. */
export function later(body: () => void): Promise<void> {
  return new Promise((resolve, reject) => {
    queueMicrotask(() => {
      try {
        body();
        resolve();
      } catch (error) {
        if (!(error instanceof Crash)) reject(error);
      }
    });
  });
}

/** A file's content; names come and go independently of it. */
export class Content {
  bytes: Uint8Array = new Uint8Array(256);
  length = 0;
  /** What survives a power cut for sure. Shares the buffer until the file is cut below it. */
  durable: Uint8Array = new Uint8Array(0);
  constructor(readonly id: string) {}

  append(bytes: Uint8Array): void {
    const needed = this.length + bytes.length;
    if (needed > this.bytes.length) {
      const grown = new Uint8Array(Math.max(needed, this.bytes.length * 2));
      grown.set(this.bytes.subarray(0, this.length));
      this.bytes = grown;
    }
    this.bytes.set(bytes, this.length);
    this.length = needed;
  }
  truncate(size: number): void {
    if (size < this.durable.length) this.bytes = this.bytes.slice();
    this.length = size;
  }
  content(): Uint8Array {
    return this.bytes.subarray(0, this.length);
  }
  get unsynced(): number {
    return Math.max(0, this.length - this.durable.length);
  }
  powerCut(kept: number, zeros: boolean): void {
    const tail = this.content().slice(this.durable.length);
    this.bytes = this.durable.slice();
    this.length = this.bytes.length;
    this.append(tail.subarray(0, kept));
    if (zeros) this.append(new Uint8Array(tail.length - kept));
    this.durable = this.content().slice();
  }
}

/** An open file. */
export class MemoryFile implements DiskFile {
  #open = true;
  constructor(readonly disk: MemoryDisk, readonly name: string, readonly node: Content) {}

  size(): number {
    return this.node.length;
  }
  append(bytes: Uint8Array): number {
    if (!this.#open) throw new DiskError("io", `Cannot write ${this.name}: closed`);
    const dies = this.disk.step(`append ${this.name} ${bytes.length}`);
    const fits = Math.min(bytes.length, this.disk.freeBytes, dies ? bytes.length >> 1 : Infinity);
    this.node.append(bytes.subarray(0, fits));
    this.disk.freeBytes -= fits;
    if (dies) throw new Crash(`Died in the middle of: append ${this.name}`);
    if (fits === 0) throw new DiskError("full", `Cannot write ${this.name}: No space left on device`);
    return fits;
  }
  read(into: Uint8Array, position: number): number {
    const part = this.node.content().subarray(position, position + into.length);
    into.set(part);
    return part.length;
  }
  truncate(size: number): void {
    this.disk.step(`truncate ${this.name} ${size}`);
    this.disk.freeBytes += this.node.length - size;
    this.node.truncate(size);
  }
  sync(): void {
    this.disk.step(`sync ${this.name}`);
    this.node.durable = this.node.content();
  }
  syncLater(): Promise<void> {
    const covered = this.node.length;
    return this.disk.later(() => {
      this.disk.step(`sync ${this.name}`);
      if (covered > this.node.durable.length) this.node.durable = this.node.content().subarray(0, covered);
    });
  }
  close(): void {
    this.#open = false;
  }
}
