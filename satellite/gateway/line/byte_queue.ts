/**
 * Bytes from a callback to a loop. What nobody reads in time is dropped and counted: a satellite sends it again.
 *
 * @module
 */

/** Bytes that may wait to be read. */
const unreadBytesMax = 64 * 1024;

/** A queue with one reader. */
export class ByteQueue implements AsyncIterable<Uint8Array> {
  /** Bytes nobody read in time. */
  droppedBytes = 0;
  #chunks: Uint8Array[] = [];
  #bytes = 0;
  #isEnded = false;
  #wake: (() => void) | undefined;

  /** Adds bytes; they are the queue's from then on. */
  push(bytes: Uint8Array): void {
    if (this.#isEnded || bytes.length === 0) return;
    if (this.#bytes + bytes.length > unreadBytesMax) {
      this.droppedBytes += bytes.length;
      return;
    }
    this.#chunks.push(bytes);
    this.#bytes += bytes.length;
    this.#wake?.();
  }

  /** Nothing more comes. */
  end(): void {
    this.#isEnded = true;
    this.#wake?.();
  }

  /** What comes, in its pieces. */
  async *[Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    while (true) {
      for (let chunk = this.#chunks.shift(); chunk !== undefined; chunk = this.#chunks.shift()) {
        this.#bytes -= chunk.length;
        yield chunk;
      }
      if (this.#isEnded) return;
      await new Promise<void>((resolve) => this.#wake = resolve);
      this.#wake = undefined;
    }
  }
}
