/**
 * Traces behind the rules of replication, one test each: each of them once lost something, or left two servers different.
 */

import { assertEquals, assertTrue } from "../../support/assert.ts";
import { areAlike, assertAlike } from "./alike.ts";
import { familiar, makeStore, whole } from "./network.ts";

Deno.test("known-without-winner: a claim whose winner died with its server is not believed", () => {
  const { network: net, nodes: [w, x, y, z] } = familiar("w", "x", "y", "z");
  // Y1 reaches W alone, the others hear the tick.
  net.fate = (from, to, message) => message?.t === "update" && from === "y" && to !== "w" ? [] : [1];
  y.put("p", 1);
  net.run(2);
  for (const node of [x, z]) node.turn(() => node.store.hear("y", y.store.local.tick));
  // Y2 reaches X alone. Then only Z and Y hear each other, and of what Y sends, only the claim arrives.
  net.fate = (from, to, message) => message?.t === "update" && from === "y" && to !== "x" ? [] : [1];
  y.put("p", 2);
  net.run(2);
  net.split("w", "x", "y z");
  net.fate = (_from, _to, message) => message?.t === "update" ? [] : [1];
  net.run(20_000);
  const [y1, y2] = [y.store.local.tick - 1, y.store.local.tick];
  assertTrue(z.store.openClaims > 0);
  assertEquals([z.store.writer("y").have.has(y1), z.store.writer("y").have.has(y2)], [false, false]);
  // X and Y die for ever.
  net.kill(x);
  net.kill(y);
  net.fate = whole;
  net.heal();
  net.until(() => z.get("p") === 1, 5000);
  net.run(30_000);
  assertEquals([w.get("p"), z.get("p")], [1, 1]);
});

Deno.test("rumour of known then reinstall: the rumour is not passed on, so the last copy comes back", () => {
  const { network: net, nodes: [w, y, z, v] } = familiar("w", "y", "z", "v");
  net.split("w y", "z", "v");
  y.put("p", 1);
  net.run(2000);
  net.split("w", "y", "z", "v");
  y.put("p", 2);
  net.run(1000);
  net.split("w", "y z", "v");
  net.fate = (_from, _to, message) => message?.t === "update" ? [] : [1];
  net.run(20_000);
  net.kill(y);
  net.fate = whole;
  net.split("w", "z v");
  net.run(20_000);
  assertEquals([z.store.writer("y").have.has(y.store.local.tick - 1), v.get("p")], [false, undefined]);
  net.heal();
  net.until(() => z.get("p") === 1 && v.get("p") === 1, 5000);
  net.kill(w);
  const again = net.add("w", { store: makeStore("w", "another life") });
  net.until(() => again.get("p") === 1, 5000);
});

Deno.test("a server that dies for ever with the newest event: the others go on with what they have", () => {
  const { network: net, nodes: [a, b, c] } = familiar("a", "b", "c");
  a.put("p", 1);
  net.run(5000);
  net.split("a", "b c");
  a.put("p", 2);
  net.run(5000);
  net.kill(a);
  net.heal();
  net.run(20_000);
  assertEquals([b.get("p"), c.get("p")], [1, 1]);
  b.put("p", 3);
  net.run(5000);
  assertEquals(c.get("p"), 3);
  assertAlike([b, c]);
});

Deno.test("equal ticks with different trees: an alarm, and both end alike without losing anything", () => {
  const { network: net, nodes: [a, b] } = familiar("a", "b");
  a.put("p", 1);
  net.run(5000);
  // As if both had lost a record and kept the tick.
  a.turn(() => {
    a.put("q", 1);
    a.put("r", 1);
  });
  net.run(5000);
  const q = b.store.find(["q"], 1)!;
  b.turn(() => b.store.retire(q, false));
  const r = a.store.find(["r"], 1)!;
  a.turn(() => a.store.retire(r, false));
  assertTrue(!areAlike([a, b]));
  net.until(() => areAlike([a, b]), 60_000);
  assertTrue(a.replicator.counters.alarms + b.replicator.counters.alarms > 0);
  for (const node of [a, b]) assertEquals([node.get("p"), node.get("q"), node.get("r")], [1, 1, 1]);
  assertTrue([...a.reports, ...b.reports].some((line) => line.includes("differs")));
});

Deno.test("ticks that a peer had and lost are asked for again", () => {
  const { network: net, nodes: [a, b] } = familiar("a", "b");
  for (let i = 0; i < 10; i++) a.put(`p.q${i}`, i);
  net.run(5000);
  net.kill(b);
  // Damage: what is left has to be had, all else is missing.
  const left = makeStore("b", "life of b");
  left.hear("a", 10);
  left.commit();
  const again = net.add("b", { store: left });
  net.until(() => areAlike([a, again]), 5000);
  assertAlike([a, again]);
});
