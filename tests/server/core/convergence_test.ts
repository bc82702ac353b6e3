/**
 * Whatever order events come in, every node ends with the same one. Random histories of one entry, by several writers that
 * read each other or do not; then every order of the last events.
 */

import { Store } from "../../../server/core/store.ts";
import type { IncomingChain } from "../../../server/core/chain.ts";
import type { Incoming } from "../../../server/core/incoming.ts";
import { names, outranks } from "../../../server/core/merge.ts";
import { Link } from "../../../server/core/chain.ts";
import { RangeSet } from "../../../server/core/range_set.ts";
import { assertEquals, assertTrue } from "../../support/assert.ts";
import { at, chainOf, checkDerived, dice, eventAt, hex, put, remove } from "./world.ts";

interface Options {
  /** Writers lose their memory, but not their ticks. */
  readonly forget?: boolean;
  /** Chains are shortened to this many links on the way. */
  readonly links?: number;
  /** Some events are deletions. */
  readonly deletions?: boolean;
  /** Events are stamped with the tock of a later event at their entry, as originals do. */
  readonly lateStamps?: boolean;
  readonly writers?: number;
}

function cut(chain: IncomingChain, links: number): IncomingChain {
  return { ...chain, prev: chain.prev && links > 1 ? cut(chain.prev, links - 1) : null };
}

/** A store that has forgotten all but one event of `p`, and how many ticks it used. */
function amnesia(node: Store, remembered: Incoming | undefined): Store {
  const fresh = new Store({ node: node.node });
  fresh.restoreHave(fresh.local, RangeSet.range(1, node.local.tick));
  fresh.finishRestore();
  if (remembered !== undefined && remembered.chain.node !== node.node) fresh.merge(remembered);
  else if (remembered !== undefined) restore(fresh, remembered);
  fresh.commit();
  return fresh;
}

function restore(node: Store, { keys, length, chain, tock, bytes, start, end }: Incoming): void {
  const links = (each: IncomingChain | null | undefined): Link | null =>
    each ? new Link(node.writer(each.node), each.tick, links(each.prev)) : null;
  node.restoreEntry(keys, length, node.writer(chain.node), chain.tick, links(chain.prev), tock, bytes, start, end);
  node.finishRestore();
}

/** The events of a random history of the entry `p`. */
function history(seed: number, options: Options): Incoming[] {
  const roll = dice(seed);
  const nodes = Array.from({ length: options.writers ?? 3 }, (_, i) => new Store({ node: "ABCDEF"[i] }));
  const events: Incoming[] = [];
  for (let left = 3 + roll(5); left > 0; left--) {
    const i = roll(nodes.length);
    if (options.forget && roll(4) === 0) nodes[i] = amnesia(nodes[i], events[roll(events.length + 1)]);
    if (events.length > 0 && roll(2) === 0) nodes[i].merge(events[roll(events.length)]);
    const isDeletion = options.deletions === true && roll(3) === 0;
    if (isDeletion) remove(nodes[i], "p");
    else put(nodes[i], "p", `${seed} ${left}`);
    nodes[i].commit();
    events.push(eventAt(nodes[i], at(nodes[i], "p")!));
  }
  if (options.lateStamps) events.forEach((event, i) => events[i] = stampLate(event, events, roll));
  return options.links === undefined
    ? events
    : events.map((event) => roll(2) === 0 ? event : { ...event, chain: cut(event.chain, options.links!) });
}

/** The same event, with the tock of one that was written on top of it. */
function stampLate(event: Incoming, events: readonly Incoming[], roll: (n: number) => number): Incoming {
  const later = events.filter((each) => namesExactly(each.chain.prev, event.chain));
  return later.length === 0 || roll(2) === 0 ? event : { ...event, tock: later[roll(later.length)].tock };
}

/**
 * Whether a late stamp equals the tock of an event that is no relation. Then X5 < Y9 by the link, Y9 < Z1 and Z1 < X5 by
 * name: a cycle, which no rule about two events can resolve; it takes a new write on top (only originals stamp late).
 */
