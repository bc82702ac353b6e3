/**
 * Traces behind the rules of identity: copies, images, backups, lost tails, and names that two servers bear.
 */

import { assertEquals, assertTrue } from "../../support/assert.ts";
import { areAlike, assertAlike, losers, tombstones } from "./alike.ts";
import { copyOf, renewed } from "./copy.ts";
import { familiar, Network, type Node } from "./network.ts";

Deno.test("return of a clone: a backup is compared before it is shared", () => {
  const { network: net, nodes: [a, b, c] } = familiar("a", "b", "c");
  a.put("x", "old");
  a.put("kept", 1);
  net.run(10_000);
  const backup = copyOf(c.store);
  a.remove("x");
  net.run(60_000);
  assertEquals([a, b, c].map(tombstones), [0, 0, 0]);
  net.kill(c);
  const clone = net.add("c", { store: renewed(backup, "c~bbbbbbbb"), isFromElsewhere: true });
  clone.put("mine", 2);
  net.until(() => areAlike([a, b, clone]), 20_000);
  assertEquals([clone.get("x"), clone.get("kept"), a.get("mine")], [undefined, 1, 2]);
  net.run(60_000);
  assertAlike([a, b, clone]);
});

Deno.test("cold copy restored, other half cut off: no tick means two things in the end", () => {
  const { network: net, nodes: [n, b, c] } = familiar("n", "b", "c");
  for (let i = 0; i < 5; i++) n.put(`n.q${i}`, i);
  net.run(10_000);
  const image = copyOf(n.store);
  // The other half is cut off; N goes on with C, and dies.
  net.split("n c", "b");
  for (let i = 0; i < 5; i++) n.put(`first.q${i}`, i);
  net.run(10_000);
  net.kill(n);
  // An image of N's disk, unnoticed, writes the same ticks beside B.
  net.split("n b", "c");
  const again = net.add("n", { store: image });
  for (let i = 0; i < 5; i++) again.put(`second.q${i}`, i);
  net.run(10_000);
  net.heal();
  net.until(() => areAlike([again, b, c]), 120_000);
  net.run(60_000);
  for (const node of [again, b, c]) {
    for (let i = 0; i < 5; i++) {
      assertEquals([node.get(`first.q${i}`), node.get(`second.q${i}`)], [i, i], `${node.member} has both`);
    }
  }
  assertTrue(areAlike([again, b, c]));
  assertTrue(again.store.local.name !== "n");
});

Deno.test("two fresh networks with one name: both take another writer name, and nothing is lost", () => {
  const net = new Network(3);
  net.split("p1", "p2");
  const [one, two] = [net.add("p1", { name: "raspberrypi" }), net.add("p2", { name: "raspberrypi" })];
  for (let i = 0; i < 10; i++) {
    one.put(`p.q${i}`, `one ${i}`);
    two.put(`p.r${i}`, `two ${i}`);
  }
  one.put("same", "one");
  two.put("same", "two");
  net.run(10_000);
  net.heal();
  net.run(100);
  assertTrue([one, two].every(({ store }) => store.local.name !== "raspberrypi"), "at once");
  net.until(() => areAlike([one, two]), 20_000);
  net.run(60_000);
  for (const node of [one, two]) {
    for (let i = 0; i < 10; i++) assertEquals([node.get(`p.q${i}`), node.get(`p.r${i}`)], [`one ${i}`, `two ${i}`]);
    assertTrue(node.store.local.name.startsWith("raspberrypi~"), node.store.local.name);
  }
  assertTrue(one.store.local.name !== two.store.local.name);
  assertTrue(areAlike([one, two]));
});

