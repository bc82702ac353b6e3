/**
 * The msgpack values in a file or stream, one after the other.
 *
 * @module
 */

import { ProtocolError } from "../../../wire/errors.ts";
import { MessageReader } from "../../../wire/msgpack/chunks.ts";
import { decode } from "../../../wire/msgpack/decoder.ts";
import type { Value } from "../../../wire/value.ts";
import type { Input } from "../context.ts";
import { CommandError } from "../errors.ts";

/** One value and where it ends, in bytes from the start of the file. */
export interface FileRecord {
  readonly value: Value;
  readonly end: number;
}

/**
 * Reads a file's values as they come; a pipe will do.
 * @param file Its name; `-` is `stdin`
 * @throws {CommandError} If the file cannot be read, is no msgpack, or ends within a value
 */
export async function* recordsOf(file: string, stdin: Input): AsyncGenerator<FileRecord> {
  const reader = new MessageReader();
  const name = file === "-" ? "The input" : file;
  let end = 0;
  for await (const chunk of file === "-" ? stdin.chunks() : chunksOf(file)) {
    reader.push(chunk);
    try {
      while (reader.next()) {
        const value = decode(reader.bytes, reader.start, reader.end);
        end += reader.end - reader.start;
        yield { value, end };
      }
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      throw new CommandError(`${name} is damaged, or no msgpack: ${error.message} of the value at byte ${end}`, 1, {
        cause: error,
      });
    }
  }
  if (reader.pendingBytes > 0) {
    throw new CommandError(`${name} is cut off: ${reader.pendingBytes} bytes at byte ${end} are no complete value`);
  }
}

async function* chunksOf(file: string): AsyncGenerator<Uint8Array> {
  try {
    yield* (await Deno.open(file)).readable;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new CommandError(`There is no file ${file}`, 1, { cause: error });
  }
}
