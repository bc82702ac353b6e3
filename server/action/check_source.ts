/**
 * Fills the stream of a `check_type`: walks over what may fit, has values checked some at a time, and tells what is rejected.
 *
 * @module
 */

import { Refusal } from "../../wire/refusal.ts";
import type { Encoder } from "../../wire/msgpack/encoder.ts";
import type { ElementKey } from "../../wire/path/keys.ts";
import { replyKeys } from "../../wire/message/reply.ts";
import type { Entry } from "../core/entry.ts";
import type { Store } from "../core/store.ts";
import { Walk } from "../core/walk.ts";
import type { Sight } from "../meta/acl/sight.ts";
import type { PatternWalk } from "../meta/pattern.ts";
import { SandboxError } from "../meta/sandbox/sandbox_error.ts";
import { isRejection } from "../meta/stored_error.ts";
import type { Target } from "../meta/target.ts";
import type { StreamOut, StreamSource, StreamState } from "./stream_source.ts";

/** Entries looked at in one step. */
const visitsPerStep = 500;
/** Values that are checked at a time, and rejections that may wait to be sent. */
const underWayMax = 64;
/** So many entries are checked between two reports. */
const reportEvery = 1000;

/** What is checked, and how. */
export interface CheckPlan {
  readonly store: Store;
  /** Where the walk begins; undefined: there is nothing. */
  readonly start: Entry | undefined;
  /** The keys of the start. */
  readonly keys: readonly ElementKey[];
  /** Has gone to the start. */
  readonly pattern: PatternWalk;
  /** What may be seen; undefined: everything. */
  readonly sight: Sight | undefined;
  /** Checks a value; undefined: it has no type. */
  readonly check: (value: Uint8Array, target: Target) => Promise<void> | undefined;
  /** Whether an inactive type is what is to be told of an entry; else it ends the check. */
  readonly isLenient: boolean;
  /** Called when nothing is checked any more. */
  readonly release: () => void;
  readonly writePath: (out: Encoder, keys: readonly ElementKey[], length: number) => void;
}

/** A value that is checked, or was and waits for those before it. */
interface Check {
  readonly keys: readonly ElementKey[];
  isDone: boolean;
  /** Why it is bad; undefined: it is not. */
  reason: string | undefined;
}

/** Checks what is there. */
export class CheckSource implements StreamSource {
  readonly #plan: CheckPlan;
  readonly #walk: Walk | undefined;
  readonly #keys: ElementKey[];
  /** In the order of the tree. */
  readonly #checks: Check[] = [];
  #checked = 0;
  #reported = 0;
  #isWalked = false;
  #failure: unknown;
  #out: StreamOut | undefined;

  constructor(plan: CheckPlan) {
    const { start, sight, pattern, keys } = plan;
    this.#plan = plan;
    this.#keys = [...keys];
    const enter = (entry: Entry, depth: number) =>
      (depth === 0 || pattern.step(keys.length + depth, entry.key)) && (sight?.enter(entry, depth) ?? true);
    this.#walk = start && new Walk(start, { empty: true, enter });
  }

  /** Checks some, and sends what is known. */
  step(out: StreamOut): StreamState {
    this.#out = out;
    if (this.#failure !== undefined) throw this.#failure;
    for (let check = this.#checks[0]; check?.isDone && out.hasRoom; check = this.#checks[0]) {
      this.#checks.shift();
      if (check.reason !== undefined) this.#send(out, check.keys, check.reason);
    }
    if (this.#checked - this.#reported >= reportEvery && out.hasRoom) this.#report(out);
    for (let visits = 0; !this.#isWalked && visits < visitsPerStep; visits++) {
      if (this.#checks.length >= underWayMax) return "wait";
      this.#visit();
    }
    if (!this.#isWalked) return "more";
    if (this.#checks.length > 0 || !out.hasRoom) return "wait";
    this.#report(out);
    return "done";
  }

  #visit(): void {
    const { pattern, keys, sight, store, check } = this.#plan;
    const entry = this.#walk?.next();
    if (entry === undefined) {
      this.#isWalked = true;
      return;
    }
    const { depth } = this.#walk!;
    const count = keys.length + depth;
    if (depth > 0) {
      this.#keys[count - 1] = entry.key;
      pattern.step(count, entry.key);
    }
    if (!entry.hasValue || !pattern.fits(count)) return;
    if (sight !== undefined && sight.shows(entry, depth) !== "value") return;
    const target = { store, keys: this.#keys.slice(0, count), count };
    const checking = check(store.values.read(entry.value), target);
    if (checking === undefined) return;
    const underWay: Check = { keys: target.keys, isDone: false, reason: undefined };
    this.#checks.push(underWay);
    checking.catch((error) => this.#reject(error, underWay)).then(() => {
      underWay.isDone = true;
      this.#checked++;
      if (underWay === this.#checks[0] || this.#failure !== undefined) this.#out?.wake();
    });
  }

  /** Tells of a bad value; if it is not the value's fault, nothing more can be said. */
  #reject(error: unknown, check: Check): void {
    const isValue = error instanceof Refusal && error.cause instanceof SandboxError && isRejection(error.cause);
    if (isValue || (this.#plan.isLenient && error instanceof Refusal)) {
      check.reason = error.wire;
    } else this.#failure ??= error;
  }

  #send(out: StreamOut, keys: readonly ElementKey[], reason: string): void {
    const to = out.begin(3);
    to.raw(replyKeys.path);
    this.#plan.writePath(to, keys, keys.length);
    to.raw(replyKeys.reason);
    to.str(reason);
    out.tock();
    out.end();
  }

  #report(out: StreamOut): void {
    this.#reported = this.#checked;
    const to = out.begin(2);
    to.str("checked");
    to.int(this.#checked);
    out.tock();
    out.end();
  }

  /** Ends. */
  close(): void {
    this.#isWalked = true;
    this.#plan.release();
  }
}