function hasForeignTie(events: readonly Incoming[]): boolean {
  return events.some((a) =>
    events.some((b) => {
      return a !== b && a.tock === b.tock && !namesExactly(a.chain, b.chain) && !namesExactly(b.chain, a.chain);
    })
  );
}

function namesExactly(chain: IncomingChain | null | undefined, head: IncomingChain): boolean {
  if (!chain) return false;
  return (chain.node === head.node && chain.tick === head.tick) || namesExactly(chain.prev, head);
}

function* orders<T>(items: readonly T[]): Iterable<readonly T[]> {
  if (items.length <= 1) return yield items;
  for (let i = 0; i < items.length; i++) {
    for (const rest of orders([...items.slice(0, i), ...items.slice(i + 1)])) yield [items[i], ...rest];
  }
}

/** What a node shows that got these events in this order. */
function outcome(events: readonly Incoming[]): string {
  const node = new Store({ node: "observer" });
  for (const event of events) node.merge(event);
  const entry = at(node, "p")!;
  const value = entry.hasValue ? hex(node.values.read(entry.value)) : "deleted";
  return `${chainOf(entry, 1)} @${entry.tock} ${value} ${node.digest}`;
}

function converges(options: Options, runs: number): void {
  for (let seed = 0; seed < runs; seed++) {
    const events = history(seed, options);
    if (options.lateStamps && hasForeignTie(events)) continue;
    const first = events.slice(0, -5);
    const outcomes = new Set<string>();
    for (const order of orders(events.slice(-5))) outcomes.add(outcome([...first, ...order]));
    assertEquals(outcomes.size, 1, `seed ${seed}: ${[...outcomes].join(" or ")}`);
  }
}

Deno.test("All orders of events end alike", () => converges({}, 150));
Deno.test("All orders end alike with deletions among them", () => converges({ deletions: true }, 150));
Deno.test("All orders end alike with chains cut to two links", () => converges({ links: 2, deletions: true }, 150));
Deno.test("All orders end alike with chains cut to one link", () => converges({ links: 1 }, 100));
Deno.test("All orders end alike with writers that forgot what they knew", () => converges({ forget: true }, 400));
Deno.test("All orders end alike with forgetful writers, deletions, and cut chains", () => {
  converges({ forget: true, deletions: true, links: 2, writers: 4 }, 300);
});
Deno.test("All orders end alike with tocks stamped late", () => converges({ lateStamps: true, deletions: true }, 300));

Deno.test("Late stamps do not bring an older value back where its successor names it", () => {
  for (let seed = 0; seed < 300; seed++) {
    const honest = history(seed, {});
    const roll = dice(seed);
    const stamped = honest.map((event) => stampLate(event, honest, roll));
    for (const [i, event] of stamped.entries()) {
      for (const later of stamped.slice(i + 1).filter((each) => namesExactly(each.chain.prev, event.chain))) {
        for (const pair of [[event, later], [later, event]]) {
          assertTrue(outcome(pair).startsWith(`${later.chain.node}${later.chain.tick} `), `seed ${seed}`);
        }
      }
    }
  }
});

Deno.test("Rank is a total order, and an honest chain never contradicts it", () => {
  for (let seed = 0; seed < 300; seed++) {
    const node = new Store({ node: "observer" });
    const versions = history(seed, { forget: true }).map((event) => {
      const links = (chain: IncomingChain | null | undefined): Link | null =>
        chain ? new Link(node.writer(chain.node), chain.tick, links(chain.prev)) : null;
      return {
        writer: node.writer(event.chain.node),
        tick: event.chain.tick,
        older: links(event.chain.prev),
        tock: event.tock,
      };
    });
    for (const a of versions) {
      for (const b of versions) {
        if (a === b) continue;
        assertEquals(outranks(a, b), !outranks(b, a));
        if (names(a, b)) assertTrue(outranks(a, b), `seed ${seed}`);
        for (const c of versions) if (outranks(a, b) && outranks(b, c)) assertTrue(outranks(a, c));
      }
    }
    checkDerived(node);
  }
});
