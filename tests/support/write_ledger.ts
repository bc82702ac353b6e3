/**
 * What was written to several servers, to be compared with what they have once they agree.
 *
 * Every value is written once only. So the value that a reply names as the one before (`prev`) says which write this one was
 * made on top of, and a write that was acknowledged is accounted for if, in the end, it is there, or another one was made on
 * top of it, or it is among the conflicts.
 */

import type { Client } from "../../mod.ts";
import { Path } from "../../wire/path/path.ts";
import type { Value } from "../../wire/value.ts";

/** One write. */
interface Write {
  readonly path: string;
  readonly server: number;
  /** Undefined: a deletion. */
  readonly value: string | undefined;
  readonly number: number;
  /** How many writes were begun when this one had failed; undefined: it did not. */
  failedAt?: number;
  /** Set when it was acknowledged. */
  head?: { readonly node: string; readonly tick: number };
}

/** Conflicts of one path that are kept. */
const recordsPerPath = 16;

/** See the module. */
export class WriteLedger {
  readonly #writes: Write[] = [];
  /** Values that another write was made on top of. */
  readonly #replaced = new Set<string>();
  acknowledged = 0;
  /** How the writes were accounted for, when that was asked last. */
  account = { present: 0, replaced: 0, conflicts: 0, doubtful: 0 };

  /** Writes and waits for the answer; returns whether there was one. */
  async write(client: Client, server: number, path: Path, isDeletion: boolean): Promise<boolean> {
    const number = this.#writes.length;
    const write: Write = { path: String(path), server, value: isDeletion ? undefined : `${server}/${number}`, number };
    this.#writes.push(write);
    try {
      const { chain, prev } =
        await (isDeletion ? client.delete(path, { nchain: 1 }) : client.set(path, write.value!, { nchain: 1 }));
      if (typeof prev === "string") this.#replaced.add(prev);
      if (chain) write.head = chain;
      this.acknowledged++;
      if (!isDeletion && !chain) throw new Error(`${path}: a reply without a chain`);
      return true;
    } catch (error) {
      if ((error as Error).name !== "ConnectionLostError" && (error as Error).name !== "ConnectionError") throw error;
      write.failedAt = this.#writes.length;
      return false;
    }
  }

  /** Acknowledged writes that are nowhere. */
  async lost(client: Client): Promise<string[]> {
    const present = new Map<string, Value>();
    for await (const { path, value } of client.tree(Path.root)) present.set(String(path), value!);
    const records = await this.#records(client);
    const doubtful = new Map<string, number>();
    for (const { path, failedAt = -1 } of this.#writes) {
      doubtful.set(path, Math.max(failedAt, doubtful.get(path) ?? -1));
    }
    const lost: string[] = [];
    const account = this.account = { present: 0, replaced: 0, conflicts: 0, doubtful: 0 };
    for (const { path, value, head, number } of this.#writes) {
      if (value === undefined || head === undefined) continue;
      // A write without an answer may have been made on top of it; of many conflicts not all are kept.
      const isDoubtful = (doubtful.get(path) ?? -1) > number || (records.perPath.get(path) ?? 0) >= recordsPerPath;
      if (present.get(path) === value) account.present++;
      else if (records.heads.has(`${head.node}:${head.tick}`)) account.conflicts++;
      else if (this.#replaced.has(value)) account.replaced++;
      else if (isDoubtful) account.doubtful++;
      else lost.push(`${path} = ${value} (${head.node}:${head.tick}), there is ${JSON.stringify(present.get(path))}`);
    }
    return lost;
  }

  async #records(client: Client): Promise<{ heads: Set<string>; perPath: Map<string, number> }> {
    const heads = new Set<string>();
    const perPath = new Map<string, number>();
    for await (const { path, value } of client.tree(Path.of(".moat", "kv", "conflict"), { minDepth: 2, maxDepth: 2 })) {
      const [node, tick] = path.elements;
      heads.add(`${node}:${tick}`);
      const subject = String((value as { readonly path?: Value } | undefined)?.path ?? "");
      perPath.set(subject, (perPath.get(subject) ?? 0) + 1);
    }
    return { heads, perPath };
  }
}
