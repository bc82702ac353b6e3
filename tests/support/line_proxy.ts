/** A line to a port of this machine, that can be cut and held up. */

/** `await using` closes it. */
export class LineProxy implements AsyncDisposable {
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #lines = new Set<Deno.Conn>();
  readonly #serving: Promise<void>;
  #bytesLeft = Infinity;
  #state: "open" | "cut" | "stalled" = "open";
  #opened = Promise.withResolvers<void>();
  #joined = Promise.withResolvers<void>();
  /** Bytes that passed, in both directions. */
  bytes = 0;
  /** Takes away what must not reach the near side, of lines that are made from now on. */
  makeFilter: () => (chunk: Uint8Array) => Uint8Array = () => (chunk) => chunk;

  /** @param target The port; undefined: it is told later, with `target` */
  constructor(public target: number | undefined) {
    this.#opened.resolve();
    this.#serving = this.#serve();
  }

  /** Where it is. */
  get port(): number {
    return this.#listener.addr.port;
  }

  /** As the place of a broker. */
  get uri(): string {
    return `mqtt://127.0.0.1:${this.port}`;
  }

  /** The next connection breaks when so many bytes came from the other side. */
  breakAfter(bytes: number): void {
    this.#bytesLeft = bytes;
  }

  /** Everything passes. */
  open(): void {
    this.#state = "open";
    this.#opened.resolve();
  }

  /** Breaks what is there, and takes in nobody. */
  cut(): void {
    this.#state = "cut";
    for (const line of this.#lines) close(line);
  }

  /** Resolves when somebody connects. */
  nextLine(): Promise<void> {
    return this.#joined.promise;
  }

  /** Lets nothing pass, in neither direction, and says nothing of it. */
  stall(): void {
    this.#state = "stalled";
    this.#opened = Promise.withResolvers();
  }

  async #serve(): Promise<void> {
    for await (const near of this.#listener) {
      if (this.#state === "cut") close(near);
      else void this.#connect(near);
    }
  }

  async #connect(near: Deno.Conn): Promise<void> {
    this.#lines.add(near);
    try {
      const far = await Deno.connect({ hostname: "127.0.0.1", port: this.target! });
      this.#lines.add(far);
      this.#joined.resolve();
      this.#joined = Promise.withResolvers();
      const bytesLeft = this.#bytesLeft;
      this.#bytesLeft = Infinity;
      await Promise.all([
        this.#pump(near, far, Infinity, (chunk) => chunk),
        this.#pump(far, near, bytesLeft, this.makeFilter()),
      ]);
      this.#lines.delete(far);
    } catch {
      close(near);
    }
    this.#lines.delete(near);
  }

  async #pump(
    from: Deno.Conn,
    to: Deno.Conn,
    bytesLeft: number,
    filter: (chunk: Uint8Array) => Uint8Array,
  ): Promise<void> {
    const buffer = new Uint8Array(64 * 1024);
    try {
      for (let count; (count = await from.read(buffer)) !== null;) {
        if (this.#state === "stalled") await this.#opened.promise;
        const passing = filter(buffer.subarray(0, count));
        this.bytes += passing.length;
        for (let at = 0; at < passing.length;) at += await to.write(passing.subarray(at));
        if ((bytesLeft -= count) <= 0) break;
      }
    } catch { /* it was cut */ }
    close(from);
    close(to);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.open();
    this.#listener.close();
    for (const line of this.#lines) close(line);
    await this.#serving;
  }
}

function close(line: Deno.Conn): void {
  try {
    line.close();
  } catch { /* it is closed */ }
}
