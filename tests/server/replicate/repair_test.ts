import { assertEquals, assertTrue } from "../../support/assert.ts";
import { areAlike, assertAlike } from "./alike.ts";
import { type Fate, Network, whole } from "./network.ts";

/** Three servers that know each other. */
function three(seed: number = 1): { network: Network; nodes: ReturnType<Network["add"]>[] } {
  const network = new Network(seed);
  const nodes = ["a", "b", "c"].map((name) => network.add(name));
  network.run(30_000);
  return { network, nodes };
}

/** Loses updates, each once. */
function losesFirst(kind: string): Fate {
  return (_from, _to, message) => message?.t === kind && !(message.t === "update" && message.isRepeated) ? [] : [1];
}

Deno.test("A lost update, the last of its writer, is repaired within two seconds", () => {
  for (let seed = 1; seed <= 20; seed++) {
    const { network, nodes: [a, b, c] } = three(seed);
    network.run(network.random.below(10_000));
    network.fate = losesFirst("update");
    a.put("p", seed);
    const tookMs = network.until(() => b.get("p") === seed && c.get("p") === seed, 2000);
    assertTrue(tookMs < 1500, `took ${tookMs} ms`);
  }
});

Deno.test("A lost update is repaired within half a second if the writer goes on", () => {
  const { network, nodes: [a, b] } = three();
  network.fate = losesFirst("update");
  a.put("p", 1);
  network.fate = whole;
  a.put("q", 2);
  assertTrue(network.until(() => b.get("p") === 1, 2000) < 600);
});

Deno.test("An update that was lost together with the first retransmission is repaired within two seconds", () => {
  const { network, nodes: [a, b] } = three();
  let repeated = 0;
  network.fate = (_from, to, message) => {
    if (message?.t !== "update" || to !== "b") return [1];
    return message.isRepeated && ++repeated > 1 ? [1] : [];
  };
  a.put("p", 1);
  assertTrue(network.until(() => b.get("p") === 1, 2000) < 2000);
});

Deno.test("Quick writes to one entry are one event that names what it replaces", () => {
  const { network, nodes: [a, b] } = three();
  const { length } = network.sent;
  a.turn(() => {
    for (let i = 0; i < 100; i++) a.put("p", i);
  });
  network.run(10);
  const updates = network.sent.slice(length).map(({ message }) => message).filter((each) => each?.t === "update");
  assertEquals(updates.length, 1);
  assertEquals(updates[0]!.t === "update" && updates[0].events.map(({ replaces }) => replaces?.length), [99]);
  assertEquals(b.get("p"), 99);
  assertAlike([a, b]);
});

Deno.test("A large turn is sent in messages of at most 256 KiB, a larger value in one of its own", () => {
  const { network, nodes: [a, b, c] } = three();
  const { length } = network.sent;
  a.turn(() => {
    for (let i = 0; i < 2000; i++) a.put(`p.q${i}`, "x".repeat(500));
    a.put("big", "y".repeat(400_000));
    a.put("last", 1);
  });
  network.run(10);
  const sizes = network.sent.slice(length).filter(({ message }) => message?.t === "update").map(({ bytes }) => bytes);
  assertEquals(sizes.filter((bytes) => bytes > 256 * 1024).length, 1);
  assertTrue(sizes.length < 10);
  assertAlike([a, b, c]);
});

Deno.test("After a split the traffic goes with what was missed, not with how much there is", () => {
  const { network, nodes } = three();
  const [a, b, c] = nodes;
  a.turn(() => {
    for (let i = 0; i < 5000; i++) a.put(`old.q${i}`, "x".repeat(50));
  });
  network.run(10_000);
  assertAlike(nodes);
  network.split("a b", "c");
  for (let i = 0; i < 500; i++) (i % 2 ? a : c).put(`new.q${i}`, i);
  network.run(60_000);
  const { length } = network.sent;
  network.heal();
  const tookMs = network.until(() => areAlike(nodes), 5000);
  network.run(1000);
  assertAlike(nodes);
  const bytes = network.sent.slice(length).reduce((sum, each) => sum + each.bytes, 0);
  assertTrue(bytes < 100_000, `${bytes} bytes for 500 changes of 50 bytes`);
  const events = network.sent.slice(length).map(({ message }) => message?.t === "update" ? message.events.length : 0);
  assertTrue(events.reduce((a, b) => a + b, 0) <= 510, `${events} events`);
  assertTrue(tookMs < 2000, `took ${tookMs} ms`);
  assertEquals(b.get("new.q499"), 499);
});

