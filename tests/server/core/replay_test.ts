/** Effects say all that happened: a store that is restored from them has the same state. */

import { Link } from "../../../server/core/chain.ts";
import type { Effect } from "../../../server/core/effect.ts";
import type { ElementKey } from "../../../wire/path/keys.ts";
import { Store } from "../../../server/core/store.ts";
import { assertEquals } from "../../support/assert.ts";
import { act } from "./acts.ts";
import { checkDerived, dice, dump, treeOf } from "./world.ts";

/** Restores one effect, as a log does; values are read while the turn is open. */
function replay(effect: Effect, from: Store, to: Store): void {
  const keys: ElementKey[] = [];
  const links = (link: Link | null): Link | null =>
    link === null ? null : new Link(to.writer(link.writer.name), link.tick, links(link.prev));
  switch (effect.kind) {
    case "change": {
      const length = effect.entry.readKeys(keys);
      const bytes = effect.value === 0 ? null : from.values.read(effect.value);
      const { writer, tick, older, tock } = effect;
      to.restoreEntry(keys, length, to.writer(writer.name), tick, links(older), tock, bytes, 0, bytes?.length ?? 0);
      return;
    }
    case "purged":
      return to.restorePurge(keys, effect.entry.readKeys(keys), to.writer(effect.writer.name), effect.tick);
    case "conflict":
      return to.conflicts.restore({ ...effect, writer: to.writer(effect.writer.name) });
    case "conflict_settled":
      return to.conflicts.settle(to.writer(effect.writer.name), effect.tick);
    case "superseded":
      for (let tick = effect.first; tick <= effect.last; tick++) to.writer(effect.writer.name).have.add(tick);
      return;
    case "believed":
      return to.restoreHave(to.writer(effect.writer.name), effect.ticks);
    case "gave_up":
      return to.writer(effect.writer.name).givenUp.addAll(effect.ticks);
    case "heard": {
      const writer = to.writer(effect.writer.name);
      writer.tick = Math.max(writer.tick, effect.tick);
      return;
    }
    case "life":
      to.writer(effect.writer.name).lifeId = effect.writer.lifeId;
      return;
    case "renamed":
      to.local = to.writer(effect.writer.name);
      return;
    case "dropped":
      return to.restoreDrop(to.writer(effect.writer.name));
    case "alarm":
      return;
  }
}

/** What a log is for; not the clock and the tocks of others' messages, open claims, entries without anything. */
function durable(store: Store): unknown {
  const { writers, digest, live, local, conflicts } = dump(store) as Record<string, unknown>;
  const known = (writers as { tick: number; top: unknown }[]).filter((each) => each.tick > 0);
  return {
    tree: treeOf(store).sort(),
    writers: known.map(({ top: _, ...rest }) => rest),
    digest,
    live,
    local,
    conflicts,
  };
}

Deno.test("A store restored from the effects of another has the same state", () => {
  for (let seed = 0; seed < 1000; seed++) {
    const roll = dice(seed);
    const node = new Store({ node: "me" });
    const peer = new Store({ node: "peer" });
    const copy = new Store({ node: "me" });
    for (let turn = 0; turn < 6; turn++) {
      for (let i = 1 + roll(8); i > 0; i--) act(node, peer, roll);
      if (roll(4) === 0) {
        node.rollback();
        continue;
      }
      for (const effect of node.effects) replay(effect, node, copy);
      node.commit();
    }
    copy.finishRestore();
    checkDerived(copy);
    assertEquals(durable(copy), durable(node), `seed ${seed}`);
  }
});
