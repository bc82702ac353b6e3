/**
 * What a node holds when all is quiet: its entries, and little else. Whatever grows with what has happened, and not with what
 * there is, would be a leak.
 *
 * @module
 */

import { walk } from "../../server/core/walk.ts";
import { Violation } from "./failure.ts";
import type { Life } from "./life.ts";
import type { World } from "./world.ts";

/** Things that are going to happen, for each node that lives, and for each watch. */
const pendingMax = 12;

/** Values of so few bytes take no memory of their own. */
const inReferenceMax = 3;

/** @throws {Violation} If a node holds more than it needs */
export function holdsLittle(world: World): void {
  for (const { life } of world.living) holdsItsEntries(life!, 2 * world.nodes.length);
  const { pending } = world.timeline;
  const allowed = pendingMax * (world.living.length + world.watchers.length + world.originals.length);
  if (pending > allowed) throw new Violation("memory", `${pending} things are still to happen, though all is quiet`);
}

/** @param claimsMax One of each node that ever was, the dead included, and of its life before */
function holdsItsEntries({ store, parts, services }: Life, claimsMax: number): void {
  let bytes = 0;
  let entries = 0;
  for (const entry of walk(store.root, { empty: true, meta: true })) {
    entries++;
    const length = entry.hasValue ? store.values.read(entry.value).length : 0;
    if (length > inReferenceMax) bytes += length;
  }
  const said = (what: string) => new Violation("memory", `${parts.machine}, all quiet, ${what}`);
  const { liveBytes } = store.values;
  if (liveBytes !== bytes) throw said(`holds ${liveBytes} bytes of values; its entries have ${bytes}`);
  if (store.effects.length > 0) throw said(`holds ${store.effects.length} effects`);
  if (store.openClaims > claimsMax) throw said(`holds ${store.openClaims} claims`);
  if (services.waiting > 0) throw said(`holds ${services.waiting} writes that wait for other nodes`);
  if (store.entryCount > entries + 1) {
    throw said(`holds ${store.entryCount} entries, of which ${entries} are in the tree`);
  }
}
