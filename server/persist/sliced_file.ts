/**
 * Writes a large file in the background: a little at a time, and synced now and then, so that neither the event loop nor
 * the system's write cache fills up.
 *
 * @module
 */

import { Encoder } from "../../wire/msgpack/encoder.ts";
import { appendAll, type DiskFile } from "./file_system.ts";
import type { Clock } from "./surroundings.ts";

const pieceBytes = 64 * 1024;
const sliceMs = 2;
const syncEveryBytes = 8 * 1024 * 1024;
/** Records between two looks at the clock. */
const lookEvery = 32;

/** A file that is written from a buffer, slice by slice. */
export class SlicedFile {
  /** Append here, then ask {@linkcode SlicedFile.isDue}. */
  readonly encoder: Encoder = new Encoder(pieceBytes * 2);
  #sliceStartMs: number;
  #records = 0;
  #syncedBytes = 0;

  constructor(readonly file: DiskFile, private readonly clock: Clock) {
    this.#sliceStartMs = clock.nowMs();
  }

  /** Counts a record; whether it is time to {@linkcode SlicedFile.rest}. */
  isDue(): boolean {
    if (this.encoder.length >= pieceBytes) return true;
    return ++this.#records % lookEvery === 0 && this.clock.nowMs() - this.#sliceStartMs >= sliceMs;
  }

  /** Writes what is in the buffer. @throws {DiskError} */
  flush(): void {
    appendAll(this.file, this.encoder.bytes, 0, this.encoder.length);
    this.encoder.reset();
  }

  /** Writes, and lets everybody else have a turn. @throws {DiskError} */
  async rest(): Promise<void> {
    this.flush();
    const bytes = this.file.size();
    if (bytes - this.#syncedBytes >= syncEveryBytes) {
      this.#syncedBytes = bytes;
      await this.file.syncLater();
    }
    await this.clock.pause();
    this.#sliceStartMs = this.clock.nowMs();
  }
}
