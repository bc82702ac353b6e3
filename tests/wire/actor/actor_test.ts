import fc from "fast-check";
import { assertEquals, assertTrue as assert } from "../../support/assert.ts";
import { Actor } from "../../../wire/actor/actor.ts";
import type { ActorMessage } from "../../../wire/actor/message.ts";
import { mainSettings } from "../../../wire/actor/settings.ts";
import { Network, seeded } from "./network.ts";

Deno.test("Actor: a lone member is it from its second ping on", () => {
  const network = new Network(1);
  network.add("a", [1, 1]);
  network.run(60_000);
  const [first, second] = network.pings();
  assert(first.atMs >= 13_000 && first.atMs <= 14_000, `first ping at ${first.atMs}`);
  const [tag] = network.of("tag");
  assertEquals(tag.atMs, second.atMs + mainSettings.gapMs);
});

Deno.test("Actor: two members ping in turn, every 11.75 s", () => {
  const network = new Network(2);
  network.add("a", [1, 1]);
  network.run(5_000);
  network.add("b", [2, 1]);
  network.run(120_000);
  const pings = network.pings(60_000);
  for (let i = 1; i < pings.length; i++) {
    assert(pings[i].node !== pings[i - 1].node, "the same member twice");
    const gapMs = pings[i].atMs - pings[i - 1].atMs;
    assert(Math.abs(gapMs - 11_750) <= 2, `pings ${gapMs} ms apart`);
  }
});

Deno.test("Actor: at most one member is it at any time once a network is settled", () => {
  for (let seed = 0; seed < 20; seed++) {
    const network = new Network(seed);
    for (const node of ["a", "b", "c", "d"]) network.add(node, [seed, 1]), network.run(3_000);
    network.run(600_000);
    let it: string | undefined;
    for (const { node, output, atMs } of network.seen.filter((each) => each.atMs > 300_000)) {
      if (output.kind === "untag" || output.kind === "detag") {
        if (it === node) it = undefined;
      } else if (output.kind === "tag") {
        assert(it === undefined, `seed ${seed}: ${node} and ${it} are it at ${atMs}`);
        it = node;
      }
    }
  }
});

Deno.test("Actor: one that is not ready hears who is", () => {
  const network = new Network(3);
  network.add("a", [7, 3]);
  network.run(1_000);
  network.add("b", null);
  network.run(30_000);
  const [good] = network.of("good");
  assertEquals([good.node, good.output.nodes], ["b", ["a"]]);
  assertEquals(network.actors.get("b")!.valueOf("a"), [7, 3]);
});

Deno.test("Actor: two sides that meet recover, each told who was on which side", () => {
  const network = new Network(4);
  for (const node of ["a", "b", "c", "d"]) network.add(node, [5, 1]);
  network.run(200_000);
  for (const node of ["c", "d"]) network.side.set(node, 1);
  for (const node of ["a", "b"]) network.give(node, { kind: "value", value: [9, 4] });
  network.run(200_000);
  const healedMs = network.nowMs;
  for (const node of ["c", "d"]) network.side.set(node, 0);
  network.run(60_000);
  const recoveries = network.of("recover", healedMs);
  assert(recoveries.some((each) => "ab".includes(each.node)), "the first side does not recover");
  assert(recoveries.some((each) => "cd".includes(each.node)), "the second side does not recover");
  for (const { node, output } of recoveries) {
    const own = "ab".includes(node) ? "ab" : "cd";
    assert(own.includes(output.local[0]) && !own.includes(output.remote[0]), `${node}: ${JSON.stringify(output)}`);
    assertEquals(output.local[output.prio], node);
    assertEquals(output.replaced, own === "cd"); // the greater value goes first
  }
});

Deno.test("Actor: two members that were each alone report their meeting, unlike the original", () => {
  const network = new Network(5);
  network.add("a", [5, 1]);
  network.add("b", [6, 1]);
  network.side.set("b", 1);
  network.run(100_000);
  network.side.set("b", 0);
  network.run(30_000);
  const recoveries = network.of("recover", 100_000);
  assert(recoveries.length > 0, "nobody recovers");
  for (const { output } of recoveries) assertEquals([...output.local, ...output.remote].sort(), ["a", "b"]);
});

Deno.test("Actor: newer settings are adopted, older ones answered", () => {
  const network = new Network(6);
  network.add("a", [1, 1]);
  network.run(40_000);
  network.give("a", { kind: "enable", members: 7 });
  network.add("b", [1, 1]);
  network.run(40_000);
  assertEquals(network.of("setup").map((each) => [each.node, each.output.settings.historyMax]), [["b", 7]]);
});

Deno.test("Actor: settings are kept to oneself unless announced", () => {
  const network = new Network(7);
  network.add("a", [1, 1], false);
  network.run(60_000);
  assertEquals(network.of("send").filter((each) => each.output.message.type === "vers"), []);
});

Deno.test("Actor: a member that only listens tells of others' turns and never speaks", () => {
  const network = new Network(8);
  network.add("a", [1, 1]);
  network.add("b", [1, 1]);
  network.give("b", { kind: "disable" });
  network.run(100_000);
  assertEquals(network.pings().filter((each) => each.node === "b"), []);
  assert(network.of("ping").some((each) => each.node === "b"));
  network.give("b", { kind: "enable", members: 2 });
  network.run(100_000);
  assert(network.pings(100_000).some((each) => each.node === "b"));
});

Deno.test("Actor: the own name in another's mouth is a clash", () => {
  const network = new Network(9);
  network.add("a", [1, 1]);
  network.run(100);
  assertEquals(network.of("clash"), []);
  network.give("a", { kind: "message", message: { type: "init", node: "a" } });
  assertEquals(network.of("clash").length, 1);
});

const name = fc.constantFrom("a", "b", "c", "d", "me");
const value = fc.oneof(fc.constant(null), fc.tuple(fc.nat(9), fc.nat(9)));
const names = fc.uniqueArray(name, { maxLength: 5 });
const settings = fc.record({ historyMax: fc.integer({ min: -1, max: 5 }), version: fc.nat(3) })
  .map((some) => ({ ...mainSettings, ...some }));
const anyMessage: fc.Arbitrary<ActorMessage> = fc.oneof(
  fc.record({ type: fc.constant("init" as const), node: name }),
  fc.record({ type: fc.constant("vers" as const), node: name, settings }),
  fc.tuple(name, value, names).map(([node, value, rest]) => {
    return { type: "ping" as const, node, value, history: [node, ...rest.filter((each) => each !== node)] };
  }),
  fc.record({ type: fc.constant("hist" as const), value, history: names.filter((each) => each.length > 0) }),
);

Deno.test("Actor: no sequence of messages breaks it, and it always has something to do next", () => {
  fc.assert(fc.property(fc.array(fc.tuple(fc.nat(20_000), anyMessage), { maxLength: 60 }), fc.nat(), (events, seed) => {
    const actor = new Actor("me", mainSettings, seeded(seed));
    let nowMs = 0;
    actor.step(0, { kind: "start", announce: true });
    for (const [ms, message] of events) {
      nowMs += ms;
      for (const output of actor.step(nowMs, { kind: "message", message })) {
        if (output.kind === "send" && output.message.type === "hist") assert(output.message.history.length > 0);
        if (output.kind === "send" && output.message.type === "ping") assertEquals(output.message.history[0], "me");
      }
      assert(Number.isFinite(actor.wakeAtMs));
      assert(actor.wakeAtMs > nowMs || actor.wakeAtMs <= nowMs + 40_000);
    }
  }));
});
