/** What comes in from originals: recorded traffic, pieces, and rubbish. */

import { MixedNetwork } from "./mixed.ts";
import { valueAt } from "../../core/world.ts";
import { encode } from "../../../../wire/msgpack/encoder.ts";
import { parsePath } from "../../../../wire/path/parse.ts";
import { Path } from "../../../../wire/path/path.ts";
import { PathLengthener } from "../../../../wire/path/shorten.ts";
import { P } from "../../../../wire/path/template.ts";
import type { Value } from "../../../../wire/value.ts";
import { assertEquals, assertTrue } from "../../../support/assert.ts";
import { readVectors } from "../../../support/vectors.ts";

const second = 1000;
const root = ["moat", "kv"];

interface Recorded {
  readonly ev?: string;
  readonly t: number;
  readonly topic?: string;
  readonly broker?: string;
  readonly hex: string;
  readonly node?: string;
  // deno-lint-ignore no-explicit-any -- recorded JSON
  readonly [key: string]: any;
}

const recorded = readVectors("mqtt.jsonl") as unknown as readonly Recorded[];

Deno.test("a server of ours that listens to the recorded traffic ends with the original's tree", () => {
  const network = new MixedNetwork();
  const a = network.ours("a");
  const player = network.bus.join("player");
  const played = recorded.filter((each) => each.topic !== undefined);
  const startMs = network.nowMs - played[0].t * second;
  for (const { topic, t, hex } of played) {
    network.run(Math.max(0, startMs + t * second - network.nowMs));
    player.publish(topic!.split("/"), Uint8Array.fromHex(hex));
  }
  network.run(5 * second);
  assertEquals(a.reports.filter((line) => !line.includes("test3")), []);
  assertEquals(a.compat.originals.toSorted(), ["test1", "test2"]);
  const tree = recorded.findLast((each) => each.ev === "tree")!.tree as {
    path: string | Value[];
    depth: number;
    value: Value;
  }[];
  const lengthener = new PathLengthener();
  let count = 0;
  for (const { path, depth, value } of tree) {
    const tail = typeof path === "string" ? parsePath(path) : Path.of(...path as string[]);
    const whole = lengthener.path(tail, depth);
    if (typeof value === "object") continue; // bytes and paths are texts in the recording
    assertEquals(valueAt(a.store, String(whole)), value, String(whole));
    count++;
  }
  assertEquals(count > 15, true);
});

Deno.test("own echoes change nothing", () => {
  const network = new MixedNetwork();
  const a = network.ours("a");
  network.original("p");
  network.run(40 * second);
  const before = a.compat.counters.received;
  a.put("x", 1);
  network.run(100);
  assertEquals(a.compat.counters.received, before);
  assertEquals(a.reports, []);
});

Deno.test("malformed messages are refused and reported, and nothing else happens", () => {
  const network = new MixedNetwork();
  const a = network.ours("a");
  network.original("p");
  network.run(40 * second);
  const player = network.bus.join("player");
  const path = P("x");
  const rubbish: { readonly [word: string]: readonly (Value | Uint8Array)[] } = {
    update: [
      Uint8Array.of(0xc1),
      Uint8Array.of(0x81),
      new Uint8Array(0),
      null,
      [],
      {},
      { path },
      { path, node: "p", tick: 1, prev: null, value: 1 },
      { path, node: "p", tick: 0, prev: null, value: 1, tock: 100 },
      { path, node: "p", tick: 1.5, prev: null, value: 1, tock: 100 },
      { path, node: "p", tick: 900, prev: null, value: 1, tock: 2 ** 45 },
      { path: ["a", null], node: "p", tick: 901, prev: null, value: 1, tock: 100 },
      { path: "x", node: "p", tick: 901, prev: null, value: 1, tock: 100 },
      { path, node: "p", tick: 902, prev: { node: "p", tick: 1, prev: null }, value: 1, tock: 100 },
      { _p0: ["p", 1] },
      { _p0: ["p", 1, 0, Uint8Array.of(1)] },
    ],
    info: [
      Uint8Array.of(0xc1),
      null,
      {},
      { node: "p", ticks: [] },
      { node: "p", missing: { p: [[2, 1]] } },
      { node: "p", known: { p: 7 } },
      { node: "p", tock: 2 ** 50 },
    ],
    ping: [
      Uint8Array.of(0xc1),
      { t: "other" },
      {},
      { t: "hist", value: null, history: [] },
      { t: "ping", node: "p", value: { a: 1 }, history: ["p"] },
      { t: "ping", node: "p", value: [1.5, -3], history: ["p"] },
      { t: "vers", node: "p", cycle: 0, gap: 0, nodes: 5, splits: 4, n_hosts: 10, version: 99, force_in: 0 },
    ],
    del: [Uint8Array.of(0xc1), { t: "ping" }],
  };
  const before = a.replicator.counters.refused;
  const clock = a.store.clock;
  let sent = 0;
  for (const [word, messages] of Object.entries(rubbish)) {
    for (const message of messages) {
      player.publish([...root, word], message instanceof Uint8Array ? message : encode(message));
      network.run(10);
      sent++;
      assertEquals(a.replicator.counters.refused - before, sent, `${word} ${JSON.stringify(message)}`);
    }
  }
  assertEquals(a.get("x"), undefined);
  assertTrue(a.store.clock < clock + 10);
  assertTrue(a.reports.some((line) => line.startsWith("Refused what")));
  const more = { known: {}, deleted: {}, action: "fake_info_send", seq: 3 };
  for (const info of [{ node: "", ...more }, { node: "p", node_drop: ["zz", ["zz", null]], ...more }]) {
    player.publish([...root, "info"], encode(info));
  }
  network.run(10);
  assertEquals(a.replicator.counters.refused - before, sent);
});

Deno.test("updates in the retransmitted form, and in pieces of any order, are understood", () => {
  const network = new MixedNetwork();
  const a = network.ours("a");
  network.run(second);
  const player = network.bus.join("player");
  const chain = { node: "q", tick: 4, prev: { node: "r", tick: 2 } };
  player.publish([...root, "update"], encode({ value: "left", chain, tock: 43, path: P("x"), node: "p", tick: 7 }));
  const whole = encode({ node: "q", tick: 5, prev: null, path: P("y"), value: "z".repeat(600), tock: 44 });
  player.publish([...root, "update"], encode({ _p0: ["q", 9, -2, whole.slice(433)] }));
  player.publish([...root, "update"], encode({ _p0: ["q", 9, 1, whole.slice(0, 433)] }));
  network.run(10);
  assertEquals([a.get("x"), a.get("y")], ["left", "z".repeat(600)]);
  assertEquals(a.store.writers.get("r")!.have.has(2), true);
  assertEquals(a.store.clock >= 44, true);
});
