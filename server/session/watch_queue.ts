/**
 * Fills the stream of a watch. It never holds a writer, and its memory is bounded: what the client cannot take yet is a set
 * of entries, each sent once in its newest version when there is room; if even that grows too large, the watch begins anew
 * (`resync`, if it wanted tokens) or ends with an error.
 *
 * ```text
 * waiting ─its token is not behind─▶ fetching ─all sent, uptodate─▶ live
 *    └──────resync──────▶────────────┘   ▲                          │ too many entries wait
 *                                        └────────resync────────────┘
 * ```
 *
 * What changes while the tree is fetched is sent at once, and the fetch passes over it: its tock is above the clock at the
 * beginning.
 *
 * @module
 */

import { RequestError } from "../../wire/errors.ts";
import { replyKeys } from "../../wire/message/reply.ts";
import type { ElementKey } from "../../wire/path/keys.ts";
import { PathShortener } from "../../wire/path/shorten.ts";
import { ConvertingItems } from "../action/converting_items.ts";
import type { StreamOut, StreamSource, StreamState } from "../action/stream_source.ts";
import { itemFields, type ItemForm, type Version, writeItem } from "../action/tree_item.ts";
import type { WatchOptions } from "../action/watch.ts";
import type { Change } from "../core/effect.ts";
import type { Entry, Watcher } from "../core/entry.ts";
import type { Conversion } from "../meta/conversion.ts";
import type { Rights, RuleBook } from "../meta/acl/rights.ts";
import type { Store } from "../core/store.ts";
import type { Fanout } from "./fanout.ts";
import type { Have, ResyncReason, TokenHolder, TokenIssuer } from "./token.ts";
import { WatchFetch } from "./watch_fetch.ts";
import { WatchView } from "./watch_view.ts";

/** Entries that may wait for the client. */
const waitingMax = 4096;

/** How long a server that lacks events of a token waits for them. */
const behindMs = 2000;

/** What a watch needs of its server. */
export interface WatchParts {
  readonly services: { readonly store: Store };
  readonly fanout: Fanout;
  readonly tokens: TokenIssuer;
}

/** One watch. */
export class WatchQueue implements StreamSource, Watcher, TokenHolder {
  readonly #parts: WatchParts;
  readonly #options: WatchOptions;
  readonly #form: ItemForm;
  readonly #entry: Entry;
  #scope: Uint8Array | undefined;
  /** What the client may see; undefined: everything. */
  readonly #view: WatchView | undefined;
  /** The rules by which the client has got what it has, while it gets what has become readable. */
  #before: RuleBook | undefined;
  readonly #shortener = new PathShortener();
  /** Entries to send, and their relative keys. */
  readonly #waiting = new Map<Entry, readonly ElementKey[]>();
  #phase: "waiting" | "fetching" | "live" = "live";
  #fetch: WatchFetch | undefined;
  /** What the client has, if it resumes. */
  #have: Have | undefined;
  /** Why it has to begin anew. */
  #resync: ResyncReason | undefined;
  #isLagging = false;
  #cancelBehind: (() => void) | undefined;
  #tokenIsDue = false;
  /** Whether something was sent since the last token, and how much that one said. */
  #sentSinceToken = false;
  #tokenStamp = 0;
  #out: StreamOut | undefined;
  /** What is on its way through codecs, and whether something has to wait for it. */
  readonly #items: ConvertingItems | undefined;
  #awaitsItems = false;

  /**
   * @param rights What the client may do; undefined: everything
   * @param conversion What becomes of values on their way to it; undefined: nothing
   */
  constructor(parts: WatchParts, options: WatchOptions, rights?: Rights, readonly conversion?: Conversion) {
    this.#parts = parts;
    this.#options = options;
    const { keys, nchain, tokens, token } = options;
    const { values } = parts.services.store;
    this.#view = rights && new WatchView(rights, keys, values, (before) => this.#changeRules(before));
    this.#form = { nchain, withHead: tokens, isWhole: keys.length === 0 };
    const wake = () => this.#out?.wake();
    this.#items = conversion && new ConvertingItems(parts.services.store, conversion, keys, this.#form, wake);
    this.#scope = this.#makeScope();
    this.#entry = parts.services.store.ensure(keys, keys.length);
    parts.fanout.add(this.#entry, this);
    if (tokens) parts.tokens.hold(this);
    if (options.fetch) this.#phase = "waiting";
    if (token !== undefined) this.#begin(token);
  }

  #makeScope(): Uint8Array | undefined {
    const { tokens } = this.#parts;
    return this.#options.tokens ? tokens.scope(this.#options, this.#view?.digest, this.conversion?.digest) : undefined;
  }

