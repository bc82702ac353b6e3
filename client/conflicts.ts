/**
 * What lost: when two sides changed an entry without knowing of each other, one of the two changes stays, and the other one
 * is kept as a conflict until somebody takes or drops it. Its record is an ordinary entry, `:.moat.kv.conflict.WRITER.TICK`
 * (of internal entries, below `conflict` there), so conflicts can be watched like anything else.
 *
 * @module
 */

import { ChainError, KvError, NotFoundError } from "../wire/errors.ts";
import { Path } from "../wire/path/path.ts";
import type { Value } from "../wire/value.ts";
import { type Chain, chainOf, type Fields, numberOf, pathOf, type Reply, textOf } from "./reply.ts";

/** Where the records are. */
export const conflictPath: Path = Path.of(".moat", "kv", "conflict");
const internalPath = Path.of("conflict");

/** A change that lost. */
export interface Conflict {
  /** Where. Begins with `null` if it is an internal entry. */
  readonly path: Path;
  /** Who made it. */
  readonly writer: string;
  /** The writer's number for it. */
  readonly tick: number;
  /** The network's counter when it was made. */
  readonly tock: number;
  /** The value that lost; there is none if the entry was deleted. */
  readonly value?: Value;
  /** The chain of the record. */
  readonly chain: Chain | null | undefined;
}

/** What is at the entry now. */
export interface Current {
  /** Its value, if it has one. */
  readonly value?: Value;
  /** Who changed it. */
  readonly chain: Chain | null;
}

/** What is needed of a client. */
export interface ConflictClient {
  /** One request, one reply. */
  request(action: string, fields?: Fields): Promise<Reply>;
  /** One request, many replies. */
  stream(action: string, fields?: Fields): AsyncIterable<Reply>;
}

/** The conflicts of a network, seen through a client. */
export class Conflicts implements AsyncIterable<Conflict> {
  readonly #client: ConflictClient;

  /** Through this client, which has to see the tree from its root. */
  constructor(client: ConflictClient) {
    this.#client = client;
  }

  /** All of them, in no particular order. */
  async *[Symbol.asyncIterator](): AsyncIterator<Conflict> {
    yield* this.#read("get_tree", conflictPath);
    yield* this.#read("get_tree_internal", internalPath);
  }

  async *#read(action: string, path: Path): AsyncIterable<Conflict> {
    try {
      for await (const item of this.#client.stream(action, { path, min_depth: 2, max_depth: 2, nchain: 1 })) {
        const conflict = conflictOf(item);
        if (conflict !== undefined) yield conflict;
      }
    } catch (error) {
      if (!(error instanceof NotFoundError)) throw error;
    }
  }

  /** Those at a path, or those of one event. */
  async find(where: { readonly path: Path } | { readonly writer: string; readonly tick: number }): Promise<Conflict[]> {
    const found: Conflict[] = [];
    for await (const conflict of this) {
      const fits = "path" in where
        ? conflict.path.equals(where.path)
        : conflict.writer === where.writer && conflict.tick === where.tick;
      if (fits) found.push(conflict);
    }
    return found;
  }

  /** What is at the conflict's entry now. */
  async current({ path }: Conflict): Promise<Current> {
    const reply = await this.#at("get", path, { nchain: -1 });
    const { value } = reply;
    return value === undefined ? { chain: null } : { value, chain: chainOf(reply.chain) ?? null };
  }

  /**
   * Makes what lost the entry's state again, as a new change on top of the present one, and settles the conflict.
   * @throws {ChainError} If the entry was changed meanwhile, or the conflict is settled already
   */
  async take(conflict: Conflict): Promise<void> {
    await this.#check(conflict);
    const { path, value } = conflict;
    const { chain } = await this.current(conflict);
    await this.#at(value === undefined ? "delete" : "set", path, { value, chain: head(chain), nchain: 0 });
    await this.drop(conflict);
  }

  async #check(conflict: Conflict): Promise<void> {
    const reply = await this.#at("get", recordPath(conflict), {});
    if (reply.value === undefined) throw new ChainError(`The conflict at ${conflict.path} is settled already`);
  }

  /** Settles a conflict: what is there stays. It is no error if that has happened already. */
  async drop(conflict: Conflict): Promise<void> {
    try {
      await this.#at("delete", recordPath(conflict), { chain: head(conflict.chain ?? null), nchain: 0 });
    } catch (error) {
      if (!(error instanceof ChainError)) throw error;
      const { value } = await this.#at("get", recordPath(conflict), {});
      if (value !== undefined) await this.#at("delete", recordPath(conflict), { nchain: 0 });
    }
  }

  #at(verb: "get" | "set" | "delete", path: Path, fields: Fields): Promise<Reply> {
    const isInternal = path.length > 0 && path.at(0) === null;
    return this.#client.request(`${verb}_${isInternal ? "internal" : "value"}`, {
      path: isInternal ? path.slice(1) : path,
      ...fields,
    });
  }
}

/** The chain that a careful change names: its newest link is enough. */
function head(chain: Chain | null): Fields[string] {
  return chain === null ? null : { node: chain.node, tick: chain.tick };
}

/** Where the record of a conflict is. */
export function recordPath({ path, writer, tick }: Pick<Conflict, "path" | "writer" | "tick">): Path {
  const isInternal = path.length > 0 && path.at(0) === null;
  return (isInternal ? Path.of(null, "conflict") : conflictPath).concat(Path.of(writer, tick));
}

/** The conflict of a record; undefined if it is none. */
export function conflictOf(item: Reply): Conflict | undefined {
  const record = item.value;
  if (typeof record !== "object" || record === null || Object.getPrototypeOf(record) !== Object.prototype) {
    return undefined;
  }
  const fields = record as Reply;
  const [path, writer, tick] = [pathField(fields.path), textOf(fields.node), fields.tick];
  if (path === undefined || writer === undefined || typeof tick !== "number") return undefined;
  const conflict = { path, writer, tick, tock: numberOf(fields.tock), chain: chainOf(item.chain) };
  return fields.value === undefined ? conflict : { ...conflict, value: fields.value };
}

function pathField(value: Value | undefined): Path | undefined {
  try {
    return pathOf(value);
  } catch (error) {
    if (error instanceof KvError || error instanceof TypeError) return undefined;
    throw error;
  }
}