Deno.test("A split with 10,000 changes on each side heals within five seconds", () => {
  const { network, nodes } = three();
  const [a, b, c] = nodes;
  network.split("a b", "c");
  for (let i = 0; i < 100; i++) {
    for (const node of [a, c]) {
      node.turn(() => {
        for (let j = 0; j < 100; j++) node.put(`p.q${network.random.below(3000)}`, `${node.member} ${i} ${j}`);
      });
    }
    network.run(36_000);
  }
  const { length } = network.sent;
  network.heal();
  const tookMs = network.until(() => areAlike(nodes), 5000);
  assertAlike(nodes);
  const bytes = network.sent.slice(length).reduce((sum, each) => sum + each.bytes, 0);
  assertTrue(bytes < 2_000_000, `${bytes} bytes`);
  assertTrue(tookMs < 3000, `took ${tookMs} ms`);
  assertTrue(b.get("p.q1") !== undefined);
});

Deno.test("What two servers lost is sent again once", () => {
  const { network, nodes: [a, b, c] } = three();
  network.fate = losesFirst("update");
  for (let i = 0; i < 50; i++) a.put(`p.q${i}`, i);
  network.fate = whole;
  const { length } = network.sent;
  network.until(() => areAlike([a, b, c]), 3000);
  network.run(3000);
  const again = network.sent.slice(length).map(({ message }) => message?.t === "update" ? message.events.length : 0);
  assertTrue(again.reduce((x, y) => x + y, 0) <= 60, `${again}`);
  assertEquals(network.sent.slice(length).filter(({ message }) => message?.t === "want").length, 1);
});

Deno.test("A gap that nobody can fill is not asked for all the time, and given up when its server is forgotten", () => {
  const { network, nodes: [a, b, c] } = three();
  network.split("a", "b c");
  a.put("p", 1);
  // B hears the tick, and A dies with the event.
  b.turn(() => b.store.hear("a", a.store.local.tick));
  network.kill(a);
  network.heal();
  network.run(60_000);
  const { length } = network.sent;
  network.run(100_000);
  const wants = network.sent.slice(length).filter(({ message }) => message?.t === "want");
  assertTrue(wants.length <= 20, `${wants.length} requests`);
  assertEquals(b.store.writer("a").missing().size, 1);
  c.turn(() => c.replicator.forget("a"));
  network.run(20_000);
  assertEquals([b.store.writer("a").missing().size, b.store.writer("a").givenUp.size], [0, 1]);
});

Deno.test("A connection that drops what is sent costs nothing but time", () => {
  const { network, nodes: [a, b, c] } = three();
  a.backend.detach("broker gone");
  for (let i = 0; i < 1000; i++) a.put(`p.q${i}`, i);
  network.run(60_000);
  assertTrue(a.replicator.counters.sent.dropped > 0);
  a.backend.attach();
  network.until(() => areAlike([a, b, c]), 3000);
  assertAlike([a, b, c]);
});

Deno.test("Somebody who asks hears within five milliseconds that his change arrived", () => {
  const { network, nodes: [a, b, c] } = three();
  a.replicator.askForHave();
  a.put("p", 1);
  const { tick, name } = a.store.local;
  const has = (node: string) => a.replicator.peers.get(node)!.have.get(name)?.has(tick) === true;
  assertTrue(network.until(() => has("b") && has("c"), 10) <= 10);
  assertEquals([b.get("p"), c.get("p")], [1, 1]);
});

Deno.test("A server says what it has within a second after a change, and every ten seconds", () => {
  const { network, nodes: [a, b] } = three();
  b.put("p", 1);
  const { nowMs } = network;
  const said = () => network.sent.filter((each) => each.from === "a" && each.message?.t === "have").map((s) => s.atMs);
  network.run(1000);
  assertTrue(said().at(-1)! > nowMs);
  assertEquals(a.get("p"), 1);
  network.run(100_000);
  const times = said().filter((atMs) => atMs > nowMs);
  for (let i = 1; i < times.length; i++) assertTrue(times[i] - times[i - 1] <= 10_000);
});
