/**
 * The file system as Deno has it. The only file of this folder that touches the runtime.
 *
 * @module
 */

import { type Disk, DiskError, type DiskFile, type DiskLock, type DiskReason, type DiskStat } from "./file_system.ts";

const REASONS: Record<string, DiskReason> = {
  ENOSPC: "full",
  EDQUOT: "full",
  EFBIG: "full",
  ENOENT: "missing",
  EEXIST: "exists",
  EACCES: "denied",
  EPERM: "denied",
  EROFS: "denied",
};

/** Runs `body`; whatever the runtime throws becomes a {@linkcode DiskError} that says what was tried. */
function tried<T>(what: string, path: string, body: () => T): T {
  try {
    return body();
  } catch (error) {
    throw toDiskError(what, path, error);
  }
}

function toDiskError(what: string, path: string, error: unknown): DiskError {
  const { code = "", message } = error as Error & { code?: string };
  const why = message.replace(/ \(os error \d+\).*/s, "");
  return new DiskError(REASONS[code] ?? "io", `Cannot ${what} ${path}: ${why}`, { cause: error });
}

/** One file. A background sync uses a handle of its own, so that it never stands in the way of a write. */
class DenoFile implements DiskFile {
  readonly #path: string;
  readonly #file: Deno.FsFile;
  readonly #background: Deno.FsFile;
  #bytes: number;

  constructor(readonly name: string, path: string, options: Deno.OpenOptions) {
    this.#path = path;
    this.#file = tried("open", path, () => Deno.openSync(path, options));
    this.#background = options.append ? tried("open", path, () => Deno.openSync(path, { read: true })) : this.#file;
    this.#bytes = this.#file.statSync().size;
  }

  size(): number {
    return this.#bytes;
  }

  append(bytes: Uint8Array): number {
    const taken = tried("write", this.#path, () => this.#file.writeSync(bytes));
    if (taken === 0) throw new DiskError("io", `Cannot write ${this.#path}: nothing was taken`);
    this.#bytes += taken;
    return taken;
  }

  read(into: Uint8Array, position: number): number {
    return tried("read", this.#path, () => {
      this.#file.seekSync(position, Deno.SeekMode.Start);
      return this.#file.readSync(into) ?? 0;
    });
  }

  truncate(size: number): void {
    tried("cut", this.#path, () => this.#file.truncateSync(size));
    this.#bytes = size;
  }

  sync(): void {
    tried("sync", this.#path, () => this.#file.syncDataSync());
  }

  async syncLater(): Promise<void> {
    try {
      await this.#background.syncData();
    } catch (error) {
      throw toDiskError("sync", this.#path, error);
    }
  }

  close(): void {
    this.#file.close();
    if (this.#background !== this.#file) this.#background.close();
  }
}

/** A directory on this machine. */
export class DenoDisk implements Disk {
  /** @param path The directory; made by {@linkcode DenoDisk.make} */
  constructor(readonly path: string) {}

  /** Makes the directory if need be, readable by its owner alone, and on the disk. @throws {DiskError} */
  static make(path: string): DenoDisk {
    const disk = new DenoDisk(path);
    if (disk.stat("") !== undefined) return disk;
    const above = new DenoDisk(path.replace(/\/*[^/]+\/*$/, "") || (path.startsWith("/") ? "/" : "."));
    if (above.path !== path && above.path !== "/") DenoDisk.make(above.path);
    tried("make the directory", path, () => Deno.mkdirSync(path, { recursive: true, mode: 0o700 }));
    above.sync();
    return disk;
  }

  open(name: string, how: "create" | "append" | "read"): DiskFile {
    const path = this.#pathOf(name);
    const options: Deno.OpenOptions = how === "read"
      ? { read: true }
      : { read: true, append: true, createNew: how === "create", mode: 0o600 };
    return new DenoFile(name, path, options);
  }

  stat(name: string): DiskStat | undefined {
    try {
      const { size, isFile, ino, birthtime } = Deno.statSync(this.#pathOf(name));
      const id = ino === null && birthtime === null ? undefined : `${ino ?? ""}:${birthtime?.getTime() ?? ""}`;
      return { size, isFile, id };
    } catch {
      return undefined;
    }
  }

  list(): string[] {
    return tried("list", this.path, () => Array.from(Deno.readDirSync(this.path), (entry) => entry.name).sort());
  }

  rename(from: string, to: string): void {
    tried("rename", this.#pathOf(from), () => Deno.renameSync(this.#pathOf(from), this.#pathOf(to)));
  }

  remove(name: string): void {
    if (this.stat(name)) tried("remove", this.#pathOf(name), () => Deno.removeSync(this.#pathOf(name)));
  }

  async removeLater(name: string): Promise<void> {
    await Deno.remove(this.#pathOf(name)).catch((error) => {
      throw toDiskError("remove", this.#pathOf(name), error);
    });
  }

  sync(): void {
    const directory = this.#openDirectory();
    try {
      tried("sync", this.path, () => directory?.syncSync());
    } finally {
      directory?.close();
    }
  }

  async syncLater(): Promise<void> {
    const directory = this.#openDirectory();
    try {
      await directory?.sync();
    } catch (error) {
      throw toDiskError("sync", this.path, error);
    } finally {
      directory?.close();
    }
  }

  lock(name: string, note: string): DiskLock {
    const path = this.#pathOf(name);
    const file = tried("open", path, () => Deno.openSync(path, { read: true, write: true, create: true, mode: 0o600 }));
    if (!tried("lock", path, () => file.tryLockSync(true))) {
      const holder = readNote(file);
      file.close();
      throw new DiskError("locked", `${this.path} is in use${holder && ` by ${holder}`}`);
    }
    file.truncateSync(0);
    file.writeSync(new TextEncoder().encode(note));
    return { release: () => file.close() };
  }

  /** Windows cannot open a directory, and writes its changes through. */
  #openDirectory(): Deno.FsFile | undefined {
    if (Deno.build.os === "windows") return undefined;
    return tried("open", this.path, () => Deno.openSync(this.path, { read: true }));
  }

  #pathOf(name: string): string {
    return name === "" ? this.path : `${this.path}/${name}`;
  }
}

function readNote(file: Deno.FsFile): string {
  try {
    const bytes = new Uint8Array(200);
    return new TextDecoder().decode(bytes.subarray(0, file.readSync(bytes) ?? 0)).trim();
  } catch {
    return "";
  }
}

/** What changes with every start of the machine, if it can be read. */
export function readBootId(): string | undefined {
  try {
    return Deno.readTextFileSync("/proc/sys/kernel/random/boot_id").trim();
  } catch {
    return undefined;
  }
}
