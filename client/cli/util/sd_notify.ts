/**
 * Tells systemd how the service does: `READY=1`, `WATCHDOG=1`, `STOPPING=1` as datagrams to the socket that
 * `NOTIFY_SOCKET` names (a path, or with a leading `@` an abstract name).
 *
 * Deno's own unix datagrams need an unstable flag, and Node's have none, so libc is called. The message must come from
 * this very process (`NotifyAccess=main`); where libc cannot be called, `systemd-notify` sends it instead.
 *
 * @module
 */

/** Whom to notify. Does nothing if the program was not started by systemd. */
export interface ServiceNotifier {
  /** Sends lines such as `READY=1`. Never throws: a service does not fail because nobody listens. */
  send(...lines: string[]): void;
  /** How often systemd wants `WATCHDOG=1`; undefined if it does not. Two thirds of the limit it set. */
  readonly watchdogMs: number | undefined;
}

/** The variables that systemd sets. */
export interface ServiceEnvironment {
  get(name: string): string | undefined;
}

const linuxSymbols = {
  socket: { parameters: ["i32", "i32", "i32"], result: "i32" },
  sendto: { parameters: ["i32", "buffer", "usize", "i32", "buffer", "u32"], result: "isize" },
  close: { parameters: ["i32"], result: "i32" },
} as const;

/** AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, MSG_NOSIGNAL as Linux has them. */
const AF_UNIX = 1;
const SOCK_DGRAM_CLOEXEC = 2 | 0o2000000;
const MSG_NOSIGNAL = 0x4000;

/** `struct sockaddr_un` for a path or an abstract name; its length ends the name. */
function socketAddress(name: string): Uint8Array<ArrayBuffer> {
  const path = new TextEncoder().encode(name);
  if (name.startsWith("@")) path[0] = 0;
  const address = new Uint8Array(2 + path.length + (name.startsWith("@") ? 0 : 1));
  new DataView(address.buffer).setUint16(0, AF_UNIX, true);
  address.set(path, 2);
  return address;
}

function openLibc(): Deno.DynamicLibrary<typeof linuxSymbols> | undefined {
  for (const name of ["libc.so.6", `libc.musl-${Deno.build.arch}.so.1`]) {
    try {
      return Deno.dlopen(name, linuxSymbols);
    } catch { /* the next one */ }
  }
  return undefined;
}

function sendThroughLibc(address: Uint8Array<ArrayBuffer>, text: string): boolean {
  const libc = openLibc();
  if (!libc) return false;
  try {
    const fd = libc.symbols.socket(AF_UNIX, SOCK_DGRAM_CLOEXEC, 0);
    if (fd < 0) return false;
    const bytes = new TextEncoder().encode(text);
    const sent = libc.symbols.sendto(fd, bytes, BigInt(bytes.length), MSG_NOSIGNAL, address, address.length);
    libc.symbols.close(fd);
    return Number(sent) === bytes.length;
  } finally {
    libc.close();
  }
}

function sendThroughProgram(lines: readonly string[]): void {
  try {
    new Deno.Command("systemd-notify", { args: [`--pid=${Deno.pid}`, ...lines], stdout: "null", stderr: "null" })
      .spawn().unref();
  } catch { /* nobody listens */ }
}

/** Reads whom to notify from the environment. */
export function openServiceNotifier(environment: ServiceEnvironment = Deno.env): ServiceNotifier {
  const socketName = environment.get("NOTIFY_SOCKET");
  if (!socketName || Deno.build.os !== "linux") return { send: () => {}, watchdogMs: undefined };
  const address = socketAddress(socketName);
  const watchdogPid = Number(environment.get("WATCHDOG_PID") || Deno.pid);
  const watchdogUsec = Number(environment.get("WATCHDOG_USEC") || 0);
  return {
    send(...lines) {
      if (!sendThroughLibc(address, lines.join("\n"))) sendThroughProgram(lines);
    },
    watchdogMs: watchdogUsec > 0 && watchdogPid === Deno.pid ? watchdogUsec * 2 / 3 / 1000 : undefined,
  };
}
