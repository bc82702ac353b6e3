/**
 * What a watch with tokens is beyond one without: it may begin where another one ended, says where it stands now and then,
 * and tells its client when that has to begin anew. Tokens themselves: token.ts.
 *
 * @module
 */

import { replyKeys } from "../../wire/message/reply.ts";
import type { StreamOut } from "../action/stream_source.ts";
import type { Have, ResyncReason, TokenHolder, TokenIssuer } from "./token.ts";

/** How long a server that lacks events of a token waits for them. */
const behindMs = 2000;

/** The watch that it belongs to. */
export interface ResumingWatch {
  /** Whether everything was sent that there is. */
  readonly isLive: boolean;
  /** Stands for what is watched. */
  scope(): Uint8Array;
  /** Wants a step. */
  wake(): void;
}

/** Where one watch stands. */
export class WatchResume implements TokenHolder {
  /** What the client has, if it resumes. */
  have: Have | undefined;
  /** Whether a token is to be sent. */
  isDue = false;
  readonly #tokens: TokenIssuer;
  readonly #watch: ResumingWatch;
  #scope: Uint8Array;
  /** Why the client has to begin anew. */
  #resync: ResyncReason | undefined;
  #cancelBehind: (() => void) | undefined;
  /** Whether something was sent since the last token, and how much that one said. */
  #hasSent = false;
  #stamp = 0;

  /** @param token Where to go on; undefined: a new watch */
  constructor(tokens: TokenIssuer, watch: ResumingWatch, token: Uint8Array | undefined) {
    this.#tokens = tokens;
    this.#watch = watch;
    this.#scope = watch.scope();
    tokens.hold(this);
    if (token !== undefined) this.#begin(token);
  }

  #begin(token: Uint8Array): void {
    const have = this.#tokens.read(token, this.#scope);
    if (typeof have === "string") {
      this.#resync = have;
      return;
    }
    this.have = have;
    this.#tokens.addBehind(this.#look);
    this.#cancelBehind = this.#tokens.after(behindMs, () => {
      this.#cancelBehind = undefined;
      this.#watch.wake();
    });
  }

  readonly #look = (): void => this.#watch.wake();

  #endWaiting(): void {
    this.#cancelBehind?.();
    this.#cancelBehind = undefined;
    this.#tokens.removeBehind(this.#look);
  }

  /** Forgets what the client has, and will tell it so. */
  restart(reason: ResyncReason): void {
    this.#endWaiting();
    this.#scope = this.#watch.scope();
    this.have = undefined;
    this.#resync = reason;
  }

  /** Whether it is settled what the client has; tells it if that is nothing. */
  settle(out: StreamOut): boolean {
    if (this.have !== undefined) {
      const state = this.#tokens.check(this.have);
      if (state === "behind" && this.#cancelBehind !== undefined) return false;
      this.#endWaiting();
      if (state !== "resume") {
        this.#resync = state;
        this.have = undefined;
      }
    }
    if (this.#resync === undefined) return true;
    if (!out.hasRoom) return false;
    this.#sendResync(out, this.#resync);
    this.#resync = undefined;
    return true;
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

  /** Something was sent. */
  sent(): void {
    this.#hasSent = true;
  }

  /** Says where the watch stands. */
  sendToken(out: StreamOut, state: "uptodate" | "token"): void {
    const to = out.begin(3);
    to.raw(replyKeys.state);
    to.str(state);
    to.raw(replyKeys.token);
    to.bin(this.#tokens.issue(this.#scope));
    out.tock();
    out.end();
    this.isDue = this.#hasSent = false;
    this.#stamp = this.#tokens.stamp;
  }

  /** Time for a new token, if there is news: here after a second, elsewhere in the tree after ten. */
  tokenTick(isLong: boolean): void {
    if (!this.#watch.isLive || this.isDue) return;
    if (!this.#hasSent && !(isLong && this.#tokens.stamp !== this.#stamp)) return;
    this.isDue = true;
    this.#watch.wake();
  }

  /** The watch is over. */
  close(): void {
    this.#endWaiting();
    this.#tokens.release(this);
  }
}