  /** The rules are others now: see watch_view.ts. */
  #changeRules(before: RuleBook): void {
    if (this.#options.tokens) {
      this.#scope = this.#makeScope();
      this.#endWaiting();
      this.#beginAnew("scope");
    } else if (this.#phase === "live" && this.#options.fetch) {
      this.#startFetch(before);
    } else if (this.#phase === "fetching") {
      this.#startFetch(this.#before);
    }
    this.#out?.wake();
  }

  /** Forgets what the client has. */
  #beginAnew(reason: ResyncReason): void {
    this.#waiting.clear();
    this.#items?.clear();
    this.#isLagging = false;
    this.#have = undefined;
    this.#resync = reason;
    this.#phase = "waiting";
  }

  #begin(token: Uint8Array): void {
    const have = this.#parts.tokens.read(token, this.#scope!);
    if (typeof have === "string") {
      this.#resync = have;
      return;
    }
    this.#have = have;
    this.#parts.tokens.addBehind(this.#look);
    this.#cancelBehind = this.#parts.tokens.after(behindMs, () => {
      this.#cancelBehind = undefined;
      this.#out?.wake();
    });
  }

  readonly #look = (): void => this.#out?.wake();

  #endWaiting(): void {
    this.#cancelBehind?.();
    this.#cancelBehind = undefined;
    this.#parts.tokens.removeBehind(this.#look);
  }

  /** An entry has changed. */
  notify(change: Change, depth: number): void {
    const { minDepth, maxDepth } = this.#options;
    if (depth < minDepth || (maxDepth >= 0 && depth > maxDepth)) return;
    // Before the fetch has begun it will see this anyway; a watch that lags begins anew.
    if (this.#phase === "waiting" || this.#isLagging) return this.#out?.wake();
    if (this.#view !== undefined && !this.#maySee(this.#view, change)) return;
    const out = this.#out;
    const items = this.#items;
    const hasRoom = items === undefined ? out?.hasRoom : items.hasRoom;
    if (out === undefined || this.#waiting.size > 0 || !hasRoom) return this.#wait(change.entry, depth);
    const { fanout } = this.#parts;
    this.#sentSinceToken = true;
    if (items !== undefined) {
      items.add(change, fanout.keys, fanout.length - depth, fanout.length);
      return out.wake();
    }
    const start = fanout.length - depth;
    const known = this.#shortener.depth(fanout.keys, start, fanout.length);
    fanout.write(out.begin(itemFields(change, this.#form)), this.#form, start, known);
    out.end();
    out.flushSoon();
  }

  #maySee(view: WatchView, change: Change): boolean {
    const { keys, length } = this.#parts.fanout;
    return view.sees(keys, length, change.value);
  }

  #wait(entry: Entry, depth: number): void {
    const { keys, length } = this.#parts.fanout;
    if (this.#waiting.size < waitingMax || this.#waiting.has(entry)) {
      this.#waiting.set(entry, keys.slice(length - depth, length));
    } else {
      this.#isLagging = true;
      this.#waiting.clear();
    }
    this.#out?.wake();
  }

  /** Sends what there is. */
  step(out: StreamOut): StreamState {
    this.#out = out;
    const state = this.#stepOn(out);
    const items = this.#items;
    if (items === undefined) return state;
    const wasFull = !items.hasRoom;
    items.flush(out, this.#shortener);
    if (state !== "wait") return state;
    return (wasFull && items.hasRoom) || (this.#awaitsItems && items.isEmpty) ? "more" : "wait";
  }

  #stepOn(out: StreamOut): StreamState {
    this.#awaitsItems = false;
    if (this.#isLagging) {
      if (!this.#options.tokens) throw new RequestError("lagging", "The changes were not fetched in time");
      if (!out.hasRoom) return "wait";
      this.#beginAnew("lagging");
    }
    if (this.#phase === "waiting" && !this.#start(out)) return "wait";
    if (!this.#sendWaiting(out)) return "wait";
    if (this.#phase === "fetching") return this.#sendFetched(out);
    if (this.#tokenIsDue && out.hasRoom && this.#areItemsSent()) this.#sendToken(out, "token");
    return "wait";
  }

  /** Begins the fetch, if what it starts from is settled. */
  #start(out: StreamOut): boolean {
    const { services, tokens } = this.#parts;
    if (this.#have !== undefined) {
      const state = tokens.check(this.#have);
      if (state === "behind" && this.#cancelBehind !== undefined) return false;
      this.#endWaiting();
      if (state !== "resume") {
        this.#resync = state;
        this.#have = undefined;
      }
    }
    if (this.#resync !== undefined) {
      if (!out.hasRoom) return false;
      this.#sendResync(out, this.#resync);
      this.#resync = undefined;
    }
    this.#startFetch(undefined);
    return true;
  }

  /** @param before If given, only what these rules did not show is sent */
  #startFetch(before: RuleBook | undefined): void {
    this.#phase = "fetching";
    this.#before = before;
    const sight = this.#view?.sight();
    this.#fetch = new WatchFetch(this.#parts.services.store, this.#entry, this.#options, this.#have, sight, before);
  }

  #sendWaiting(out: StreamOut): boolean {
    for (const [entry, keys] of this.#waiting) {
      if (this.#items === undefined ? !out.hasRoom : !this.#items.hasRoom) return false;
      this.#waiting.delete(entry);
      if (this.#view !== undefined && !this.#view.seesBelow(keys, entry.value)) continue;
      this.#send(out, entry, keys, keys.length);
    }
    return true;
  }

  #sendFetched(out: StreamOut): StreamState {
    const fetch = this.#fetch!;
    const state = fetch.step(this.#items ?? out, (version, keys, length) => this.#send(out, version, keys, length));
    if (state !== "done") return state;
    if (!out.hasRoom || !this.#areItemsSent()) return "wait";
    this.#phase = "live";
    this.#fetch = undefined;
    this.#have = undefined;
    if (this.#options.tokens) this.#sendToken(out, "uptodate");
    else if (this.#before === undefined) out.state("uptodate");
    this.#before = undefined;
    return "wait";
  }

  /** What is said of everything that was sent has to wait for what is still on its way. */
  #areItemsSent(): boolean {
    this.#awaitsItems = !(this.#items?.isEmpty ?? true);
    return !this.#awaitsItems;
  }

  #send(out: StreamOut, version: Version, keys: readonly ElementKey[], length: number): void {
    this.#sentSinceToken = true;
    if (this.#items !== undefined) return this.#items.add(version, keys, 0, length);
    const known = this.#shortener.depth(keys, 0, length);
    const to = out.begin(itemFields(version, this.#form));
    writeItem(to, this.#parts.services.store.values, version, this.#form, keys, 0, length, known);
    out.end();
  }

  #sendResync(out: StreamOut, reason: ResyncReason): void {
    const to = out.begin(3);
    to.raw(replyKeys.state);
    to.str("resync");
    to.raw(replyKeys.reason);
    to.str(reason);
    out.tock();
    out.end();
  }

  #sendToken(out: StreamOut, state: "uptodate" | "token"): void {
    const to = out.begin(3);
    to.raw(replyKeys.state);
    to.str(state);
    to.raw(replyKeys.token);
    to.bin(this.#parts.tokens.issue(this.#scope!));
    out.tock();
    out.end();
    this.#tokenIsDue = this.#sentSinceToken = false;
    this.#tokenStamp = this.#parts.tokens.stamp;
  }

  /** Time for a new token, if there is news: here after a second, elsewhere in the tree after ten. */
  tokenTick(isLong: boolean): void {
    if (this.#phase !== "live" || this.#tokenIsDue) return;
    if (!this.#sentSinceToken && !(isLong && this.#parts.tokens.stamp !== this.#tokenStamp)) return;
    this.#tokenIsDue = true;
    this.#out?.wake();
  }

  /** Watches no more. */
  close(): void {
    const { fanout, tokens, services } = this.#parts;
    this.#endWaiting();
    this.#view?.close();
    fanout.remove(this.#entry, this);
    if (this.#options.tokens) tokens.release(this);
    services.store.prune(this.#entry);
  }
}
