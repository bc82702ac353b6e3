/**
 * A disk in memory with the faults of a real one: what was not synced may be gone after a power cut, a write may be
 * torn, space may run out, bits may flip, and the process may die at any step.
 *
 * @module
 */

import { type Disk, DiskError, type DiskFile, type DiskLock, type DiskStat } from "../../server/persist/file_system.ts";
import { Content, Crash, later, MemoryFile } from "./memory_file.ts";

export { Crash };

let directories = 0;

/** A change of the directory. */
interface Operation {
  apply(names: Map<string, Content>): void;
  readonly isRemoval: boolean;
}

/** What a power cut leaves of what was not synced. Each returns a number from 0 to the one given. */
export interface PowerCut {
  /** How many of the directory's pending operations happened (in order). */
  operations?(pending: number): number;
  /** Whether of the others all removals happened. */
  removals?: boolean;
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
  /** How things are done in the background; default: at the next turn of promises. */
  later: (body: () => void) => Promise<void> = later;
  #names = new Map<string, Content>();
  #durableNames = new Map<string, Content>();
  #pending: Operation[] = [];
  #ids = 0;
  #directoryId = `d${String(++directories).padStart(8, "0")}`;
  #locked: DiskLock | undefined;
  #holder = "";

  /** Whether the process died. */
  get isDead(): boolean {
    return this.steps > this.crashAt;
  }

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
      const node = new Content(`f${++this.#ids}`);
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
    const content = this.#names.get(name);
    if (!content) return;
    this.step(`remove ${name}`);
    this.freeBytes += content.length;
    this.#change((names) => void names.delete(name), true);
  }
  removeLater(name: string): Promise<void> {
    return this.later(() => this.remove(name));
  }
  sync(): void {
    this.step("sync directory");
    this.#durableNames = new Map(this.#names);
    this.#pending = [];
  }
  syncLater(): Promise<void> {
    return this.later(() => this.sync());
  }
  lock(_name: string, note: string): DiskLock {
    if (this.#locked) throw new DiskError("locked", `${this.path} is in use by ${this.#holder}`);
    this.#holder = note;
    const lock = { release: () => void (this.#locked === lock && (this.#locked = undefined)) };
    this.#locked = lock;
    return lock;
  }
  #change(apply: (names: Map<string, Content>) => void, isRemoval = false): void {
    apply(this.#names);
    this.#pending.push({ apply, isRemoval });
  }

  // What tests do to it.

  /** The process is gone, the machine goes on: nothing written is lost. Returns the disk for the next process. */
  kill(): MemoryDisk {
    const next = this.#successor();
    next.#pending = this.#pending;
    next.#durableNames = this.#durableNames;
    next.#names = this.#names;
    return next;
  }
  /** The machine is gone: what was not synced is there only as far as `cut` says (not at all, by default). */
  powerCut(cut: PowerCut = {}): MemoryDisk {
    const next = this.#successor();
    const happened = cut.operations?.(this.#pending.length) ?? 0;
    const names = new Map(this.#durableNames);
    this.#pending.forEach((operation, i) => {
      if (i < happened || cut.removals && operation.isRemoval) operation.apply(names);
    });
    next.#names = names;
    for (const [name, node] of names) node.powerCut(cut.tail?.(node.unsynced, name) ?? 0, cut.zeros?.(name) ?? false);
    next.#durableNames = new Map(names);
    return next;
  }
  /** From now on every operation of this process fails, in whatever it is still doing. */
  #successor(): MemoryDisk {
    this.crashAt = -1;
    const next = new MemoryDisk();
    next.#ids = this.#ids;
    next.#directoryId = this.#directoryId;
    next.freeBytes = this.freeBytes;
    next.later = this.later;
    return next;
  }
  /** The bytes of a file. */
  contentOf(name: string): Uint8Array {
    return this.#names.get(name)?.content().slice() ?? new Uint8Array(0);
  }
  /** Puts a file there as if somebody had copied it: another inode. */
  put(name: string, bytes: Uint8Array): void {
    const node = new Content(`f${++this.#ids}`);
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
    copy.later = this.later;
    for (const name of this.list()) copy.put(name, this.contentOf(name));
    return copy;
  }
  /** The same directory as it is now, inodes and all, to be looked at from several sides. */
  twin(): MemoryDisk {
    const twin = new MemoryDisk();
    twin.#ids = this.#ids;
    twin.#directoryId = this.#directoryId;
    twin.later = this.later;
    for (const [name, { id }] of this.#names) {
      const node = new Content(id);
      node.append(this.contentOf(name));
      node.durable = this.contentOf(name);
      twin.#names.set(name, node);
      twin.#durableNames.set(name, node);
    }
    return twin;
  }
}
