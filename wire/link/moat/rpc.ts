/**
 * MoaT-micro's calls: maps with the keys `a` (path of the command), `d` (arguments or result), `i` (number of the exchange),
 * `e` (error), `r` (interval of an iteration), `n` (counter of its values), `x` (errors that are expected). Pure.
 *
 * Who begins an exchange picks an even number; on receipt every number is XORed with 1, so that what is in the own table is
 * even and what the other end began is odd. (MoaT's messages.md says the reverse; the code does this.)
 *
 * Source: `spec/wire.md` 6.
 *
 * @module
 */

import { Ext, type Value } from "../../value.ts";
import { decode } from "../../msgpack/decoder.ts";

/** A map that came. */
type Fields = { readonly [key: string]: Value };

/** The extension type of a name: `_KyErr` and its kin. */
const extProxy = 4;

/** An error that the other end answered with. */
export class MoatRemoteError extends Error {
  /** The name of the class. */
  override name = "MoatRemoteError";

  /**
   * An error of the other end.
   * @param kind Its type: a well-known name such as `_KyErr`, or the text it sent
   */
  constructor(readonly kind: string, readonly args: readonly Value[]) {
    super(args.length === 0 ? kind : `${kind}: ${args.map(String).join(", ")}`);
  }
}

/** Who waits for an answer. */
interface Exchange {
  readonly value: (value: Value, counter: number | undefined) => void;
  readonly fail: (error: Error) => void;
  readonly end: () => void;
  readonly isIteration: boolean;
}

/** What the caller gets. */
export interface RpcParts {
  readonly send: (message: Value) => void;
  /** Answers a request of the other end. Default: it is refused. */
  readonly serve?: (path: readonly (string | number)[], args: Fields) => Promise<Value>;
}

/** Exchanges that may be open. */
const openMax = 64;

/** One end's calls. */
export class MoatRpc {
  /** Messages that made no sense. */
  oddMessages = 0;
  readonly #parts: RpcParts;
  readonly #open = new Map<number, Exchange>();
  #last = 0;

  constructor(parts: RpcParts) {
    this.#parts = parts;
  }

  /** Calls a command. @throws {MoatRemoteError} What it raises @throws {Error} If the link ends */
  call(path: readonly (string | number)[], args: Fields = {}): Promise<Value> {
    return new Promise((resolve, reject) => {
      this.#begin({ a: [...path], d: args }, {
        value: resolve,
        fail: reject,
        end: () => reject(new Error("cancelled by the other end")),
        isIteration: false,
      });
    });
  }

  /**
   * Asks for a value again and again; values that are not taken in time are replaced by newer ones by the other end.
   * @param intervalMs Not more often than this
   * @returns Ends it
   */
  iterate(
    path: readonly (string | number)[],
    args: Fields,
    intervalMs: number,
    value: (value: Value) => void,
    ended: (error: Error | undefined) => void,
  ): () => void {
    let lastCounter = 0;
    const id = this.#begin({ a: [...path], d: args, r: intervalMs }, {
      value: (each, counter) => {
        if (counter !== undefined && counter === lastCounter) return; // said again
        lastCounter = counter ?? 0;
        value(each);
      },
      fail: ended,
      end: () => ended(undefined),
      isIteration: true,
    });
    return () => {
      if (this.#open.delete(id)) this.#parts.send({ i: id });
    };
  }

  /** Takes a message. */
  receive(message: Value): void {
    if (typeof message !== "object" || message === null || Array.isArray(message)) return void this.oddMessages++;
    const fields = message as Fields;
    if (fields.a !== undefined) return void this.#request(fields);
    if (typeof fields.i !== "number") return void this.oddMessages++;
    const id = fields.i ^ 1;
    const exchange = this.#open.get(id);
    if (exchange === undefined) return; // over already
    this.#answer(id, exchange, fields);
  }

  /** The link is gone. */
  lost(reason: string): void {
    const exchanges = [...this.#open.values()];
    this.#open.clear();
    for (const exchange of exchanges) exchange.fail(new Error(reason));
  }

  #begin(fields: Fields, exchange: Exchange): number {
    if (this.#open.size >= openMax) throw new RangeError(`More than ${openMax} exchanges are open`);
    const id = this.#nextId();
    this.#open.set(id, exchange);
    this.#parts.send({ i: id, ...fields });
    return id;
  }

  /** Even, small, not in use. */
  #nextId(): number {
    do {
      this.#last += 2;
      if (this.#last > 10 * (this.#open.size + 5)) this.#last = 2;
    } while (this.#open.has(this.#last));
    return this.#last;
  }

  #answer(id: number, exchange: Exchange, fields: Fields): void {
    if (fields.e !== undefined) {
      this.#open.delete(id);
      return exchange.fail(errorOf(fields));
    }
    if (fields.r !== undefined) {
      if (fields.r !== false) return; // the interval that is granted
      this.#open.delete(id);
      return exchange.end();
    }
    if (!("d" in fields)) {
      this.#open.delete(id);
      return exchange.end();
    }
    if (!exchange.isIteration) this.#open.delete(id);
    exchange.value(fields.d, typeof fields.n === "number" ? fields.n : undefined);
  }

  async #request(fields: Fields): Promise<void> {
    const answer = (more: Fields) => typeof fields.i === "number" && this.#parts.send({ i: fields.i ^ 1, ...more });
    try {
      if (this.#parts.serve === undefined) throw new Error("nothing is served here");
      answer({ d: await this.#parts.serve(pathOf(fields.a), fieldsOf(fields.d)) });
    } catch (error) {
      answer({ e: `E:${error instanceof Error ? error.message : error}` });
    }
  }
}

function pathOf(a: Value): readonly (string | number)[] {
  if (typeof a === "string") return [...a];
  if (Array.isArray(a)) {
    return a.filter((each): each is string | number => typeof each === "string" || typeof each === "number");
  }
  return [];
}

function fieldsOf(d: Value | undefined): Fields {
  return typeof d === "object" && d !== null && Object.getPrototypeOf(d) === Object.prototype ? d as Fields : {};
}

/** A type by its name, or a text. */
function errorOf({ e, d }: Fields): MoatRemoteError {
  const args = Array.isArray(d) ? d : d === undefined ? [] : [d];
  if (e instanceof Ext && e.code === extProxy) return new MoatRemoteError(new TextDecoder().decode(e.data), args);
  if (e instanceof Ext) return new MoatRemoteError(objectName(e) ?? "error", args);
  return new MoatRemoteError(String(e), args);
}

/** The name at the beginning of an object (ext 5). */
function objectName({ data }: Ext): string | undefined {
  try {
    const first = data[0] ?? 0;
    const length = first >= 0xa0 && first < 0xc0 ? first & 0x1f : 0;
    const name = decode(data, 0, length + 1);
    return typeof name === "string" ? name : undefined;
  } catch {
    return undefined;
  }
}
