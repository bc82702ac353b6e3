/** Random histories in networks of originals and ours: splits, quick and slow writes, deletions. All end alike, nobody dies. */

import type { Value } from "../../../../wire/value.ts";
import { assertEquals } from "../../../support/assert.ts";
import type { OriginalRules } from "../../../support/original_rules.ts";
import { Random } from "../../../support/random.ts";
import { MixedNetwork, type Ours } from "./mixed.ts";

const second = 1000;
const paths = ["x", "y", "x.a", "z", "w"];

function history(seed: number): void {
  const network = new MixedNetwork(seed);
  const random = new Random(seed * 7919);
  const below = (n: number) => Math.floor(random.next() * n);
  const originals = Array.from({ length: 1 + below(3) }, (_, i) => network.original(`p${i}`));
  const ours = Array.from({ length: 1 + below(3) }, (_, i) => network.ours(`${"az"[below(2)]}${i}`));
  const all: (OriginalRules | Ours)[] = [...originals, ...ours];
  const names = all.map(nameOf);
  const isLossy = random.next() < 0.5;
  network.fate = (_from, to, _message, channel) => {
    const isLost = isLossy && channel[2] !== "ping" && !to.startsWith("p") && network.random.next() < 0.1;
    return isLost ? [] : [1 + Math.floor(network.random.next() * 20)];
  };
  network.run(70 * second);
  let value = 0;
  for (let round = 0; round < 3; round++) {
    const left = names.filter(() => random.next() < 0.5);
    if (random.next() < 0.8) network.split(left.join(" "), names.filter((name) => !left.includes(name)).join(" "));
    for (let i = 0; i < 12; i++) {
      const [node, path] = [all[below(all.length)], paths[below(paths.length)]];
      if (random.next() < 0.7) set(node, path, ++value);
      else if (node.get(path) !== undefined) remove(node, path);
      network.run(below(random.next() < 0.3 ? 20_000 : 300));
    }
    network.run(below(60) * second);
    network.heal();
    network.run(below(100) * second);
  }
  network.run(400 * second);
  for (const path of paths) {
    const values = all.map((node) => JSON.stringify(node.get(path)));
    assertEquals(new Set(values).size, 1, `seed ${seed}, ${path}: ${names} have ${values}`);
  }
  assertEquals(originals.map(({ death }) => death).filter(Boolean), [], `seed ${seed}`);
  for (const node of ours) assertEquals(node.replicator.missing.size, 0, `seed ${seed}, ${node.member}`);
}

function nameOf(node: OriginalRules | Ours): string {
  return "member" in node ? node.member : node.name;
}
function set(node: OriginalRules | Ours, path: string, value: Value): void {
  if ("member" in node) node.put(path, value);
  else node.set(path, value);
}
function remove(node: OriginalRules | Ours, path: string): void {
  if ("member" in node) node.remove(path);
  else node.delete(path);
}

Deno.test("random histories of originals and ours end alike everywhere", () => {
  const seeds = Number(Deno.env.get("MOAT_TEST_SEEDS") ?? 40);
  for (let seed = 1; seed <= seeds; seed++) history(seed);
  // Links too deep, links of deletions, entries that `deleted` takes, a `deleted` and a deletion that we never hear,
  // a last word of one that is out of the history, a question of an original that was lost,
  // a value that lost elsewhere
  for (const seed of [43, 87, 1150, 1261, 293, 1460, 1825, 2160, 2287]) history(seed);
});
