/**
 * The part of the C library that a tty needs, on Linux with glibc or musl. Why not Deno's files: opening a tty wants all
 * permissions, and a file cannot be read and written at the same time.
 *
 * @module
 */

const symbols = {
  open: { parameters: ["buffer", "i32", "i32"], result: "i32" },
  close: { parameters: ["i32"], result: "i32" },
  read: { parameters: ["i32", "buffer", "usize"], result: "isize" },
  write: { parameters: ["i32", "buffer", "usize"], result: "isize" },
  /** Waits, so it runs on a thread of its own. */
  poll: { parameters: ["buffer", "u64", "i32"], result: "i32", nonblocking: true },
  ioctl: { parameters: ["i32", "u64", "buffer"], result: "i32" },
  tcgetattr: { parameters: ["i32", "buffer"], result: "i32" },
  tcsetattr: { parameters: ["i32", "i32", "buffer"], result: "i32" },
  tcflush: { parameters: ["i32", "i32"], result: "i32" },
  cfmakeraw: { parameters: ["buffer"], result: "void" },
  cfsetispeed: { parameters: ["buffer", "u32"], result: "i32" },
  cfsetospeed: { parameters: ["buffer", "u32"], result: "i32" },
  strerror: { parameters: ["i32"], result: "pointer" },
  __errno_location: { parameters: [], result: "pointer" },
} as const;

let library: Deno.DynamicLibrary<typeof symbols> | undefined;

/** The functions. @throws {Error} Where there is no such library */
export function libc(): Deno.DynamicLibrary<typeof symbols>["symbols"] {
  if (Deno.build.os !== "linux") {
    throw new Error(`Serial lines are not supported on ${Deno.build.os} yet, only on Linux`);
  }
  library ??= Deno.dlopen("libc.so.6", symbols);
  return library.symbols;
}

/** The error of the last call, on this very thread. */
export function errno(): number {
  return new Deno.UnsafePointerView(libc().__errno_location()!).getInt32();
}

/** What the error is called. */
export function errorText(code: number): string {
  return new Deno.UnsafePointerView(libc().strerror(code)!).getCString();
}

/** Constants of Linux. */
export const linux = {
  O_RDWR: 2,
  O_NOCTTY: 0x100,
  O_NONBLOCK: 0x800,
  O_CLOEXEC: 0x80000,
  EINTR: 4,
  EAGAIN: 11,
  ENOTTY: 25,
  POLLIN: 1,
  POLLERR: 8,
  POLLHUP: 0x10,
  POLLNVAL: 0x20,
  TCSANOW: 0,
  TCIOFLUSH: 2,
  TIOCMBIS: 0x5416,
  TIOCMBIC: 0x5417,
  TIOCEXCL: 0x540c,
  TIOCM_DTR: 2,
  TIOCM_RTS: 4,
} as const;

/** Speeds by their codes in termios. */
export const speeds: ReadonlyMap<number, number> = new Map([
  [1200, 9],
  [2400, 11],
  [4800, 12],
  [9600, 13],
  [19200, 14],
  [38400, 15],
  [57600, 0x1001],
  [115200, 0x1002],
  [230400, 0x1003],
  [460800, 0x1004],
  [500000, 0x1005],
  [921600, 0x1007],
  [1000000, 0x1008],
  [1500000, 0x100a],
  [2000000, 0x100b],
]);

/** Bytes of a termios: 60 with glibc and musl; some more do no harm. */
export const termiosBytes = 128;
