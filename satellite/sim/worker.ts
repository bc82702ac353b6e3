/**
 * One simulated satellite: stock MicroPython in WebAssembly with the device library's own files. A realm holds only one, so
 * each has a worker.
 *
 * The line is a character device, which costs 5 µs for a frame; its callbacks get MicroPython's memory directly.
 *
 * @module
 */

import { loadMicroPython } from "./micropython.ts";
import type { FromSatellite, ToSatellite } from "./protocol.ts";

/** What a worker has and a page lacks, and the type check sees only the page. */
interface WorkerScope {
  postMessage(message: FromSatellite): void;
  onmessage: (event: MessageEvent<ToSatellite>) => void;
}

const scope = globalThis as unknown as WorkerScope;
const post = (message: FromSatellite) => scope.postMessage(message);

/** What the satellite's program finds under the name of the line. */
const linePython = `
import _line
class Line:
    def __init__(self):
        self.baud = _line.baud
        self.file = open("/dev/line", "r+b")
    async def read(self, buf, at):
        view = memoryview(buf)
        while True:
            n = self.file.readinto(view[at:])
            if n:
                return n
            await _line.wait()
    def write(self, buf, n):
        self.file.write(memoryview(buf)[:n])
import builtins
builtins.line = Line
def _run(code):
    try:
        return repr(eval(code))
    except SyntaxError:
        exec(code, globals())
        return ""
`;

/** Bytes on their way to the satellite. */
class Inbox {
  #bytes: number[] = [];
  #wake: (() => void) | undefined;

  push(bytes: Uint8Array): void {
    for (const byte of bytes) this.#bytes.push(byte);
    this.#wake?.();
    this.#wake = undefined;
  }

  take(to: Int8Array, at: number, length: number): number {
    const taken = this.#bytes.splice(0, length);
    to.set(taken, at);
    return taken.length;
  }

  wait(): Promise<void> {
    return this.#bytes.length > 0 ? Promise.resolve() : new Promise((resolve) => this.#wake = resolve);
  }
}

const inbox = new Inbox();
const realNow = Date.now;
let offsetMs = 0;
Date.now = () => realNow() + offsetMs;

type MicroPython = Awaited<ReturnType<typeof loadMicroPython>>;
let python: MicroPython | undefined;

async function start(message: ToSatellite & { kind: "start" }): Promise<void> {
  offsetMs = message.clockOffsetMs;
  const mp = await loadMicroPython({
    heapsize: 256 * 1024,
    linebuffer: true,
    stdout: (text) => post({ kind: "text", text }),
  });
  python = mp;
  const device = mp.FS.makedev(64, 0);
  mp.FS.registerDevice(device, {
    open: () => {},
    close: () => {},
    read: (_stream, to, at, length) => inbox.take(to, at, length),
    write: (_stream, from, at, length) => {
      // MicroPython's memory, seen as signed bytes.
      post({ kind: "bytes", bytes: new Uint8Array(from.buffer, from.byteOffset + at, length).slice() });
      return length;
    },
  });
  mp.FS.mkdev("/dev/line", device);
  mp.registerJsModule("_line", { baud: message.baud, wait: () => inbox.wait() });
  const reset = () => post({ kind: "reset" });
  mp.registerJsModule("machine", { soft_reset: reset, reset });
  for (const [path, bytes] of message.files) {
    mp.FS.mkdirTree(path.slice(0, path.lastIndexOf("/")) || "/");
    mp.FS.writeFile(path, bytes);
  }
  mp.runPython(linePython);
  post({ kind: "ready" });
  try {
    await mp.runPythonAsync(message.main);
    post({ kind: "ended", error: undefined });
  } catch (error) {
    post({ kind: "ended", error: String(error) });
  }
}

function run(id: number, code: string): void {
  try {
    python!.globals.set("_code", code);
    python!.runPython("_said = _run(_code)");
    post({ kind: "result", id, text: String(python!.globals.get("_said")), error: undefined });
  } catch (error) {
    post({ kind: "result", id, text: "", error: String(error) });
  }
}

/** Every file below `folder`. */
function* filesBelow(mp: MicroPython, folder: string): Iterable<[string, Uint8Array]> {
  for (const name of mp.FS.readdir(folder)) {
    const path = folder === "/" ? `/${name}` : `${folder}/${name}`;
    if (name === "." || name === ".." || path === "/dev" || path === "/proc" || path === "/tmp") continue;
    if (mp.FS.isDir(mp.FS.stat(path).mode)) yield* filesBelow(mp, path);
    else yield [path, mp.FS.readFile(path)];
  }
}

scope.onmessage = ({ data }: MessageEvent<ToSatellite>) => {
  if (data.kind === "start") void start(data);
  else if (data.kind === "bytes") inbox.push(data.bytes);
  else if (data.kind === "clock") offsetMs = data.offsetMs;
  else if (data.kind === "run") run(data.id, data.code);
  else post({ kind: "files", id: data.id, files: new Map(filesBelow(python!, "/")) });
};
