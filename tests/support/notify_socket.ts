/** A socket as systemd offers it to a service; libc, because the runtime has no unix datagrams. */

const symbols = {
  socket: { parameters: ["i32", "i32", "i32"], result: "i32" },
  bind: { parameters: ["i32", "buffer", "u32"], result: "i32" },
  recv: { parameters: ["i32", "buffer", "usize", "i32"], result: "isize", nonblocking: true },
  close: { parameters: ["i32"], result: "i32" },
} as const;

/** Receives what a service tells. */
export class NotifySocket implements Disposable {
  readonly #libc: Deno.DynamicLibrary<typeof symbols>;
  readonly #fd: number;

  private constructor(libc: Deno.DynamicLibrary<typeof symbols>, readonly name: string) {
    this.#libc = libc;
    const AF_UNIX = 1;
    const SOCK_DGRAM = 2;
    this.#fd = libc.symbols.socket(AF_UNIX, SOCK_DGRAM, 0);
    const path = new TextEncoder().encode(name.replace(/^@/, "\0"));
    const address = new Uint8Array(2 + path.length + (name.startsWith("@") ? 0 : 1));
    address[0] = AF_UNIX;
    address.set(path, 2);
    if (libc.symbols.bind(this.#fd, address, address.length) !== 0) throw new Error(`Cannot bind ${name}`);
  }

  /** A path, or with `@` in front an abstract name. Undefined where there is no such libc. */
  static open(name: string): NotifySocket | undefined {
    if (Deno.build.os !== "linux") return undefined;
    for (const library of ["libc.so.6", `libc.musl-${Deno.build.arch}.so.1`]) {
      try {
        return new NotifySocket(Deno.dlopen(library, symbols), name);
      } catch (error) {
        if (error instanceof Error && /Cannot bind/.test(error.message)) throw error;
      }
    }
    return undefined;
  }

  /** The next message's lines. */
  async receive(): Promise<string[]> {
    const buffer = new Uint8Array(4096);
    const length = Number(await this.#libc.symbols.recv(this.#fd, buffer, BigInt(buffer.length), 0));
    return new TextDecoder().decode(buffer.subarray(0, length)).split("\n");
  }

  [Symbol.dispose](): void {
    this.#libc.symbols.close(this.#fd);
    this.#libc.close();
  }
}
