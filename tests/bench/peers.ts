/** Starts the servers that are measured, each on a free port of the loopback interface, and ends them again. */

/** A running server. */
export interface Peer extends AsyncDisposable {
  readonly name: string;
  /** What the load generator speaks to it. */
  readonly protocol: "moat" | "resp" | "mqtt" | "echo";
  readonly port: number;
  readonly pid: number;
  /** From the start of the process until it said that it serves. */
  readonly startMs: number;
}

/** How a peer is started. */
export interface PeerOptions {
  /** Keep the process on the first processor, beside its client: the least noisy placement. */
  readonly pinned?: boolean;
  /** State directory; default: a new one, removed at the end. */
  readonly folder?: string;
}

/** Starts one peer; `undefined` if its program is not installed. */
export type Starter = (options?: PeerOptions) => Promise<Peer | undefined>;

const ROOT = new URL("../../", import.meta.url).pathname;

/** Our program, as `deno task start` runs it: with small nurseries, which keeps pauses short. */
const MOAT = ["run", "-A", "--v8-flags=--max-semi-space-size=4", `${ROOT}mod.ts`];

const moatSigns: Signs = {
  port: (text) => /tcp:\/\/127\.0\.0\.1:(\d+)/.exec(text)?.[1],
  ready: (text) => text.includes("Running."),
};

/** Our server: without a log, or with one under the given policy. */
export function moat(fsync: "memory" | "no" | "everysec" | "always"): Starter {
  return (options = {}) => {
    return withFolder(options, (folder) => {
      const where = fsync === "memory" ? ["--memory"] : ["--data", folder, "--fsync", fsync];
      const args = [...MOAT, "server", "-i", "bench", "--alone", ...where];
      const bind = ["--bind", "127.0.0.1:0", "--web", "none", "bench"];
      return start(`moat ${fsync}`, "moat", Deno.execPath(), [...args, ...bind], options, moatSigns);
    });
  };
}

/** Redis 7: without a log, or with its append-only file under the given policy. */
export function redis(fsync: "memory" | "everysec" | "always"): Starter {
  return (options = {}) => {
    return withFolder(options, (folder) => {
      const port = freePort();
      const log = fsync === "memory" ? ["--appendonly", "no"] : ["--appendonly", "yes", "--appendfsync", fsync];
      const args = ["--port", String(port), "--bind", "127.0.0.1", "--save", "", "--dir", folder, ...log];
      return start(`redis ${fsync}`, "resp", "redis-server", args, options, {
        port: () => String(port),
        ready: (text) => text.includes("Ready to accept connections"),
      });
    });
  };
}

/** A bare Deno echo. */
export const echo: Starter = (options = {}): Promise<Peer | undefined> =>
  start("deno echo", "echo", Deno.execPath(), ["run", "-A", `${ROOT}tests/bench/echo.ts`], options, {
    port: (text) => /^(\d+)$/m.exec(text)?.[1],
    ready: (text) => /^\d+$/m.test(text),
  });

/** A broker on a free port. */
export function mosquitto(options: PeerOptions = {}): Promise<Peer | undefined> {
  const port = freePort();
  return start("mosquitto", "mqtt", "mosquitto", ["-p", String(port)], options, {
    port: () => String(port),
    ready: (text) => text.includes("running"),
  });
}

/** One of our servers on a broker, memory only; without `init` it joins. @param settings More of its configuration */
export function moatBeside(
  brokerPort: number,
  name: string,
  init: string | undefined,
  settings: readonly string[] = [],
): Promise<Peer | undefined> {
  const all = [`kv.server.mqtt.uri=mqtt://127.0.0.1:${brokerPort}`, ...settings];
  const network = [...all.flatMap((setting) => ["-C", setting]), "server"];
  const begin = init === undefined ? [] : ["-i", init];
  const args = [...MOAT, ...network, ...begin, "--memory", "--bind", "127.0.0.1:0", "--web", "none", name];
  return start(`moat ${name}`, "moat", Deno.execPath(), args, {}, moatSigns);
}

/** One of ours that tells everything in the original's form, too: see compat_server.ts. */
export function compatBeside(brokerPort: number, name: string, init: string | undefined): Promise<Peer | undefined> {
  const [options, script] = [MOAT.slice(0, -1), `${ROOT}tests/bench/compat_server.ts`];
  const args = [...options, script, String(brokerPort), name, ...(init === undefined ? [] : [init])];
  return start(`moat ${name}`, "moat", Deno.execPath(), args, {}, moatSigns);
}

