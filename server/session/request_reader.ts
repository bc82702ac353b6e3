/**
 * The requests in what a connection receives. One that came as a whole is looked at once; one that comes in pieces is found
 * by the reader and looked at when it is complete, so a long one is not looked at again with every piece.
 *
 * @module
 */

import { ProtocolError } from "../../wire/errors.ts";
import { RequestView, scanRequest } from "../../wire/message/request.ts";
import { MessageReader } from "../../wire/msgpack/chunks.ts";

/** Reads requests. */
export class RequestReader {
  /** The bytes. */
  readonly bytes: MessageReader = new MessageReader();
  /** The request that {@linkcode RequestReader.next} went to. */
  readonly view: RequestView = new RequestView();

  /**
   * Goes to the next request. False: it is not complete yet.
   * @throws {ProtocolError} If it is malformed or too long; the offset counts from its start
   */
  next(): boolean {
    const { bytes, view } = this;
    const { openEnd } = bytes;
    const end = openEnd > bytes.end ? this.#scan(openEnd) : -1;
    if (end >= 0) {
      bytes.accept(end);
      return true;
    }
    if (!bytes.next()) return false;
    scanRequest(bytes.bytes, bytes.start, bytes.end, view);
    return true;
  }

  #scan(openEnd: number): number {
    try {
      return scanRequest(this.bytes.bytes, this.bytes.end, openEnd, this.view);
    } catch (error) {
      if (error instanceof ProtocolError) return -1; // the reader finds it again, and says where
      throw error;
    }
  }
}
