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
import type { ElementKey } from "../../wire/path/keys.ts";
import type { StreamOut, StreamSource, StreamState } from "../action/stream_source.ts";
import type { WatchOptions } from "../action/watch.ts";
import type { Change } from "../core/effect.ts";
import type { Entry, Watcher } from "../core/entry.ts";
import type { Store } from "../core/store.ts";
import type { Rights, RuleBook } from "../meta/acl/rights.ts";
import type { Conversion } from "../meta/conversion.ts";
import { NO_VALUE } from "../core/values.ts";
import type { Fanout } from "./fanout.ts";
import type { ResyncReason, TokenIssuer } from "./token.ts";
import { WatchFetch } from "./watch_fetch.ts";
import { WatchItems } from "./watch_items.ts";
import { type ResumingWatch, WatchResume } from "./watch_resume.ts";
import { WatchView } from "./watch_view.ts";

/** Entries that may wait for the client. */
const waitingMax = 4096;

/** What a watch needs of its server. */
export interface WatchParts {
  readonly services: { readonly store: Store };
  readonly fanout: Fanout;
  readonly tokens: TokenIssuer;
}

/** One watch. */
export class WatchQueue implements StreamSource, Watcher, ResumingWatch {
  readonly #parts: WatchParts;
  readonly #options: WatchOptions;
  readonly #entry: Entry;
  readonly #items: WatchItems;
  /** Of a watch with tokens. */
  readonly #resume: WatchResume | undefined;
  /** What the client may see; undefined: everything. */
  readonly #view: WatchView | undefined;
  /** The rules by which the client has got what it has, while it gets what has become readable. */
  #before: RuleBook | undefined;
  /** Entries to send, and their relative keys. */
  readonly #waiting = new Map<Entry, readonly ElementKey[]>();
  #phase: "waiting" | "fetching" | "live" = "live";
  #fetch: WatchFetch | undefined;
  #isLagging = false;
  #out: StreamOut | undefined;

  /**
   * @param rights What the client may do; undefined: everything
   * @param conversion What becomes of values on their way to it; undefined: nothing
   */
  constructor(parts: WatchParts, options: WatchOptions, rights?: Rights, readonly conversion?: Conversion) {
    this.#parts = parts;
    this.#options = options;
    const { keys, nchain, tokens, token } = options;
    const { store } = parts.services;
    const form = { nchain, withHead: tokens, isWhole: keys.length === 0 };
    this.#view = rights && new WatchView(rights, keys, store.values, (before) => this.#changeRules(before));
    this.#items = new WatchItems(store, form, keys, conversion, () => this.wake());
    this.#entry = store.ensure(keys, keys.length);
    parts.fanout.add(this.#entry, this);
    if (options.fetch) this.#phase = "waiting";
    this.#resume = tokens ? new WatchResume(parts.tokens, this, token) : undefined;
  }

  /** Stands for what is watched, and how it is shown. */
  scope(): Uint8Array {
    return this.#parts.tokens.scope(this.#options, this.#view?.digest, this.conversion?.digest);
  }

  /** Whether everything was sent that there is. */
  get isLive(): boolean {
    return this.#phase === "live";
  }

  /** Wants a step. */
  wake(): void {
    this.#out?.wake();
  }

  /** The rules are others now: see watch_view.ts. */
  #changeRules(before: RuleBook): void {
    if (this.#resume !== undefined) {
      this.#beginAnew(this.#resume, "scope");
    } else {
      this.#items.drop((keys) => this.#view!.seesBelow(keys, NO_VALUE));
      if (this.#phase === "live" && this.#options.fetch) this.#startFetch(before);
      else if (this.#phase === "fetching") this.#startFetch(this.#before);
    }
    this.wake();
  }

  /** Forgets what the client has. */
  #beginAnew(resume: WatchResume, reason: ResyncReason): void {
    this.#waiting.clear();
    this.#items.drop();
    this.#isLagging = false;
    resume.restart(reason);
    this.#phase = "waiting";
  }

  /** An entry has changed. */
  notify(change: Change, depth: number): void {
    const { minDepth, maxDepth } = this.#options;
    if (depth < minDepth || (maxDepth >= 0 && depth > maxDepth)) return;
    // Before the fetch has begun it will see this anyway; a watch that lags begins anew.
    if (this.#phase === "waiting" || this.#isLagging) return this.wake();
    if (this.#view !== undefined && !this.#maySee(this.#view, change)) return;
    const out = this.#out;
    if (out === undefined || this.#waiting.size > 0 || !this.#items.room(out).hasRoom) {
      return this.#wait(change.entry, depth);
    }
    this.#resume?.sent();
    this.#items.sendChange(out, this.#parts.fanout, change, depth);
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
    this.wake();
  }

  /** Sends what there is. */
  step(out: StreamOut): StreamState {
    this.#out = out;
    this.#items.begin();
    const state = this.#stepOn(out);
    const hasMore = this.#items.flush(out);
    return state === "wait" && hasMore ? "more" : state;
  }

  #stepOn(out: StreamOut): StreamState {
    const resume = this.#resume;
    if (this.#isLagging) {
      if (resume === undefined) throw new RequestError("lagging", "The changes were not fetched in time");
      if (!out.hasRoom) return "wait";
      this.#beginAnew(resume, "lagging");
    }
    if (this.#phase === "waiting") {
      if (resume?.settle(out) === false) return "wait";
      this.#startFetch(undefined);
    }
    if (!this.#sendWaiting(out)) return "wait";
    if (this.#phase === "fetching") return this.#sendFetched(out);
    if (resume?.isDue && out.hasRoom && this.#items.areSent()) resume.sendToken(out, "token");
    return "wait";
  }

  /** @param before If given, only what these rules did not show is sent */
  #startFetch(before: RuleBook | undefined): void {
    this.#phase = "fetching";
    this.#before = before;
    const sight = this.#view?.sight();
    const { store } = this.#parts.services;
    this.#fetch = new WatchFetch(store, this.#entry, this.#options, this.#resume?.have, sight, before);
  }

  #sendWaiting(out: StreamOut): boolean {
    for (const [entry, keys] of this.#waiting) {
      if (!this.#items.room(out).hasRoom) return false;
      this.#waiting.delete(entry);
      if (this.#view !== undefined && !this.#view.seesBelow(keys, entry.value)) continue;
      this.#resume?.sent();
      this.#items.send(out, entry, keys, keys.length);
    }
    return true;
  }

  #sendFetched(out: StreamOut): StreamState {
    const state = this.#fetch!.step(this.#items.room(out), (version, keys, length) => {
      this.#resume?.sent();
      this.#items.send(out, version, keys, length);
    });
    if (state !== "done") return state;
    if (!out.hasRoom || !this.#items.areSent()) return "wait";
    this.#phase = "live";
    this.#fetch = undefined;
    if (this.#resume !== undefined) this.#sendUpToDate(out, this.#resume);
    else if (this.#before === undefined) out.state("uptodate");
    this.#before = undefined;
    return "wait";
  }

  #sendUpToDate(out: StreamOut, resume: WatchResume): void {
    resume.have = undefined;
    resume.sendToken(out, "uptodate");
  }

  /** Watches no more. */
  close(): void {
    const { fanout, services } = this.#parts;
    this.#resume?.close();
    this.#view?.close();
    fanout.remove(this.#entry, this);
    services.store.prune(this.#entry);
  }
}
