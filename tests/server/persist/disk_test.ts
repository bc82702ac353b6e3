/** One suite for every disk: the real one and the virtual one keep the same word. */
import { appendAll, type Disk, DiskError, readAll, replaceFile } from "../../../server/persist/file_system.ts";
import { DenoDisk, readBootId } from "../../../server/persist/disk.ts";
import { assertEquals, assertIncludes, assertThrows } from "../../support/assert.ts";
import { MemoryDisk } from "../../support/memory_disk.ts";

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const bytes = (text: string) => new TextEncoder().encode(text);

async function onEach(body: (disk: Disk) => void | Promise<void>): Promise<void> {
  await body(new MemoryDisk());
  const path = Deno.makeTempDirSync();
  try {
    await body(new DenoDisk(path));
  } finally {
    Deno.removeSync(path, { recursive: true });
  }
}

function put(disk: Disk, name: string, content: string): void {
  const file = disk.open(name, "create");
  appendAll(file, bytes(content), 0, content.length);
  file.close();
}

Deno.test("Disk: what is appended is read back, from any position", () =>
  onEach((disk) => {
    put(disk, "a", "hello");
    const file = disk.open("a", "append");
    appendAll(file, bytes("xx world!"), 2, 8);
    assertEquals(file.size(), 11);
    const into = new Uint8Array(4);
    assertEquals([file.read(into, 9), text(into.subarray(0, 2))], [2, "ld"]);
    assertEquals(file.read(into, 11), 0);
    file.sync();
    file.close();
    assertEquals(text(readAll(disk, "a", 100)), "hello world");
    assertEquals(text(readAll(disk, "a", 3)), "hel");
  }));

Deno.test("Disk: a file is cut, and goes on from there", () =>
  onEach((disk) => {
    put(disk, "a", "hello");
    const file = disk.open("a", "append");
    file.truncate(2);
    appendAll(file, bytes("y"), 0, 1);
    assertEquals([file.size(), text(readAll(disk, "a", 100))], [3, "hey"]);
    file.close();
  }));

Deno.test("Disk: files are listed, renamed over others, removed", () =>
  onEach(async (disk) => {
    for (const name of ["b", "a", "c"]) put(disk, name, name);
    assertEquals(disk.list(), ["a", "b", "c"]);
    disk.rename("c", "a");
    disk.remove("b");
    disk.remove("never there");
    disk.sync();
    await disk.syncLater();
    assertEquals([disk.list(), text(readAll(disk, "a", 9))], [["a"], "c"]);
    await disk.removeLater("a");
    assertEquals([disk.list(), disk.stat("a")], [[], undefined]);
  }));

Deno.test("Disk: refusals say why", () =>
  onEach((disk) => {
    put(disk, "a", "");
    assertEquals(assertThrows(() => disk.open("a", "create"), DiskError).reason, "exists");
    assertEquals(assertThrows(() => disk.open("b", "read"), DiskError).reason, "missing");
    assertEquals(assertThrows(() => disk.open("b", "append"), DiskError).reason, "missing");
    assertEquals(assertThrows(() => disk.rename("b", "c"), DiskError).reason, "missing");
  }));

Deno.test("Disk: a file put anew has another identity, a renamed one keeps its own", () =>
  onEach(async (disk) => {
    put(disk, "a", "1");
    const { id, size, isFile } = disk.stat("a")!;
    assertEquals([size, isFile, disk.stat("")?.isFile], [1, true, false]);
    disk.rename("a", "b");
    assertEquals(disk.stat("b")?.id, id);
    // Birth times tick in milliseconds, and inodes are used again: two files put within one may be told as one.
    do {
      await new Promise((resolve) => setTimeout(resolve, 1));
      replaceFile(disk, "b", () => bytes("2"));
    } while (disk.stat("b")?.id === id);
    assertEquals([text(readAll(disk, "b", 9)), disk.list()], ["2", ["b"]]);
  }));

Deno.test("Disk: a lock is held until it is released", () =>
  onEach((disk) => {
    const lock = disk.lock("lock", "process 7");
    const error = assertThrows(() => disk.lock("lock", "process 8"), DiskError);
    assertEquals(error.reason, "locked");
    assertIncludes(error.message, "process 7");
    lock.release();
    disk.lock("lock", "process 9").release();
  }));

Deno.test("Disk: writing goes on while a sync is under way", () =>
  onEach(async (disk) => {
    const file = disk.open("a", "create");
    const syncs: Promise<void>[] = [];
    for (let i = 0; i < 20; i++) {
      appendAll(file, new Uint8Array(10_000), 0, 10_000);
      if (i % 3 === 0) syncs.push(file.syncLater());
    }
    await Promise.all(syncs);
    assertEquals(file.size(), 200_000);
    file.close();
  }));

Deno.test("DenoDisk: a full disk is told from other errors", {
  ignore: Deno.build.os !== "linux",
}, () => {
  const path = Deno.makeTempDirSync();
  Deno.symlinkSync("/dev/full", `${path}/full`);
  const file = new DenoDisk(path).open("full", "append");
  const error = assertThrows(() => file.append(bytes("x")), DiskError);
  assertEquals(error.reason, "full");
  assertIncludes(error.message, `Cannot write ${path}/full: `);
  file.close();
  Deno.removeSync(path, { recursive: true });
});

Deno.test("DenoDisk: a directory is made with all above it, for its owner alone; one that is there is left", () => {
  const path = Deno.makeTempDirSync();
  const there = Deno.cwd();
  Deno.chdir(path);
  try {
    for (const name of [`${path}/a/b/c`, "x/y/", "z", `${path}/a/b`, "."]) {
      put(DenoDisk.make(name), "file", "1");
      assertEquals(Deno.readTextFileSync(`${name}/file`), "1");
    }
    assertEquals(Deno.statSync(`${path}/a/b/c`).mode! & 0o777, 0o700);
  } finally {
    Deno.chdir(there);
    Deno.removeSync(path, { recursive: true });
  }
});

Deno.test("DenoDisk: a directory that cannot be made says so", () => {
  const error = assertThrows(() => DenoDisk.make("/dev/null/x"), DiskError);
  assertIncludes(error.message, "Cannot make the directory /dev/null/x");
});

Deno.test("Disk: a file that got another name while it is open is still written and synced", () =>
  onEach(async (disk) => {
    const file = disk.open("a", "create");
    disk.rename("a", "b");
    appendAll(file, bytes("xyz"), 0, 3);
    await file.syncLater();
    file.sync();
    file.close();
    assertEquals(text(readAll(disk, "b", 9)), "xyz");
  }));

Deno.test("readBootId() is the same twice", () => assertEquals(readBootId(), readBootId()));
