/**
 * Reads state files from anything that delivers bytes, such as a pipe: front to back, once.
 *
 * @module
 */

import { KvError, ProtocolError } from "../../wire/errors.ts";
import { MessageReader } from "../../wire/msgpack/chunks.ts";
import { type StateRecord, StateRecordReader } from "./state_record.ts";

/** Where to tell of what is not as it should be; reading goes on unless it cannot. */
export type Warn = (text: string) => void;

/** The records in chunks of bytes. One or more state files, one behind the other. */
export class StateFileReader {
  /** Records read, and bytes behind the last whole one. */
  records = 0;
  bytes = 0;
  readonly #messages = new MessageReader();
  readonly #reader = new StateRecordReader();

  /** @param warn Hears of records that are skipped */
  constructor(private readonly warn: Warn) {}

  /** Takes more bytes. */
  push(chunk: Uint8Array): void {
    this.#messages.push(chunk);
  }

  /**
   * The next record; undefined if more bytes are needed.
   * @throws {ProtocolError} If what follows is not msgpack, with its place in the file
   */
  next(): StateRecord | undefined {
    while (this.#nextMessage()) {
      const at = this.bytes;
      const { bytes, start, end } = this.#messages;
      this.bytes += end - start;
      const record = this.#read(bytes, start, end, at);
      if (record) return record;
    }
    return undefined;
  }

  #nextMessage(): boolean {
    try {
      return this.#messages.next();
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      throw new ProtocolError(`Not a state file from here on: ${error.message}; it is broken`, this.bytes);
    }
  }

  #read(bytes: Uint8Array, start: number, end: number, at: number): StateRecord | undefined {
    try {
      const record = this.#reader.read(bytes, start, end);
      if (record) this.records++;
      return record;
    } catch (error) {
      if (!(error instanceof KvError || error instanceof RangeError)) throw error;
      this.warn(`Skipped the record at byte ${at}: ${error.message}`);
      return undefined;
    }
  }

  /** To be called at the end of the bytes: tells of a last record that is not whole. Returns whether all was whole. */
  finish(): boolean {
    const { pendingBytes } = this.#messages;
    if (pendingBytes === 0) return true;
    this.warn(`The last record, at byte ${this.bytes}, is cut off: ${pendingBytes} bytes are dropped`);
    return false;
  }
}

/**
 * The records of a stream.
 * @example `for await (const record of readStateFile(Deno.stdin.readable, console.warn)) …`
 * @throws {ProtocolError} Where it stops being msgpack; everything before was delivered
 */
export async function* readStateFile(chunks: AsyncIterable<Uint8Array>, warn: Warn): AsyncGenerator<StateRecord> {
  const reader = new StateFileReader(warn);
  for await (const chunk of chunks) {
    reader.push(chunk);
    for (let record = reader.next(); record; record = reader.next()) yield record;
  }
  reader.finish();
}
