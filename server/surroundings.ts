/**
 * The real time, chance and disk, for the parts that get them as arguments.
 *
 * @module
 */

import { DenoDisk, readBootId } from "./persist/disk.ts";
import type { WallClock } from "./meta/acl/acls.ts";
import type { Clock, Surroundings } from "./persist/surroundings.ts";

/** The platform's timers. */
export const denoClock: Clock = {
  nowMs: () => performance.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms);
    Deno.unrefTimer(timer);
    return () => clearTimeout(timer);
  },
  pause: () => new Promise((resolve) => setImmediate(resolve)),
};

/** The time of day. */
export const wallClock: WallClock = { nowMs: () => Date.now(), after: denoClock.after };

/** Random bytes. */
export function randomBytes(n: number): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(n));
}

/** What a state directory gets. @throws {DiskError} If the directory cannot be made */
export function surroundingsOf(directory: string): Surroundings {
  return { disk: DenoDisk.make(directory), clock: denoClock, randomBytes, bootId: readBootId() };
}