/** One server of the original on a broker, if it is installed; without `init` it joins the one called `one`. */
export async function originalBeside(
  brokerPort: number,
  name: string,
  init: string | undefined,
  options: PeerOptions = {},
): Promise<Peer | undefined> {
  const { findPython } = await import("../support/python.ts");
  const found = await findPython();
  if ("missing" in found) return undefined;
  const port = freePort();
  if (init !== undefined) originalPort = port;
  const settings: [string, string, string][] = [
    ["-e", "kv.server.bind_default.port", String(port)],
    ["-v", "kv.server.mqtt.uri", `mqtt://127.0.0.1:${brokerPort}`],
    ["-e", "kv.server.ping.cycle", "2"],
    ["-e", "kv.server.ping.gap", "0.5"],
    ["-v", "kv.hostmap.one", `127.0.0.1:${originalPort}`],
  ];
  const script = `${ROOT}tests/interop/python/original_cli.py`;
  const begin = init === undefined ? [] : ["-I", init];
  const args = ["-u", script, ...settings.flat(), "kv", "server", ...begin, name];
  return await start("python original", "moat", found.python, args, options, {
    port: () => String(port),
    ready: (text) => text.includes("Running."),
  });
}

/** Where the original's first server was started last: the second has to be told. */
let originalPort = 0;

/** The original, with a broker of its own, if both are installed. */
export const original: Starter = async (options = {}): Promise<Peer | undefined> => {
  const broker = await mosquitto();
  if (!broker) return undefined;
  const peer = await originalBeside(broker.port, "one", "bench", options);
  if (!peer) return void await broker[Symbol.asyncDispose]();
  return {
    ...peer,
    [Symbol.asyncDispose]: async () => (await peer[Symbol.asyncDispose](), await broker[Symbol.asyncDispose]()),
  };
};

interface Signs {
  readonly port: (text: string) => string | undefined;
  readonly ready: (text: string) => boolean;
}

async function withFolder(
  options: PeerOptions,
  begin: (folder: string) => Promise<Peer | undefined>,
): Promise<Peer | undefined> {
  const folder = options.folder ?? await Deno.makeTempDir({ prefix: "moat-kv-bench-" });
  const peer = await begin(folder);
  const remove = () => options.folder ? Promise.resolve() : Deno.remove(folder, { recursive: true });
  if (!peer) return void await remove();
  return { ...peer, [Symbol.asyncDispose]: async () => (await peer[Symbol.asyncDispose](), await remove()) };
}

async function start(
  name: string,
  protocol: Peer["protocol"],
  program: string,
  args: string[],
  options: PeerOptions,
  signs: Signs,
): Promise<Peer | undefined> {
  const [command, words] = options.pinned ? ["taskset", ["-c", "0", program, ...args]] : [program, args];
  const started = performance.now();
  let child: Deno.ChildProcess;
  try {
    child = new Deno.Command(command, { args: words, stdin: "null", stdout: "piped", stderr: "piped" }).spawn();
  } catch {
    return undefined;
  }
  const said = { text: "" };
  const told = Promise.withResolvers<void>();
  const listen = async (stream: ReadableStream<Uint8Array>) => {
    for await (const text of stream.pipeThrough(new TextDecoderStream())) {
      if (said.text.length < 1e6) said.text += text;
      if (signs.ready(said.text) && signs.port(said.text)) told.resolve();
    }
  };
  const outputs = [listen(child.stdout), listen(child.stderr)];
  const ended = child.status.then((status) => {
    throw new Error(`${name} ended at its start with ${status.code}: ${said.text.slice(-400)}`);
  });
  try {
    await Promise.race([told.promise, ended]);
  } catch (error) {
    if (/ENOENT|No such file|failed to execute/.test(String(error))) return undefined;
    throw error;
  }
  ended.catch(() => {});
  return {
    name,
    protocol,
    port: Number(signs.port(said.text)),
    pid: child.pid,
    startMs: performance.now() - started,
    [Symbol.asyncDispose]: async () => {
      child.kill("SIGTERM");
      await child.status;
      await Promise.allSettled(outputs);
    },
  };
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return (listener.addr as Deno.NetAddr).port;
}

/** Resident memory of a process, in bytes. */
export async function residentBytes(pid: number): Promise<number> {
  const status = await Deno.readTextFile(`/proc/${pid}/status`);
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) * 1024;
}
