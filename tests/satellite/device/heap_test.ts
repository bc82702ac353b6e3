/** The device library in a heap as small as chips have: stock MicroPython with 32-bit objects, which stops at the limit. */

import { LinkDriver } from "../../../satellite/gateway/link_driver.ts";
import { TcpListenSource } from "../../../satellite/gateway/line/tcp.ts";
import { deviceFileNames } from "../../../satellite/sim/device_files.ts";
import { codes } from "../../../wire/link/messages.ts";
import { assertEquals, assertTrue } from "../../support/assert.ts";
import { findMicroPythonI386 } from "../../support/micropython_i386.ts";
import { compileMpy } from "../../support/mpy_cross.ts";
import { RememberingHost } from "../../support/remembering_host.ts";

const found = await findMicroPythonI386();
if ("missing" in found) console.log(`the heap of satellites is not tested: ${found.missing}`);

/** Source: `spec/satellite.md` 2. */
const coreBytesMax = 18.5 * 1024;

type Form = "py" | "mpy";

/** Puts the library into `folder/sat`. */
async function install(folder: string, form: Form): Promise<void> {
  await Deno.mkdir(`${folder}/sat`);
  for (const name of deviceFileNames.filter((name) => name.startsWith("sat/"))) {
    const source = await Deno.readTextFile(new URL(`../../../satellite/device/${name}`, import.meta.url));
    if (form === "py") await Deno.writeTextFile(`${folder}/${name}`, source);
    else {
      const path = `${folder}/${name.replace(/\.py$/, ".mpy")}`;
      await Deno.writeFile(path, await compileMpy(name.slice("sat/".length), source));
    }
  }
}

/** Starts a program in a heap of so many kB. */
function start(folder: string, heapKb: number, program: string): Deno.ChildProcess {
  const [name, ...args] = (found as { readonly command: readonly string[] }).command;
  return new Deno.Command(name, {
    args: [...args, "-X", `heapsize=${heapKb}k`, "-c", program],
    cwd: folder,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

function test(name: string, form: Form, body: (folder: string) => Promise<void>): void {
  Deno.test({
    name,
    ignore: "missing" in found,
    fn: async () => {
      const folder = await Deno.makeTempDir({ prefix: "moat-heap-" });
      try {
        await install(folder, form);
        await body(folder);
      } finally {
        await Deno.remove(folder, { recursive: true });
      }
    },
  });
}

/** What the library takes with ten slots and its buffers while a session is up, and no app and no line. */
const coreProgram = `
import gc, sys
sys.path.insert(0, ".")
class Line:
    baud = 115200
    def write(self, buf, n):
        pass
    async def read(self, buf, at):
        pass
def deep(n):
    return n and deep(n - 1)
def used():
    deep(20)  # the collector takes what lies around on the stack for pointers
    gc.collect()
    return gc.mem_alloc()
line = Line()
before = used()
import asyncio
import sat.frame, sat.mpk, sat.link, sat.slot, sat.core
s = sat.core.Sat("garden", line, uid=b"1234")
for i in range(10):
    s.sensor("s%d" % i, lambda: 1.0, unit="C")
def start():
    s.first.start(s)
    s.first = None
    s.link.begins().init(s.link, s, *s.about)
    s.link.opening = None
start()
print(used() - before)
`;

for (const form of ["py", "mpy"] as const) {
  test(`ten slots, buffers and the library as .${form} take at most 18.5 kB`, form, async (folder) => {
    await Deno.remove(`${folder}/sat/__init__.${form}`); // the front that an app imports; it holds lines only
    const { stdout, stderr } = await start(folder, 64, coreProgram).output();
    assertEquals(new TextDecoder().decode(stderr), "");
    const bytes = Number(new TextDecoder().decode(stdout));
    assertTrue(bytes > 10_000 && bytes <= coreBytesMax, `${bytes} bytes`);
  });
}

/** A line as small as a UART, sensors that count to the end, an actor, and how much memory was left at worst. */
const satelliteProgram = (port: number, countMax: number) => `
import gc, socket, sys
sys.path.insert(0, ".")
from sat import Sat, asyncio
class Line:
    baud = 0
    def __init__(self):
        self.socket = socket.socket()
        self.socket.connect(socket.getaddrinfo("127.0.0.1", ${port})[0][-1])
        self.socket.setblocking(False)
        self.stream = asyncio.StreamReader(self.socket)
    async def read(self, buf, at):
        n = await self.stream.readinto(memoryview(buf)[at:])
        if not n:
            sys.exit()
        return n
    def write(self, buf, n):
        self.socket.write(memoryview(buf)[:n])
s = Sat("heap", Line(), uid=b"heap")
count = [0] * 8
def counter(i):
    def get():
        if count[i] < ${countMax}:
            count[i] += 1
        return count[i]
    return get
for i in range(8):
    s.sensor("n%d" % i, counter(i), every=10, unit="C", min=20)
s.actor("valve", lambda v: None)
free = s.value("free")
async def watch():
    low = gc.mem_free()
    while True:
        gc.collect()
        low = min(low, gc.mem_free())
        free.set(low)
        await asyncio.sleep_ms(50)
s.task(watch)
s.run()
`;

const [valveSlot, freeSlot] = [8, 9];
const countMax = 200;
const commandsMax = 300;

for (const [form, heapKb, freeBytesMin] of [["py", 40, 8_000], ["mpy", 32, 1_000]] as const) {
  test(`a satellite of ten slots runs in ${heapKb} kB from .${form}`, form, async (folder) => {
    const source = new TcpListenSource("127.0.0.1", 0);
    const stop = new AbortController();
    const lines = source.lines(stop.signal, (text) => console.log(text))[Symbol.asyncIterator]();
    const coming = lines.next();
    const child = start(folder, heapKb, satelliteProgram(await source.listening, countMax));
    const said = Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
    void child.status.then(() => host.end("the program ended"));
    const host = new RememberingHost();
    try {
      await using line = (await coming).value!;
      const driver = new LinkDriver(line, host);
      const running = driver.run();
      for (let command = 0; command < commandsMax; command++) {
        host.send(driver, valveSlot, command, command % 127 + 1);
        await host.until(() => host.of(codes.result).length > command);
      }
      await host.until(() => slots.every((slot) => host.of(slot).at(-1)?.rest[0] === countMax));
      assertEquals(host.of(codes.result).map(({ rest }) => rest[0]), host.commandIds);
      assertTrue(host.of(codes.result).every(({ rest }) => rest[1] === true));
      for (const slot of slots) {
        const values = host.of(slot).map(({ rest }) => Number(rest[0]));
        assertEquals(values, [...new Set(values)].toSorted((a, b) => a - b), `slot ${slot}: in order, none twice`);
      }
      assertEquals(host.of(codes.log), [], "what went wrong on the board");
      assertEquals(host.closings, []);
      const free = Math.min(...host.of(freeSlot).map(({ rest }) => Number(rest[0])));
      assertTrue(free >= freeBytesMin, `${free} bytes of ${heapKb} kB were left`);
      child.kill("SIGTERM");
      await running;
    } finally {
      try {
        child.kill("SIGKILL");
      } catch { /* it has ended */ }
      stop.abort();
      await lines.next();
    }
    assertEquals(await said, ["", ""]);
  });
}

const slots = [0, 1, 2, 3, 4, 5, 6, 7];
