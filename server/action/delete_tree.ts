/**
 * `delete_tree {path, ?nchain=0}`: an entry and everything below it lose their values, parents first.
 *
 * → `{changed: count}`, or with `nchain` a stream of `{node, tick, ?prev, path, depth, ?old_value, tock}`, an item per value
 * that went. Whoever is bound by an ACL needs `d` at the entry and at each below, and gets below where `e` and `x` let him; what
 * he may not delete stays. Large trees go in slices, each its own turn; requests that come behind wait, unless the answer is a stream.
 *
 * @module
 */

import { Encoder } from "../../wire/msgpack/encoder.ts";
import { RequestError } from "../../wire/errors.ts";
import type { ElementKey } from "../../wire/path/keys.ts";
import { PathShortener } from "../../wire/path/shorten.ts";
import type { Change } from "../core/effect.ts";
import type { Entry } from "../core/entry.ts";
import { Walk } from "../core/walk.ts";
import { Sight } from "../meta/acl/sight.ts";
import type { Call } from "./call.ts";
import { writeLinkFields, writeValueAs } from "./entry_fields.ts";
import { checkLetter } from "./permission.ts";
import { clientError } from "./refusal.ts";
import type { StreamOut, StreamSource, StreamState } from "./stream_source.ts";
import { writePath } from "./tree_item.ts";

/** Entries looked at in one turn. */
const visitsPerTurn = 1000;

/** Encoded items that may wait for the client. */
const waitingBytesMax = 64 * 1024 * 1024;

/** Answers `delete_tree`. */
export async function deleteTree(call: Call): Promise<void> {
  const count = call.path();
  if (count === call.client.root.length) throw clientError("You can't delete the root node");
  checkLetter(call, "d");
  const nchain = call.int("nchain", 0);
  const entry = call.services.store.find(call.keys, count);
  call.holds = nchain === 0;
  if (nchain === 0) return replyCount(call, entry === undefined ? 0 : await clear(call, entry, undefined));
  const source = new DeletedSource(call, nchain);
  call.client.open(call, source);
  try {
    if (entry !== undefined) await clear(call, entry, source);
    source.finish();
  } catch (error) {
    source.finish(error);
  }
}

function replyCount(call: Call, changed: number): void {
  const out = call.begin(2);
  out.str("changed");
  out.int(changed);
  call.tock();
  call.end();
}

async function clear(call: Call, start: Entry, deleted: DeletedSource | undefined): Promise<number> {
  const { client: { rights }, services: { store, turn } } = call;
  const keys: ElementKey[] = [];
  const sight = rights && new Sight(rights, call.keys, call.keyCount, store.values);
  const enter = sight && ((entry: Entry, depth: number) => sight.enter(entry, depth));
  const walk = new Walk(start, { empty: true, meta: true, enter });
  let count = 0;
  for (let visits = 1;; visits++) {
    const entry = walk.next();
    if (entry === undefined || call.isStopped) break;
    if (walk.depth > 0) keys[walk.depth - 1] = entry.key;
    if (entry.hasValue && (sight === undefined || sight.mayDelete(entry, walk.depth))) {
      const shows = sight === undefined || sight.sees(entry, walk.depth);
      if (turn.refusal !== undefined) throw new RequestError("read_only", turn.refusal);
      const shown = deleted !== undefined && shows ? shownBefore(call, entry, keys, walk.depth) : undefined;
      const change = store.delete(entry);
      deleted?.add(change, keys, walk.depth, shows, shown && await shown);
      count++;
    }
    if (visits % visitsPerTurn !== 0) continue;
    await turn.committed();
    deleted?.confirm();
  }
  await turn.committed();
  deleted?.confirm();
  return count;
}

/** The value that goes, as the client sees it; undefined: as it is stored. */
function shownBefore(
  call: Call,
  entry: Entry,
  keys: readonly ElementKey[],
  depth: number,
): Promise<Uint8Array> | undefined {
  const { client: { conversion }, services: { store } } = call;
  if (conversion === undefined) return undefined;
  const path = [...call.keys.slice(0, call.keyCount), ...keys.slice(0, depth)];
  const stored = store.values.read(entry.value);
  const target = { store, keys: path, count: path.length };
  return conversion.rule(path, path.length)?.encode(stored, target).catch(() => stored);
}

/** Fills the stream of a `delete_tree`. What is deleted is told when it is logged. */
class DeletedSource implements StreamSource {
  readonly #call: Call;
  readonly #nchain: number;
  readonly #shortener = new PathShortener();
  /** Items without their header, one behind the other, and where each begins. */
  readonly #items = new Encoder(1024);
  #starts: number[] = [];
  #fields: number[] = [];
  /** How many of them are logged, and how many sent. */
  #confirmed = 0;
  #sent = 0;
  #isDone = false;
  #error: unknown;
  #out: StreamOut | undefined;

  constructor(call: Call, nchain: number) {
    this.#call = call;
    this.#nchain = nchain;
  }

  /**
   * Adds an item.
   * @param shows Whether the client may see what was there
   * @param shown What it sees, if that is not what was stored
   */
  add(change: Change, keys: readonly ElementKey[], length: number, shows: boolean, shown?: Uint8Array): void {
    const items = this.#items;
    if (items.length > waitingBytesMax) throw new RequestError("limit", "The deletions were not read in time");
    this.#starts.push(items.length);
    const depth = this.#shortener.depth(keys, 0, length);
    const fields = writeLinkFields(items, change.writer, change.tick, change.older, this.#nchain);
    writePath(items, keys, 0, length, depth, false);
    if (shown !== undefined) {
      items.str("old_value");
      items.raw(shown);
    } else if (shows) writeValueAs(items, "old_value", this.#call.services.store.values, change.oldValue);
    items.str("tock");
    items.int(change.tock);
    this.#fields.push(fields + (shows ? 4 : 3));
  }

  /** What was added is logged. */
  confirm(): void {
    this.#confirmed = this.#starts.length;
    this.#out?.wake();
  }

  /** Nothing more comes. */
  finish(error?: unknown): void {
    this.#isDone = true;
    this.#error = error;
    this.#out?.wake();
  }

  /** Sends what is there. */
  step(out: StreamOut): StreamState {
    this.#out = out;
    const { bytes } = this.#items;
    while (this.#sent < this.#confirmed && out.hasRoom) {
      const start = this.#starts[this.#sent];
      const end = this.#starts[this.#sent + 1] ?? this.#items.length;
      out.begin(this.#fields[this.#sent++]).raw(bytes, start, end);
      out.end();
    }
    if (this.#sent < this.#confirmed) return "wait";
    if (this.#sent === this.#starts.length) this.#empty();
    if (!this.#isDone) return "wait";
    if (this.#error !== undefined) throw this.#error;
    return "done";
  }

  #empty(): void {
    this.#items.reset();
    this.#starts = [];
    this.#fields = [];
    this.#sent = this.#confirmed = 0;
  }

  /** Gives up: what is not deleted yet stays. */
  close(): void {
    this.#call.isStopped = true;
  }
}