Deno.test("a server that dies while it writes its entries again under a new name goes on with that", () => {
  const net = new Network(3);
  const names = { name: "raspberrypi" };
  net.split("p1", "p2");
  const [one, two] = [net.add("p1", names), net.add("p2", names)];
  const entries = 8000;
  for (let i = 0; i < entries; i++) one.put(`p.q${i}`, `one ${i}`);
  two.put("p.r", "two");
  net.run(10_000);
  net.heal();
  net.until(() => one.store.local.name !== "raspberrypi", 1000);
  const isLeft = (node: Node) => node.store.writers.get("raspberrypi")?.headsAny ?? false;
  assertTrue(isLeft(one), "it has only begun");
  net.kill(one);
  net.run(60_000);
  const again = net.add("p1", { ...names, store: copyOf(one.store) });
  net.until(() => areAlike([again, two]), 60_000);
  assertEquals([again, two].map(isLeft), [false, false]);
  for (let i = 0; i < entries; i += 1000) assertEquals(two.get(`p.q${i}`), `one ${i}`);
  assertEquals(again.get("p.r"), "two");
});

Deno.test("a name that is taken while the disk is full is given up later, without trying all the time", () => {
  const net = new Network(3);
  net.split("p1", "p2");
  const [one, two] = [net.add("p1", { name: "raspberrypi" }), net.add("p2", { name: "raspberrypi" })];
  for (let i = 0; i < 10; i++) {
    one.put(`p.q${i}`, `one ${i}`);
    two.put(`p.r${i}`, `two ${i}`);
  }
  one.isFull = true;
  net.heal();
  net.run(60_000);
  assertTrue(one.failed > 0 && one.failed < 300, `${one.failed} times`);
  assertEquals(one.store.local.name, "raspberrypi");
  one.isFull = false;
  net.until(() => areAlike([one, two]), 30_000);
  for (const node of [one, two]) {
    for (let i = 0; i < 10; i++) assertEquals([node.get(`p.q${i}`), node.get(`p.r${i}`)], [`one ${i}`, `two ${i}`]);
  }
  assertTrue(one.store.local.name.startsWith("raspberrypi~") && one.store.local.tick < 100);
});

Deno.test("two live images of one disk: both notice, and nothing is lost", () => {
  const net = new Network(4);
  const a = net.add("a");
  const other = net.add("other");
  a.put("p", 1);
  net.run(10_000);
  net.split("a", "image", "other");
  const image = net.add("image", { name: "a", store: copyOf(a.store) });
  for (let i = 0; i < 10; i++) {
    a.put(`q.a${i}`, i);
    image.put(`q.b${i}`, i);
  }
  net.run(1000);
  net.heal();
  net.until(() => areAlike([a, image, other]), 120_000);
  for (const node of [a, image, other]) {
    for (let i = 0; i < 10; i++) assertEquals([node.get(`q.a${i}`), node.get(`q.b${i}`)], [i, i]);
  }
});

Deno.test("two images that have used the same ticks: the one whose last ticks are higher notices, too", () => {
  const net = new Network(4);
  const a = net.add("a");
  const other = net.add("other");
  a.put("p", 1);
  net.run(10_000);
  net.split("a", "image", "other");
  const image = net.add("image", { name: "a", store: copyOf(a.store) });
  a.remove("p");
  a.put("r", 1);
  a.put("s", 1);
  image.put("q", 1);
  net.run(1000);
  net.heal();
  net.run(1000);
  assertEquals([a.store.local.name === "a", image.store.local.name === "a"], [false, false]);
  net.until(() => areAlike([a, image, other]), 20_000);
  net.run(10_000);
  assertEquals(other.get("p"), undefined, "what is newer at one of them wins, though both write what they have again");
  assertEquals([other.get("q"), other.get("r"), other.get("s")], [1, 1, 1]);
});

Deno.test("two live images of one disk that write nothing: both notice before they do", () => {
  const net = new Network(4);
  const a = net.add("a");
  a.put("p", 1);
  net.run(10_000);
  const image = net.add("image", { name: "a", store: copyOf(a.store) });
  net.run(30_000);
  assertEquals([a.store.local.name === "a", image.store.local.name === "a"], [false, false]);
  assertTrue(areAlike([a, image]));
});

