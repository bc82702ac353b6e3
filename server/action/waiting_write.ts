/**
 * A write that cannot be made at once, because its value is checked or converted elsewhere first. The connection keeps such
 * writes in their order: what comes behind may be prepared meanwhile, and is applied when its turn has come.
 *
 * ```text
 * wait(call, write) ─▶ prepare ── ready, and at the head ──▶ isStale? ──no──▶ apply
 *                        ▲                                      │ yes
 *                        └──────────────────────────────────────┘
 * ```
 *
 * @module
 */

import type { Call } from "./call.ts";

/** A write that waits. */
export interface WaitingWrite {
  /** Whether it can be prepared only when all before it are applied: it looks at what they change. */
  readonly needsTurn: boolean;
  /** Whether all requests behind it wait until it is applied: they are checked by what it changes. */
  readonly isExclusive: boolean;
  /** Checks and converts; undefined: nothing has to be done. @throws {RequestError} If the write is refused */
  prepare(call: Call): Promise<void> | undefined;
  /** Whether what it was prepared by has changed since. */
  isStale(call: Call): boolean;
  /** Changes the store and replies into `call.out`; a promise: the reply goes to an output of its own, and is sent then. */
  apply(call: Call): void | Promise<void>;
}

/** Prepares and applies a write of a call that has its own output: it holds the connection until it is applied. */
export async function applyAlone(call: Call, write: WaitingWrite): Promise<void> {
  call.holds = true;
  do await write.prepare(call); while (write.isStale(call));
  call.beforeApply();
  const done = write.apply(call);
  call.release();
  await done;
}
