import { Acknowledger, type Reached } from "../../../server/replicate/acknowledge.ts";
import type { Peer } from "../../../server/replicate/peer.ts";
import { keysOf } from "../../../wire/path/keys.ts";
import { parsePath } from "../../../wire/path/parse.ts";
import { assertEquals, assertTrue } from "../../support/assert.ts";
import { Network, type Node } from "./network.ts";

/** A node's acknowledger, driven as a server would. */
class Waiter {
  readonly acknowledger: Acknowledger;

  constructor(private readonly network: Network, readonly node: Node) {
    this.acknowledger = new Acknowledger({
      store: node.store,
      nowMs: () => network.nowMs,
      peers: (): Iterable<Peer> => node.replicator.peers.values(),
      ask: () => node.replicator.askForHave(),
    });
    node.replicator.watch(() => this.acknowledger.told());
  }

  /** Writes, and waits. */
  put(path: string, value: number, nodes: number, timeoutMs = 1000): { reached?: Reached } {
    const result: { reached?: Reached } = {};
    this.node.put(path, value);
    const { name: writer, tick } = this.node.store.local;
    const done = (reached: Reached) => {
      assertEquals(result.reached, undefined, "answered once");
      result.reached = reached;
    };
    this.acknowledger.wait({ path: keysOf(parsePath(path)), writer, tick, nodes, timeoutMs, done });
    return result;
  }

  run(ms: number): void {
    for (const end = this.network.nowMs + ms; this.network.nowMs < end;) {
      this.acknowledger.time();
      this.network.run(1);
    }
  }
}

function three(): { network: Network; a: Waiter; b: Node; c: Node } {
  const network = new Network();
  const [a, b, c] = ["a", "b", "c"].map((name) => network.add(name));
  network.run(6000);
  return { network, a: new Waiter(network, a), b, c };
}

Deno.test("a write waits until so many nodes have it on their disks", () => {
  const { a, b, c } = three();
  const one = a.put("x", 1, 1);
  assertEquals(one.reached?.nodes, 1, "this node counts");
  const three_ = a.put("x", 2, 3);
  assertEquals(three_.reached, undefined);
  a.run(30);
  assertEquals(three_.reached, { nodes: 3, isLost: false });
  b.disk = new Map();
  c.disk = new Map();
  const memory = a.put("x", 3, 2);
  a.run(200);
  assertEquals(memory.reached, undefined, "what is in memory alone does not count");
  c.disk = undefined;
  a.run(300);
  assertEquals(memory.reached, { nodes: 2, isLost: false });
  assertEquals(a.acknowledger.dueMs < Infinity && a.acknowledger.size > 0, false);
});

Deno.test("a time-out says what was reached, and takes nothing back", () => {
  const { network, a, b } = three();
  network.split("a", "b", "c");
  const alone = a.put("x", 1, 2, 500);
  a.run(499);
  assertEquals(alone.reached, undefined);
  a.run(5);
  assertEquals(alone.reached, { nodes: 1, isLost: false });
  assertEquals(a.node.get("x"), 1);
  network.heal();
  network.run(2000);
  assertEquals(b.get("x"), 1);
  assertEquals(a.put("x", 2, 5, 0).reached?.nodes, 1, "no time: no waiting");
});

Deno.test("a loss elsewhere counts as a copy, and is said", () => {
  const { network, a, b, c } = three();
  network.split("a", "b c");
  b.put("y", 1);
  b.put("x", 2);
  network.run(3000);
  // The others hear A, which does not hear of the winner yet.
  network.fate = (_from, to, message) => to === "a" && message?.t === "update" ? [] : [1];
  network.heal();
  network.run(20);
  const lost = a.put("x", 1, 3, 2000);
  a.run(2000);
  assertEquals(lost.reached, { nodes: 3, isLost: true });
  assertEquals(c.get("x"), 2);
});

Deno.test("who does not wait any more is forgotten, and too many are refused", () => {
  const { network, a } = three();
  network.split("a", "b", "c");
  let isGone = false;
  const done = () => assertTrue(false, "nobody wants to know");
  a.acknowledger.wait({ path: ["x"], writer: "a", tick: 9, nodes: 2, timeoutMs: 100, isGone: () => isGone, done });
  isGone = true;
  a.run(200);
  assertEquals([a.acknowledger.size, a.acknowledger.dueMs], [0, Infinity]);
});
