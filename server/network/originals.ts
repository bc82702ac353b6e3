/**
 * Asks servers of the original, as a client of theirs, what replication wants to know of them.
 *
 * @module
 */

import { readInfo } from "../../wire/message/info.ts";
import type { NodeRanges } from "../../wire/message/info.ts";
import { keysOf } from "../../wire/path/keys.ts";
import type { Incoming } from "../core/incoming.ts";
import { RangeSet } from "../core/range_set.ts";
import type { OriginalAsker, OriginalState } from "../replicate/compat/options.ts";
import { readTree, withServer } from "../replicate/copy.ts";
import type { TreeEntry } from "../replicate/bootstrap.ts";
import type { Places } from "./places.ts";

/** A server has so long for everything. */
const askMs = 30_000;

/** See the module. */
export class Originals implements OriginalAsker, Disposable {
  readonly #places: Places;
  readonly #report: (line: string) => void;
  readonly #ended = new AbortController();
  /** Servers that could not be reached, to say so once. */
  readonly #unreachable = new Set<string>();

  /** @param places Where they are @param report Hears of those that cannot be reached */
  constructor(places: Places, report: (line: string) => void) {
    this.#places = places;
    this.#report = report;
  }

  /** Its ticks. */
  state(node: string, done: (state: OriginalState | undefined) => void): void {
    this.#ask(node, done, async (connection) => {
      const flags = { nodes: true, present: true, known: true, deleted: true };
      const state = readInfo(await connection.request("get_state", flags, (reply) => reply));
      return { present: setsOf(state.present), known: setsOf(state.known), deleted: setsOf(state.deleted) };
    });
  }

  /** Everything it shows. */
  tree(node: string, done: (events: readonly Incoming[] | undefined) => void): void {
    this.#ask(node, done, async (connection) => {
      const events: Incoming[] = [];
      for (const isInternal of [false, true]) {
        await readTree(connection, isInternal, (entry) => void events.push(eventOf(entry, isInternal)));
      }
      return events;
    });
  }

  #ask<T>(node: string, done: (answer: T | undefined) => void, body: Parameters<typeof withServer<T>>[2]): void {
    void (async () => {
      const problems: string[] = [];
      for (const place of this.#places.of(node)) {
        try {
          const signal = AbortSignal.any([this.#ended.signal, AbortSignal.timeout(askMs)]);
          const answer = await withServer(place, signal, body);
          this.#unreachable.delete(node);
          return done(answer);
        } catch (error) {
          if (this.#ended.signal.aborted) return;
          problems.push(`${place.host}:${place.port}: ${error instanceof Error ? error.message : error}`);
        }
      }
      if (!this.#unreachable.has(node)) this.#report(`Cannot ask ${node} at ${problems.join("; ")}`);
      this.#unreachable.add(node);
      done(undefined);
    })();
  }

  /** Asks nobody any more. */
  [Symbol.dispose](): void {
    this.#ended.abort();
  }
}

function setsOf(ranges: NodeRanges | undefined): Map<string, RangeSet> {
  const sets = new Map<string, RangeSet>();
  for (const [name, list] of ranges ?? []) {
    const set = new RangeSet();
    for (const [first, last] of list) set.addRange(first, last);
    sets.set(name, set);
  }
  return sets;
}

function eventOf({ path, chain, tock, value }: TreeEntry, isInternal: boolean): Incoming {
  const keys = isInternal ? [null, ...keysOf(path)] : keysOf(path);
  const bytes = value?.bytes ?? null;
  return { keys, length: keys.length, chain, tock, bytes, start: 0, end: bytes?.length ?? 0 };
}
