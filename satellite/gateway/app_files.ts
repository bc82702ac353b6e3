/**
 * A satellite's app as the tree wants it, and what became of it.
 *
 * | entry | who writes | value |
 * | --- | --- | --- |
 * | `sat.NAME._app.FILE` | clients | the file's bytes |
 * | `sat.NAME._app` | clients, last | `{want: HASH}` of all the files: from then on they are brought to the board |
 * | `sat.NAME._app._now` | the gateway | `{state, have, ?sent, ?total, ?error}` |
 *
 * States: `loading`, `trial`, `ok`, `rolled back`, `failed`.
 *
 * @module
 */

import { FilePush, type PushOutcome } from "./file_push.ts";
import { manifestHash, nameProblem } from "./manifest.ts";
import { sameBytes } from "../../wire/link/signature.ts";
import type { Value } from "../../wire/value.ts";

/** What is told while and after an update. */
export type TellApp = (now: Value) => void;

/** Progress is told at most so often, by bytes. */
const progressBytes = 2048;

/** The app of one satellite. */
export class AppFiles {
  readonly #tell: TellApp;
  readonly #files = new Map<string, Uint8Array>();
  #want: Uint8Array | undefined;
  /** What was tried and did not work: not tried again before something else is wanted. */
  #refused: Uint8Array | undefined;
  #have: Uint8Array | undefined;
  #push: FilePush | undefined;
  /** Whether the satellite has said, in this session, that no update is on trial. */
  #isFree = false;
  #toldBytes = 0;
  #state = "";

  constructor(tell: TellApp) {
    this.#tell = tell;
  }

  /** Whether files are being brought to the board. */
  get isUpdating(): boolean {
    return this.#push !== undefined;
  }

  /** A file of the tree changed. Returns what is wrong with it. */
  fileChanged(name: string, value: Value | undefined): string | undefined {
    this.#files.delete(name);
    if (value === undefined) return undefined;
    const problem = nameProblem(name) ?? (value instanceof Uint8Array ? undefined : `${name} should be bytes`);
    if (problem === undefined) this.#files.set(name, value as Uint8Array);
    return problem;
  }

  /** What is wanted changed. */
  wantChanged(value: Value | undefined): void {
    const want = (value as { readonly want?: Value } | null | undefined)?.want;
    this.#want = want instanceof Uint8Array ? want : undefined;
    this.#refused = undefined;
  }

  /** Begins an update if one is wanted and all its files are here. Returns whether it did. */
  begin(): boolean {
    const want = this.#want;
    if (
      !this.#isFree || want === undefined || this.#push !== undefined || isSame(want, this.#have) ||
      isSame(want, this.#refused)
    ) {
      return false;
    }
    if (!isSame(want, manifestHash(this.#files))) return false; // the rest of the files is on its way
    this.#push = new FilePush(new Map(this.#files), (outcome) => this.#finished(want, outcome));
    this.#toldBytes = 0;
    this.#say("loading");
    return true;
  }

  /** The next thing to say. */
  next(bytesMax: number): Uint8Array | undefined {
    const message = this.#push?.next(bytesMax);
    const sent = this.#push?.progress.sentBytes ?? 0;
    if (sent - this.#toldBytes >= progressBytes) {
      this.#toldBytes = sent;
      this.#say("loading");
    }
    return message;
  }

  /** An answer of the satellite about files. */
  answer(rest: readonly Value[]): void {
    if (rest[0] === 9) this.#heard(String(rest[1]), rest[2]);
    else this.#push?.answer(rest);
  }

  /** The session is over. */
  lost(): void {
    this.#isFree = false;
    this.#push?.lost();
  }

  #heard(state: string, hash: Value | undefined): void {
    this.#isFree = state !== "trial";
    if (!(hash instanceof Uint8Array) || hash.length === 0) return;
    if (state === "back") {
      this.#refused = hash;
      this.#have = undefined;
      return this.#say("rolled back");
    }
    this.#have = hash;
    this.#say(state === "trial" ? "trial" : "ok");
  }

  #finished(want: Uint8Array, outcome: PushOutcome): void {
    this.#push = undefined;
    if (outcome.kind === "same") {
      this.#have = want;
      return this.#say("ok");
    }
    if (outcome.kind !== "failed") {
      this.#isFree = false; // it starts anew
      return this.#say("trial");
    }
    if (outcome.text !== "the satellite went away") this.#refused = want;
    this.#say("failed", outcome.text);
  }

  #say(state: string, error?: string): void {
    this.#state = state;
    const { sentBytes, totalBytes } = this.#push?.progress ?? { sentBytes: 0, totalBytes: 0 };
    this.#tell({
      state: this.#state,
      ...(this.#have === undefined ? {} : { have: this.#have }),
      ...(this.#push === undefined ? {} : { sent: sentBytes, total: totalBytes }),
      ...(error === undefined ? {} : { error }),
    });
  }
}

function isSame(a: Uint8Array, b: Uint8Array | undefined): boolean {
  return b !== undefined && sameBytes(a, b);
}