Deno.test("whole house loses power: nobody waits for a clean peer", () => {
  const { network: net, nodes } = familiar("a", "b", "c");
  nodes[0].put("p", 1);
  net.run(10_000);
  const disks = nodes.map(({ store }) => copyOf(store));
  nodes[0].put("lost by all", 1);
  nodes.forEach((node) => net.kill(node));
  const again = ["a", "b", "c"].map((name, i) => net.add(name, { store: renewed(disks[i], `${name}~cccccccc`) }));
  again.forEach((node, i) => node.put(`q${i}`, i));
  assertTrue(again.every(({ replicator }) => replicator.isReady));
  net.until(() => areAlike(again), 3000);
  assertEquals(again.map((node) => [node.get("q0"), node.get("q1"), node.get("q2"), node.get("p")]), [
    [0, 1, 2, 1],
    [0, 1, 2, 1],
    [0, 1, 2, 1],
  ]);
  assertAlike(again);
});

Deno.test("a whole house restored from backups: the first by name goes on, the others compare with it", () => {
  const { network: net, nodes } = familiar("a", "b", "c");
  nodes[0].put("p", 1);
  net.run(10_000);
  const disks = nodes.map(({ store }) => copyOf(store));
  nodes.forEach((node) => net.kill(node));
  const again = ["a", "b", "c"].map((name, i) =>
    net.add(name, { store: renewed(disks[i], `${name}~dddddddd`), isFromElsewhere: true })
  );
  again.forEach((node, i) => node.put(`q${i}`, i));
  net.until(() => areAlike(again) && again.every(({ replicator }) => replicator.isReady), 20_000);
  assertAlike(again);
});

Deno.test("power cut, same path written again while alone: the old value at a peer does not win unseen", () => {
  const { network: net, nodes: [n, peer] } = familiar("n", "peer");
  const disk = copyOf(n.store);
  n.put("p", "sent, then lost");
  net.run(5000);
  net.kill(n);
  net.split("n", "peer");
  const again = net.add("n", { store: renewed(disk, "n~eeeeeeee") });
  again.put("p", "written alone");
  net.run(5000);
  net.heal();
  net.until(() => areAlike([again, peer]), 5000);
  assertAlike([again, peer]);
  assertEquals(losers(again), ["p"], "the one that lost is a conflict");
});

Deno.test("a fresh machine of a name that exists, started again before anybody hears it: what it wrote is not lost unseen", () => {
  const { network: net, nodes: [b, d] } = familiar("b", "d");
  for (let i = 0; i < 5; i++) b.put("q", i);
  net.run(1000);
  d.put("q", "on top of what b wrote");
  net.run(5000);
  net.split("fresh", "b d");
  const fresh = net.add("fresh", { name: "b" });
  fresh.put("q", "written alone");
  net.run(5000);
  net.kill(fresh);
  const again = net.add("fresh", { name: "b", store: renewed(copyOf(fresh.store), "b~ffffffff") });
  net.heal();
  net.until(() => areAlike([again, b, d]), 20_000);
  net.run(60_000);
  assertAlike([again, b, d]);
  assertEquals(again.get("q"), "on top of what b wrote");
  assertEquals(losers(b), ["q"], "what was written alone is a conflict");
});

Deno.test("a machine is reinstalled under its name, and whoever has its old writes is a backup: they are not lost", () => {
  const net = new Network(5);
  const [a, b] = [net.add("a"), net.add("b")];
  b.put("p", "written before");
  net.run(10_000);
  const backup = copyOf(a.store);
  net.kill(a);
  net.kill(b);
  const [anew, c] = [net.add("anew", { name: "b" }), net.add("c")];
  for (let i = 0; i < 5; i++) anew.put(`q.${"vwxyz"[i]}`, i);
  net.run(10_000);
  const again = net.add("a", { store: renewed(backup, "a~gggggggg"), isFromElsewhere: true });
  net.until(() => areAlike([again, anew, c]), 60_000);
  net.run(60_000);
  assertTrue(areAlike([again, anew, c]));
  for (const node of [again, anew, c]) {
    assertEquals([node.get("p"), node.get("q.v"), node.get("q.z")], ["written before", 0, 4], node.member);
  }
});
