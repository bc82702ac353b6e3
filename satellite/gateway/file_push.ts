/**
 * Brings a set of files onto a satellite: asks which differ, sends those, has them made the app. Messages are asked for when
 * there is room. Pure.
 *
 * ```text
 * begin · offer… ─▶ asking ─all answered─▶ sending: open · chunk… · shut ─▶ right? ─▶ next … ─▶ commit ─▶ committed
 *                     └─nothing differs──▶ same
 * ```
 *
 * Source: `spec/satellite.md` 9, `wire/PROTOCOL.md`.
 *
 * @module
 */

import { codes, encodeMessage } from "../../wire/link/messages.ts";
import type { Value } from "../../wire/value.ts";
import { type Files, manifestHash, sumOf } from "./manifest.ts";

/** Bytes of a chunk: with its message and signature it fits a frame. */
const chunkBytes = 96;

/** A file is sent again so often if it arrives otherwise than it went. */
const attemptsMax = 3;

const op = { begin: 1, offer: 2, open: 4, chunk: 5, shut: 6, commit: 7, abort: 8, state: 9 } as const;

/** How far it is. */
export interface PushProgress {
  readonly sentBytes: number;
  /** Of the files that differ, as far as that is known. */
  readonly totalBytes: number;
  /** The file under way. */
  readonly file: string | undefined;
}

/** How it ended. */
export type PushOutcome = { readonly kind: "same" | "committed" } | { readonly kind: "failed"; readonly text: string };

/** One update. */
export class FilePush {
  /** What the files are together. */
  readonly hash: Uint8Array;
  readonly #files: Files;
  readonly #finish: (outcome: PushOutcome) => void;
  readonly #offers: string[];
  readonly #unanswered: Set<string>;
  readonly #needed: string[] = [];
  #out: Uint8Array[] = [];
  #file: string | undefined;
  #at = 0;
  #attempts = 0;
  #sentBytes = 0;
  #isOver = false;
  #awaitsShut = false;

  constructor(files: Files, finish: (outcome: PushOutcome) => void) {
    this.#files = files;
    this.#finish = finish;
    this.hash = manifestHash(files);
    this.#offers = [...files.keys()].sort();
    this.#unanswered = new Set(this.#offers);
    this.#say(op.begin, this.hash);
  }

  /** How far it is. */
  get progress(): PushProgress {
    const totalBytes = this.#needed.reduce((sum, name) => sum + this.#files.get(name)!.length, 0);
    return { sentBytes: this.#sentBytes, totalBytes, file: this.#file };
  }

  /** The next message that has at most so many bytes. */
  next(bytesMax: number): Uint8Array | undefined {
    if (this.#isOver) return undefined;
    if (this.#out.length === 0) this.#advance();
    return this.#out.length > 0 && this.#out[0].length <= bytesMax ? this.#out.shift() : undefined;
  }

  /** An answer: what follows the code. */
  answer([what, ...rest]: readonly Value[]): void {
    if (this.#isOver) return;
    if (rest[0] === null && typeof rest[1] === "string") return this.#end({ kind: "failed", text: rest[1] });
    if (what === op.offer) this.#offered(String(rest[0]), rest[1] === true);
    else if (what === op.shut) this.#shut(String(rest[0]), rest[1] === true);
    else if (what === op.commit) this.#end({ kind: "committed" });
  }

  /** The session is over: it has to begin anew. */
  lost(): void {
    this.#end({ kind: "failed", text: "the satellite went away" });
  }

  #say(...message: Value[]): void {
    this.#out.push(encodeMessage(codes.file, message, message.length));
  }

  /** Puts the next thing to say into the outbox, if there is one. */
  #advance(): void {
    const offer = this.#offers.shift();
    if (offer !== undefined) {
      const bytes = this.#files.get(offer)!;
      return this.#say(op.offer, offer, bytes.length, sumOf(bytes));
    }
    if (this.#unanswered.size > 0 || this.#awaitsShut || this.#file === undefined) return;
    const bytes = this.#files.get(this.#file)!;
    if (this.#at < bytes.length) {
      const chunk = bytes.subarray(this.#at, this.#at + chunkBytes);
      this.#say(op.chunk, this.#at, chunk);
      this.#at += chunk.length;
      this.#sentBytes += chunk.length;
      return;
    }
    this.#awaitsShut = true;
    this.#say(op.shut, sumOf(bytes));
  }

  #offered(name: string, isNeeded: boolean): void {
    if (!this.#unanswered.delete(name)) return;
    if (isNeeded) this.#needed.push(name);
    if (this.#unanswered.size > 0) return;
    if (this.#needed.length === 0) return this.#end({ kind: "same" });
    this.#open(this.#needed[0]);
  }

  #open(name: string): void {
    this.#file = name;
    this.#at = 0;
    this.#awaitsShut = false;
    this.#say(op.open, name);
  }

  #shut(name: string, isRight: boolean): void {
    if (name !== this.#file) return;
    if (!isRight) {
      this.#sentBytes -= this.#at;
      if (++this.#attempts >= attemptsMax) {
        return this.#end({ kind: "failed", text: `${name} does not arrive as it went` });
      }
      return this.#open(name);
    }
    this.#attempts = 0;
    const next = this.#needed[this.#needed.indexOf(name) + 1];
    if (next !== undefined) return this.#open(next);
    this.#file = undefined;
    this.#say(op.commit, this.hash);
  }

  #end(outcome: PushOutcome): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#finish(outcome);
  }
}
