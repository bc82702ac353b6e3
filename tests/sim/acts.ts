/**
 * What clients do.
 *
 * @module
 */

import { checkChain, seenChain } from "../../server/core/precondition.ts";
import type { Change } from "../../server/core/effect.ts";
import { RequestError } from "../../wire/errors.ts";
import { encode } from "../../wire/msgpack/encoder.ts";
import type { ElementKey } from "../../wire/path/keys.ts";
import type { Value } from "../../wire/value.ts";
import type { Chance } from "./chance.ts";
import { pathText } from "./ghost.ts";
import type { Node } from "./node.ts";
import type { World } from "./world.ts";

/** Where clients write: few places, so that they meet. */
export const places: readonly (readonly ElementKey[])[] = [
  ["p"],
  ["p", "x"],
  ["p", "x", 1],
  ["q"],
  ["q", "y"],
  [],
  [null, "acl", "u"],
  ["long"],
];

/** How a client writes. */
export interface ActOptions {
  readonly chance: Chance;
  /** Whether its reply may get lost. */
  readonly losesReplies: boolean;
}

/** What a client does at one node. */
export type Act = (node: Node, options: ActOptions) => void;

/** A client's request at a node. @param nodes So many are to have it on their disks */
export function request(
  node: Node,
  { chance, losesReplies }: ActOptions,
  body: (node: Node) => Change[],
  nodes?: number,
): void {
  const level = chance.happens(0.15) || nodes !== undefined ? "disk" : "memory";
  const isLost = losesReplies && chance.happens(0.3);
  node.life?.request(() => {
    const changes = body(node);
    const { trace } = node.world;
    for (const change of changes) {
      trace.add(
        node.machine,
        () => `${change.entry.path()} ${change.value === 0 ? "deleted" : "set"} ${change.tick}@${change.tock}`,
      );
    }
    return { changes, level, nodes, isLost };
  });
}

function set(node: Node, keys: readonly ElementKey[], value: Value): Change {
  const { store } = node.life!;
  const bytes = encode(value);
  return store.write(store.ensure(keys, keys.length), bytes, 0, bytes.length);
}

/** Deletes what has a value. */
function remove(node: Node, keys: readonly ElementKey[]): Change[] {
  const { store } = node.life!;
  const entry = store.find(keys, keys.length);
  return entry?.hasValue ? [store.delete(entry)] : [];
}

function freshValue(node: Node, chance: Chance): Value {
  const text = `${node.machine}${(node.life?.store.local.tick ?? 0) + 1}`;
  if (chance.happens(0.1)) return { text, long: "x".repeat(chance.below(1500)) };
  return chance.happens(0.5) ? text : { text, n: chance.below(1000) };
}

/** Sets a value that nobody else sets. */
function setFresh(node: Node, options: ActOptions): void {
  const { chance } = options;
  const keys = chance.pickSkewed(places);
  request(node, options, () => [set(node, keys, freshValue(node, chance))]);
}

/** Sets a value that others set, too. */
function setEqual(node: Node, options: ActOptions): void {
  const { chance } = options;
  const keys = chance.pickSkewed(places);
  request(node, options, () => [set(node, keys, chance.below(2))]);
}

/** Deletes one entry. */
function deleteOne(node: Node, options: ActOptions): void {
  const keys = options.chance.pickSkewed(places);
  request(node, options, () => remove(node, keys));
}

/** Deletes an entry and all below it. */
function deleteTree(node: Node, options: ActOptions): void {
  const top = options.chance.pick([["p"], ["q"], ["p", "x"]] as const);
  const below = places.filter((keys) => top.every((key, i) => keys[i] === key));
  request(node, options, () => below.flatMap((keys) => remove(node, keys)));
}

/** Writes one entry several times, faster than anybody can hear of it. */
function setQuickly(node: Node, options: ActOptions): void {
  const { chance } = options;
  const keys = chance.pickSkewed(places);
  for (let count = 2 + chance.below(4); count > 0; count--) {
    const isDeletion = chance.happens(0.2);
    request(node, options, () => isDeletion ? remove(node, keys) : [set(node, keys, freshValue(node, chance))]);
  }
}

/** Several writes in one request. */
function setMany(node: Node, options: ActOptions): void {
  const { chance } = options;
  const all = Array.from({ length: 3 + chance.below(12) }, () => chance.pick(places));
  request(node, options, () => all.map((keys) => set(node, keys, freshValue(node, chance))));
}

/** Reads an entry here, and a moment later changes it if nobody else has. */
function setIfSame(node: Node, options: ActOptions): void {
  const { chance } = options;
  const keys = chance.pickSkewed(places);
  const seen = seenChain(node.life!.store.find(keys, keys.length));
  const expected = seen && { node: seen.node, tick: seen.tick, prev: null };
  node.world.timeline.after(chance.between(0, 500), () => {
    if (!node.isUp) return;
    request(node, options, () => {
      try {
        checkChain(node.life!.store.find(keys, keys.length), expected, pathText(keys));
      } catch (error) {
        if (error instanceof RequestError) return [];
        throw error;
      }
      return [set(node, keys, freshValue(node, chance))];
    });
  });
}

/** Sets a value, and waits until several nodes have it on their disks. */
export function setForNodes(node: Node, options: ActOptions): void {
  const { chance } = options;
  const keys = chance.pickSkewed(places);
  request(node, options, () => [set(node, keys, freshValue(node, chance))], 2 + chance.below(2));
}

/** A counter: reads and adds one, as scripts do. */
function setUnique(node: Node, options: ActOptions): void {
  const keys = ["many", options.chance.below(20)];
  request(node, options, () => [set(node, keys, freshValue(node, options.chance))]);
}

/** All of them, with how often they happen. */
export const acts: readonly (readonly [Act, number])[] = [
  [setFresh, 6],
  [setEqual, 3],
  [deleteOne, 4],
  [deleteTree, 1],
  [setQuickly, 2],
  [setMany, 1],
  [setIfSame, 2],
  [setUnique, 3],
];

/** One of them. */
export function pickAct(chance: Chance): Act {
  let left = chance.below(acts.reduce((sum, [, weight]) => sum + weight, 0));
  for (const [act, weight] of acts) if ((left -= weight) < 0) return act;
  return setFresh;
}

/** A client does something at a node that runs, if there is one. */
export function actSomewhere(world: World, chance: Chance, losesReplies: boolean): void {
  const { up } = world;
  if (up.length === 0) return;
  pickAct(chance)(chance.pick(up), { chance, losesReplies });
}
