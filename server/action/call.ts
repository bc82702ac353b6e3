/**
 * One request on its way to its reply: the fields, the path, and the writer of the answer. A connection uses one call for
 * all its requests, so a handler that waits gets a call (and a copy of the bytes) of its own.
 *
 * @module
 */

import { RequestError } from "../../wire/errors.ts";
import { pathElementsMax } from "../../wire/limits.ts";
import { RequestView, scanRequest } from "../../wire/message/request.ts";
import { type FieldName, slots } from "../../wire/message/field.ts";
import { replyKeys } from "../../wire/message/reply.ts";
import { Encoder } from "../../wire/msgpack/encoder.ts";
import { type ElementKey, elementOf, readPathKeys } from "../../wire/path/keys.ts";
import { Path } from "../../wire/path/path.ts";
import type { Writer } from "../core/writer.ts";
import { badField, missingField } from "./refusal.ts";
import type { Client, Services } from "./services.ts";

/** A usual reply has room in so many bytes. */
const idleBytes = 256;

/** A request up to this size is copied to where the one before was. */
const keptBytesMax = 1024;

/** A request, and how to answer it. */
export class Call {
  /** The keys of the path that {@linkcode Call.path} read, from the root of the tree. */
  readonly keys: ElementKey[] = [];
  /** How many keys there are. */
  keyCount = 0;
  /** Whether the client gave this call up (`stop`). */
  isStopped = false;
  /** Set by a handler that takes its time, before it first waits: later requests of this connection wait for it. */
  holds = false;
  /** Called by such a handler when later requests need not wait any more, although it is not done. */
  release: () => void = () => {};
  /** Called right before a write that had to wait is applied. */
  beforeApply: () => void = () => {};
  /** The event that a write of one entry has made, or found to be there already. */
  head: { readonly writer: Writer | null; readonly tick: number } | undefined;
  /** Whether it has a copy of the bytes, and an output for its reply alone. */
  isOwn = false;
  /** Where it copies a request to, if that is short. */
  #copy = new Uint8Array(0);

  constructor(readonly services: Services, readonly client: Client, public request: RequestView, public out: Encoder) {}

  /** A call of its own for a request, which is copied. @param out Where it replies; default: a place of its own */
  static own(services: Services, client: Client, request: RequestView, out: Encoder = new Encoder(idleBytes)): Call {
    const call = new Call(services, client, new RequestView(), out);
    call.isOwn = true;
    return call.take(request);
  }

  /** Takes a copy of another request: a call of its own can be used again. */
  take(request: RequestView): this {
    const { bytes, start, end } = request;
    const length = end - start;
    const hasRoom = this.#copy.length >= length;
    const copy = hasRoom ? this.#copy : new Uint8Array(length <= keptBytesMax ? keptBytesMax : length);
    if (!hasRoom && length <= keptBytesMax) this.#copy = copy;
    copy.set(bytes.subarray(start, end));
    scanRequest(copy, 0, length, this.request);
    return this;
  }

  /** Begins a reply of `fields` fields, which have to follow; {@linkcode Call.end} adds `seq`. */
  begin(fields: number): Encoder {
    this.out.mapHeader(fields + 1);
    return this.out;
  }

  /** Ends the reply. */
  end(): void {
    const { request, out } = this;
    out.raw(replyKeys.seq);
    out.raw(request.bytes, request.seqStart, request.seqEnd);
  }

  /** Adds `tock`: an entry's, or the clock's. */
  tock(tock: number = this.services.store.clock): void {
    this.out.raw(replyKeys.tock);
    this.out.int(tock);
  }

  /** Replies with nothing but a tock. */
  done(): void {
    this.begin(1);
    this.tock();
    this.end();
  }

  /** Reads the field `path`, relative to the client's root, into `keys`. Returns their number. */
  path(): number {
    const root = this.client.root;
    const count = this.#read(root.length);
    for (let i = 0; i < root.length; i++) this.keys[i] = root[i];
    // A null in front of everything is the internal tree; anywhere else it would break the originals.
    for (let i = root.length === 0 ? 1 : root.length; i < count; i++) {
      if (this.keys[i] === null) throw nullElement();
    }
    return this.keyCount = count;
  }

  /** Reads the field `path`, relative to the internal tree, into `keys`. Returns their number. */
  internalPath(): number {
    const count = this.#read(1);
    this.keys[0] = null;
    for (let i = 1; i < count; i++) if (this.keys[i] === null) throw nullElement();
    return this.keyCount = count;
  }

  #read(before: number): number {
    const { request, keys } = this;
    if (request.pathStart < 0) throw missingField("path");
    const count = readPathKeys(request.bytes, request.pathStart, request.pathEnd, keys);
    if (before === 0) return count;
    if (count + before > pathElementsMax) {
      throw new RequestError("value", `The path has more than ${pathElementsMax} elements`);
    }
    for (let i = count - 1; i >= 0; i--) keys[i + before] = keys[i];
    return count + before;
  }

  /** The path that was read, as the client gave it: without its root. For texts. */
  givenPath(): Path {
    return pathOf(this.keys, this.client.root.length, this.keyCount);
  }

  /** An integer field. */
  int(name: FieldName, fallback: number): number {
    if ((this.request.present & 1 << slots[name]) === 0) return fallback;
    const value = this.request.int(name, fallback);
    if (Number.isNaN(value)) throw badField(name, "an integer");
    return value;
  }

  /** A text field that has to be there. */
  text(name: string): string {
    const text = this.request.text(name);
    if (text !== undefined) return text;
    throw this.request.has(name) ? badField(name, "a text") : missingField(name);
  }
}

/** The path of these keys. */
export function pathOf(keys: readonly ElementKey[], start: number, end: number): Path {
  return Path.of(...keys.slice(start, end).map(elementOf));
}

function nullElement(): RequestError {
  return new RequestError("value", "Null path element");
}
