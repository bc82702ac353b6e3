/**
 * A line within one process: what one end writes, the other receives.
 *
 * @module
 */

import { ByteQueue } from "./byte_queue.ts";
import type { Line } from "./line.ts";

/** One end. */
export class DuplexLine implements Line {
  /** Nobody counts. */
  readonly baud: undefined = undefined;
  /** What comes. */
  readonly received: AsyncIterable<Uint8Array> & ByteQueue = new ByteQueue();
  /** Why it ended. */
  readonly closed: Promise<string>;
  #other!: DuplexLine;
  #end!: (reason: string) => void;
  #isOpen = true;

  private constructor(
    /** For people. */
    readonly description: string,
  ) {
    this.closed = new Promise((resolve) => this.#end = resolve);
  }

  /** Both ends of a new line. */
  static pair(description: string): [DuplexLine, DuplexLine] {
    const ends: [DuplexLine, DuplexLine] = [new DuplexLine(description), new DuplexLine(description)];
    ends[0].#other = ends[1];
    ends[1].#other = ends[0];
    return ends;
  }

  /** Sends bytes. */
  write(bytes: Uint8Array): boolean {
    if (this.#isOpen) this.#other.received.push(bytes.slice());
    return this.#isOpen;
  }

  /** Ends both ends. */
  close(reason: string = "closed"): void {
    for (const end of [this, this.#other]) {
      end.#isOpen = false;
      end.received.end();
      end.#end(reason);
    }
  }

  /** Ends it. */
  [Symbol.asyncDispose](): Promise<void> {
    this.close();
    return Promise.resolve();
  }
}
