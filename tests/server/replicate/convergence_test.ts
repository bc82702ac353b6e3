import { assertEquals } from "../../support/assert.ts";
import { areAlike, assertAlike, tombstones } from "./alike.ts";
import { type Fate, Network, type Node, whole } from "./network.ts";

/** Three of ten messages are lost, one of ten comes twice, some come much later than others. */
function rough({ random }: Network): Fate {
  return () => {
    if (random.next() < 0.3) return [];
    const delays = [1 + random.below(random.next() < 0.2 ? 800 : 20)];
    if (random.next() < 0.1) delays.push(random.below(3000));
    return delays;
  };
}

/** Something happens at one server. */
function step(network: Network, nodes: readonly Node[]): void {
  const { random } = network;
  const node = nodes[random.below(nodes.length)];
  const path = `p${random.below(3)}.q${random.below(4)}`;
  if (random.next() < 0.3) node.remove(path);
  else node.put(path, random.below(1000));
  if (random.next() < 0.02) {
    network.split(nodes.slice(0, 1 + random.below(nodes.length)).map((n) => n.member).join(" "));
  }
  if (random.next() < 0.03) network.heal();
  network.run(random.below(200));
}

for (let seed = 1; seed <= 30; seed++) {
  Deno.test(`Servers end alike after losses, repetitions, delays and splits, seed ${seed}`, () => {
    const network = new Network(seed);
    const nodes = ["a", "b", "c", "d"].slice(0, 2 + network.random.below(3)).map((name) => network.add(name));
    network.fate = rough(network);
    for (let i = 0; i < 200; i++) step(network, nodes);
    network.fate = whole;
    network.heal();
    network.until(() => areAlike(nodes), 5_000);
    network.run(60_000);
    assertAlike(nodes);
    assertEquals(nodes.map(tombstones), nodes.map(() => 0), "all tombstones are gone");
    const { length } = network.sent;
    network.run(100_000);
    const perNode = (network.sent.length - length) / nodes.length;
    assertEquals(perNode >= 9 && perNode <= 14, true, `only heartbeats remain, got ${perNode} messages in 100 s`);
  });
}
