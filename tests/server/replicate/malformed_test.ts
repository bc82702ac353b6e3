import { encode } from "../../../wire/msgpack/encoder.ts";
import type { Value } from "../../../wire/value.ts";
import { Path } from "../../../wire/path/path.ts";
import { assertEquals, assertTrue } from "../../support/assert.ts";
import { areAlike, assertAlike } from "./alike.ts";
import { Network, type Node } from "./network.ts";

const channel = ["moat", "kv", "sync"];
const sender = { node: "evil", id: "process of evil" };

function pair(): { network: Network; nodes: [Node, Node]; evil: (message: Value | Uint8Array) => void } {
  const network = new Network(5);
  const nodes: [Node, Node] = [network.add("a"), network.add("b")];
  const backend = network.bus.join("evil");
  network.run(30_000);
  return {
    network,
    nodes,
    evil: (message) => void backend.publish(channel, message instanceof Uint8Array ? message : encode(message)),
  };
}

/** Works on as if nothing had been. */
function assertUnharmed(network: Network, nodes: readonly Node[]): void {
  nodes[0].put("after", 1);
  nodes[1].put("behind", 2);
  network.until(() => areAlike(nodes) && nodes[1].get("after") === 1 && nodes[0].get("behind") === 2, 5000);
  for (const { store } of nodes) {
    assertEquals([store.local.name, store.local.tick < 100], [store.node, true]);
    assertTrue(store.clock < 2 ** 41);
  }
}

Deno.test("Whatever bytes come, they are counted, reported once, and harm nobody", () => {
  const { network, nodes, evil } = pair();
  const { random } = network;
  for (let i = 0; i < 3000; i++) {
    const bytes = encode({ t: ["have", "update", "want", "claim", "heads", "gone", "bye"][i % 7], ...sender, x: i });
    const broken = bytes.slice(0, random.below(bytes.length + 1));
    if (broken.length > 0) broken[random.below(broken.length)] ^= 1 << random.below(8);
    evil(broken);
  }
  network.run(100);
  assertTrue(nodes[0].replicator.counters.refused > 1000);
  assertEquals(nodes[0].reports.length, 1);
  assertUnharmed(network, nodes);
  assertAlike(nodes);
});

Deno.test("Well-formed nonsense in every field harms nobody", () => {
  const { network, nodes, evil } = pair();
  const big = 2 ** 53 - 2;
  const p = Path.of("p");
  const idOfA = nodes[1].replicator.peers.get("a")!.id;
  const everything = { a: [[1, 100]], b: [[1, 100]], ghost: [[1, 2 ** 40]] };
  const nonsense: { [key: string]: Value }[] = [
    { t: "update", tock: big, events: [] },
    { t: "update", tock: 1, events: [[p, big, ["evil", 1], null, 1]] },
    { t: "update", tock: 1, events: [[p, 0, ["evil", 1], null, 1]] },
    { t: "update", tock: 1, events: [[p, 5, ["evil", big + 1], null, 1]] },
    { t: "update", tock: 1, events: [[p, 5, ["evil", 0], null, 1]] },
    { t: "update", tock: 1, events: [[p, 5, ["evil", -1], null, 1]] },
    { t: "update", tock: 1, events: [[p, 5, ["evil", 2, "evil", 1], null, 1]] },
    { t: "update", tock: 1, events: [[p, 5, ["evil", 3], [3], 1]] },
    { t: "update", tock: 1, events: [[p, 5, ["evil", 3], [9], 1]] },
    { t: "update", tock: 1, events: [[Path.of("a", null), 5, ["evil", 3], null, 1]] },
    { t: "update", tock: 1, events: [[Path.of(...Array(300).fill("x")), 5, ["evil", 3], null, 1]] },
    { t: "want", to: "a", ticks: { ghost: [[1, big]], a: [[1, big]] } },
    { t: "want", to: null, ticks: { a: [[1, big]], b: [[1, big]] } },
    { t: "claim", for: "a", known: everything, have: {}, nr: 1, part: 0 },
    { t: "claim", for: "a", known: everything, nr: 2, part: 7 },
    { t: "claim", for: "a", known: {}, have: {}, nr: 2, part: big },
    {
      t: "heads",
      to: "a",
      at: idOfA,
      nr: 1,
      why: "digest",
      heads: [[p, 5, "nobody", 1], [Path.of(), 1, "a", 99]],
      have: {},
    },
    { t: "heads", to: "a", at: idOfA, nr: 1, why: "resync", heads: [[p, 5, "nobody", 1]], have: {}, last: true },
    { t: "gone", for: "a", nr: 1, why: "resync", gone: [[Path.of(null, "member", "a"), 1, "a", 1]], have: {} },
    { t: "bye" },
  ];
  for (const message of nonsense) {
    evil({ ...message, ...sender });
    network.run(20);
  }
  network.run(20_000);
  assertUnharmed(network, nodes);
  assertEquals(nodes.map((node) => node.get("p")), [undefined, undefined]);
  assertTrue(nodes[0].replicator.counters.refused >= 8, `${nodes[0].replicator.counters.refused}`);
});

Deno.test("Somebody who says to have an endless lot costs no endless work", () => {
  const { network, nodes, evil } = pair();
  const have = { ghost: [[1, 2 ** 50]], other: Array.from({ length: 5000 }, (_, i) => 3 * i + 1) };
  for (let i = 0; i < 20; i++) {
    evil({
      t: "have",
      ...sender,
      writer: "evil",
      lives: {},
      have,
      members: [],
      forgotten: [],
      at: [],
      digest: "x",
      ready: true,
    });
    network.run(1000);
  }
  const { length } = network.sent;
  network.run(60_000);
  assertTrue(network.sent.length - length < 100);
  assertUnharmed(network, nodes);
});

Deno.test("A bad event in a batch harms only itself", () => {
  const { network, nodes, evil } = pair();
  evil({
    t: "update",
    ...sender,
    tock: 5,
    events: [[Path.of("bad"), 5, ["evil"], null, 1], [Path.of("good"), 5, ["evil", 1], null, "value"], 7],
  });
  network.run(10);
  assertEquals(nodes.map((node) => [node.get("good"), node.get("bad")]), [["value", undefined], ["value", undefined]]);
  assertEquals(nodes[0].replicator.counters.refused, 2);
});

Deno.test("Own messages that come back are passed over", () => {
  const { network, nodes: [a] } = pair();
  const { merged } = a.replicator.counters;
  a.put("p", 1);
  network.run(5000);
  assertEquals(a.replicator.counters.merged, merged);
  assertTrue(!a.replicator.peers.has("a"));
});
