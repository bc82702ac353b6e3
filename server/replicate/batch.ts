/**
 * Events on their way out: collected, and sent in messages of bounded size.
 *
 * @module
 */

import { encodeSyncEvent } from "../../wire/message/sync_update.ts";
import { Encoder } from "../../wire/msgpack/encoder.ts";
import type { ElementKey } from "../../wire/path/keys.ts";
import { Link } from "../core/chain.ts";
import type { Change } from "../core/effect.ts";
import type { Entry } from "../core/entry.ts";
import { NO_VALUE, type ValueArena } from "../core/values.ts";
import type { Writer } from "../core/writer.ts";
import type { Outbox } from "./outbox.ts";

/** A message with more bytes of events is not begun; a single larger event has one of its own. */
export const batchBytesMax: number = 240 * 1024;

/** What messages of events say beside them. */
export interface BatchFields {
  readonly tock: number;
  readonly wanted?: true;
  readonly re?: true;
  readonly back?: number;
}

/** See the module. */
export class Batch {
  /** Events sent so far. */
  sent = 0;
  readonly #body = new Encoder(64 * 1024);
  readonly #keys: ElementKey[] = [];
  #count = 0;

  constructor(private readonly outbox: Outbox, private readonly values: ValueArena) {}

  /** Bytes that wait. */
  get bytes(): number {
    return this.#body.length;
  }

  /** Adds an entry's event. */
  addEntry(entry: Entry, fields: BatchFields): boolean {
    return this.#add(entry, entry.writer!, entry.tick, entry.older, entry.tock, entry.value, undefined, fields);
  }

  /** Adds the event of a change. @param replaces Earlier ticks of its writer at this entry that are not sent */
  addChange(change: Change, replaces: readonly number[] | undefined, fields: BatchFields): boolean {
    const { entry, writer, tick, older, tock, value } = change;
    return this.#add(entry, writer, tick, older, tock, value, replaces, fields);
  }

  #add(
    entry: Entry,
    writer: Writer,
    tick: number,
    older: Link | null,
    tock: number,
    value: number,
    replaces: readonly number[] | undefined,
    fields: BatchFields,
  ): boolean {
    const body = this.#body;
    const before = body.length;
    const length = entry.readKeys(this.#keys);
    encodeSyncEvent(body, this.#keys, length, tock, new Link(writer, tick, older), replaces, value !== NO_VALUE);
    if (value !== NO_VALUE) this.values.copyTo(value, body);
    this.#count++;
    if (body.length <= batchBytesMax) return true;
    if (before === 0) return this.flush(fields);
    const last = body.take(before);
    body.truncate(before);
    this.#count--;
    const isSent = this.flush(fields);
    body.raw(last);
    this.#count = 1;
    return body.length <= batchBytesMax ? isSent : this.flush(fields) && isSent;
  }

  /** Sends what waits; false if it was dropped. */
  flush(fields: BatchFields): boolean {
    const count = this.#count;
    if (count === 0) return true;
    const body = this.#body;
    const isSent = this.outbox.send("update", {
      ...fields,
      events: (out) => {
        out.arrayHeader(count);
        out.raw(body.bytes, 0, body.length);
      },
    });
    if (isSent) this.sent += count;
    body.reset();
    this.#count = 0;
    return isSent;
  }
}

/** The changes made here, the last of each entry alone, and what it replaces. */
export function localChanges(changes: readonly Change[]): Map<Change, number[] | undefined> {
  const result = new Map<Change, number[] | undefined>();
  if (changes.length === 1) return result.set(changes[0], undefined);
  const last = new Map<Entry, Change>();
  for (const change of changes) {
    const before = last.get(change.entry);
    let replaces: number[] | undefined;
    if (before !== undefined && before.writer === change.writer) {
      replaces = [...result.get(before) ?? [], before.tick];
      result.delete(before);
    }
    last.set(change.entry, change);
    result.set(change, replaces);
  }
  return result;
}
