/**
 * Fills the stream of a `check_type`: walks over what may fit, has values checked some at a time, and tells what is rejected.
 *
 * @module
 */

import { Refusal } from "../../wire/refusal.ts";
import type { Encoder } from "../../wire/msgpack/encoder.ts";
import { type ElementKey } from "../../wire/path/keys.ts";
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
  readonly writePath: (out: Encoder, keys: readonly ElementKey[], length: number) => void;
}

/** A value that is bad. */
interface Rejection {
  readonly keys: readonly ElementKey[];
  readonly reason: string;
}

/** Checks what is there. */
export class CheckSource implements StreamSource {
  readonly #plan: CheckPlan;
  readonly #walk: Walk | undefined;
  readonly #keys: ElementKey[];
  readonly #rejections: Rejection[] = [];
  #underWay = 0;
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
    for (let rejection = this.#rejections[0]; rejection !== undefined && out.hasRoom; rejection = this.#rejections[0]) {
      this.#rejections.shift();
      this.#send(out, rejection);
    }
    if (this.#checked - this.#reported >= reportEvery && out.hasRoom) this.#report(out);
    for (let visits = 0; !this.#isWalked && visits < visitsPerStep; visits++) {
      if (this.#underWay + this.#rejections.length >= underWayMax) return "wait";
      this.#visit();
    }
    if (!this.#isWalked) return "more";
    if (this.#underWay + this.#rejections.length > 0 || !out.hasRoom) return "wait";
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
    this.#underWay++;
    checking.then(() => this.#done(), (error) => this.#done(error, target.keys));
  }

  #done(error?: unknown, keys?: readonly ElementKey[]): void {
    this.#underWay--;
    this.#checked++;
    if (keys !== undefined) this.#reject(error, keys);
    this.#out?.wake();
  }

  /** Tells of a bad value; if it is not the value's fault, nothing more can be said. */
  #reject(error: unknown, keys: readonly ElementKey[]): void {
    const isValue = error instanceof Refusal && error.cause instanceof SandboxError && isRejection(error.cause);
    if (isValue || (this.#plan.isLenient && error instanceof Refusal)) {
      this.#rejections.push({ keys, reason: error.wire });
    } else this.#failure ??= error;
  }

  #send(out: StreamOut, { keys, reason }: Rejection): void {
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
  }
}
