/**
 * A disk in memory with the faults of a real one: what was not synced may be gone after a power cut, a write may be
 * torn, space may run out, bits may flip, and the process may die at any step.
 *
 * @module
 */

import { type Disk, DiskError, type DiskFile, type DiskLock, type DiskStat } from "../../server/persist/file_system.ts";

/** The process died in the middle of a disk operation. */
export class Crash extends Error {
  override name = "Crash";
}

/** A file's content; names come and go independently of it. */
class Node {
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
}

/** What a power cut leaves of what was not synced. Each returns a number from 0 to the one given. */
export interface PowerCut {
  /** How many of the directory's pending operations happened (in order). */
  operations?(pending: number): number;
  /** How many unsynced bytes of a file's tail are there. */
  tail?(unsynced: number, name: string): number;
  /** Whether the rest of the tail is there as zeros. */
  zeros?(name: string): boolean;
}

/** See the module. */
export class MemoryDisk implements Disk {
  readonly path = "/virtual";
  /** Bytes that still fit; a write beyond takes what fits and fails. */
  freeBytes = Infinity;
  /** Operations that may fail or die so far. */
  steps = 0;
  /** Dies before this step, or in its middle if it is a write. */
  crashAt = Infinity;
  /** Steps from here on fail with `io`, this many. */
  failAt = Infinity;
  failures = Infinity;
  /** Every operation, for tests that look at their order. */
  readonly trace: string[] = [];
  #names = new Map<string, Node>();
  #durableNames = new Map<string, Node>();
  #pending: ((names: Map<string, Node>) => void)[] = [];
  #ids = 0;
  #directoryId = "d1";
  #locked: DiskLock | undefined;
  #holder = "";

  /** Counts a step, and fails or dies there if so ordered. Returns whether to die in the middle. */
  step(what: string): boolean {
    this.trace.push(what);
    const step = this.steps++;
    if (step > this.crashAt) throw new Crash("The process is dead");
    if (step === this.crashAt) {
      if (what.startsWith("append")) return true;
      throw new Crash(`Died before: ${what}`);
    }
    if (step >= this.failAt && step < this.failAt + this.failures) {
      throw new DiskError("io", `Cannot ${what}: I/O error`);
    }
    return false;
  }

  open(name: string, how: "create" | "append" | "read"): DiskFile {
    if (how === "create") {
      this.step(`create ${name}`);
      if (this.#names.has(name)) throw new DiskError("exists", `Cannot open ${name}: it exists`);
      const node = new Node(`f${++this.#ids}`);
      this.#change((names) => names.set(name, node));
    }
    const node = this.#names.get(name);
    if (!node) throw new DiskError("missing", `Cannot open ${name}: no such file`);
    return new MemoryFile(this, name, node);
  }
  stat(name: string): DiskStat | undefined {
    if (name === "") return { size: 0, isFile: false, id: this.#directoryId };
    const node = this.#names.get(name);
    return node && { size: node.length, isFile: true, id: node.id };
  }
  list(): string[] {
    return [...this.#names.keys()].sort();
  }
  rename(from: string, to: string): void {
    this.step(`rename ${from} ${to}`);
    if (!this.#names.has(from)) throw new DiskError("missing", `Cannot rename ${from}: no such file`);
    this.#change((names) => {
      const node = names.get(from);
      if (node) names.set(to, node);
      names.delete(from);
    });
  }
  remove(name: string): void {
    if (!this.#names.has(name)) return;
    this.step(`remove ${name}`);
    this.#change((names) => void names.delete(name));
  }
  async removeLater(name: string): Promise<void> {
    await Promise.resolve();
    this.remove(name);
  }
  sync(): void {
    this.step("sync directory");
    this.#durableNames = new Map(this.#names);
    this.#pending = [];
  }
  async syncLater(): Promise<void> {
    await Promise.resolve();
    this.sync();
  }
  lock(_name: string, note: string): DiskLock {
    if (this.#locked) throw new DiskError("locked", `${this.path} is in use by ${this.#holder}`);
    this.#holder = note;
    const lock = { release: () => void (this.#locked === lock && (this.#locked = undefined)) };
    this.#locked = lock;
    return lock;
  }
  #change(operation: (names: Map<string, Node>) => void): void {
    operation(this.#names);
    this.#pending.push(operation);
  }

  // What tests do to it.

  /** The process is gone, the machine goes on: nothing written is lost. */
  kill(): void {
    this.#locked = undefined;
    this.crashAt = this.failAt = Infinity;
    this.steps = 0;
  }
  /** The machine is gone: what was not synced is there only as far as `cut` says (not at all, by default). */
  powerCut(cut: PowerCut = {}): void {
    const happened = cut.operations?.(this.#pending.length) ?? 0;
    for (const operation of this.#pending.slice(0, happened)) operation(this.#durableNames);
    this.#names = new Map(this.#durableNames);
    this.#pending = [];
    for (const [name, node] of this.#names) {
      const unsynced = node.content().slice(node.durable.length);
      const kept = cut.tail?.(unsynced.length, name) ?? 0;
      const size = node.durable.length;
      node.bytes = node.durable.slice();
      node.length = size;
      node.append(unsynced.subarray(0, kept));
      if (cut.zeros?.(name)) node.append(new Uint8Array(unsynced.length - kept));
      node.durable = node.content().slice();
    }
    this.kill();
  }
  /** The bytes of a file. */
  contentOf(name: string): Uint8Array {
    return this.#names.get(name)?.content().slice() ?? new Uint8Array(0);
  }
  /** Puts a file there as if somebody had copied it: another inode. */
  put(name: string, bytes: Uint8Array): void {
    const node = new Node(`f${++this.#ids}`);
    node.append(bytes);
    node.durable = bytes.slice();
    this.#names.set(name, node);
    this.#durableNames.set(name, node);
  }
  /** Changes a file's bytes where it is, as a fault of the medium does. */
  damage(name: string, change: (bytes: Uint8Array) => Uint8Array | void): void {
    const node = this.#names.get(name)!;
    const bytes = node.content().slice();
    const changed = change(bytes) ?? bytes;
    node.bytes = changed;
    node.length = changed.length;
    node.durable = changed.slice();
  }
  /** Turns over one bit. */
  flip(name: string, bit: number): void {
    this.damage(name, (bytes) => void (bytes[bit >> 3] ^= 1 << (bit & 7)));
  }
  /** A copy of the directory on the same machine or another: other inodes. */
  copy(): MemoryDisk {
    const copy = new MemoryDisk();
    copy.#ids = this.#ids + 1000;
    copy.#directoryId = `d${copy.#ids}`;
    for (const name of this.list()) copy.put(name, this.contentOf(name));
    return copy;
  }
  /** The same directory as it is now, inodes and all, to be looked at from several sides. */
  twin(): MemoryDisk {
    const twin = new MemoryDisk();
    twin.#ids = this.#ids;
    twin.#directoryId = this.#directoryId;
    for (const [name, { id }] of this.#names) {
      const node = new Node(id);
      node.append(this.contentOf(name));
      node.durable = this.contentOf(name);
      twin.#names.set(name, node);
      twin.#durableNames.set(name, node);
    }
    return twin;
  }
}

class MemoryFile implements DiskFile {
  #open = true;
  constructor(readonly disk: MemoryDisk, readonly name: string, readonly node: Node) {}

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
  async syncLater(): Promise<void> {
    const covered = this.node.length;
    await Promise.resolve();
    this.disk.step(`sync ${this.name}`);
    this.node.durable = this.node.content().subarray(0, covered);
  }
  close(): void {
    this.#open = false;
  }
}
