import { Store } from "../../../../server/core/store.ts";
import { Meta } from "../../../../server/meta/meta.ts";
import { encode } from "../../../../wire/msgpack/encoder.ts";
import { keysOf } from "../../../../wire/path/keys.ts";
import { P } from "../../../../wire/path/template.ts";
import type { Path } from "../../../../wire/path/path.ts";
import type { Value } from "../../../../wire/value.ts";
import { assertEquals } from "../../../support/assert.ts";
import { FakeSandbox, reject } from "../../../support/fake_sandbox.ts";
import { ManualClock } from "../../../support/manual_clock.ts";

/** A node that hears events of the node `attic`. */
class Node {
  readonly store = new Store({ node: "test1" });
  readonly lines: string[] = [];
  readonly meta: Meta;
  #tick = 0;

  constructor() {
    const sandbox = new FakeSandbox({ int: (value) => Number.isInteger(value) ? null : reject("not an int") });
    const report = (line: string) => void this.lines.push(line);
    this.meta = new Meta(this.store, { sandbox, report, clock: new ManualClock() });
    this.hear(P(":n.type.int"), { code: "int" });
    this.hear(P(":n.match.a.#"), { type: P("int") });
    this.hear(P(":n.match.b"), { type: P("missing") });
  }

  hear(path: Path, value: Value): void {
    const keys = keysOf(path);
    const bytes = encode(value);
    const chain = { node: "attic", tick: ++this.#tick, prev: null };
    const event = { keys, length: keys.length, chain, tock: this.#tick, bytes, start: 0, end: bytes.length };
    assertEquals(this.store.merge(event).outcome, "applied");
    this.commit();
  }

  commit(): void {
    this.meta.committed(this.store.effects);
    this.store.commit();
  }

  /** Everything that was asked of the sandbox is answered. */
  async settle(): Promise<void> {
    for (let i = 0; i < 5; i++) await new Promise((resume) => setImmediate(resume));
  }
}

Deno.test("a bad value from another server is stored, counted and told of", async () => {
  const node = new Node();
  node.hear(P("a.x"), 1);
  node.hear(P("a.y"), "text");
  node.hear(P("other"), "text");
  await node.settle();
  assertEquals(node.store.find(["a", "y"], 2)?.hasValue, true);
  assertEquals([node.meta.badValues.count, node.lines], [1, [
    "A value from attic at a.y is not of its type int: ValueError('not an int')",
  ]]);
});

Deno.test("of many bad values few are told of: the 1st, the 10th, the 100th", async () => {
  const node = new Node();
  for (let i = 0; i < 250; i++) {
    node.hear(P("a.x"), `text ${i}`);
    await Promise.resolve();
  }
  await node.settle();
  assertEquals([node.meta.badValues.count, node.lines.length], [250, 3]);
});

Deno.test("what an inactive match should check is not counted as bad, and neither is a deletion or what is written here", async () => {
  const node = new Node();
  node.hear(P("b"), "text");
  const keys = keysOf(P("a.local"));
  const bytes = encode("text");
  node.store.write(node.store.ensure(keys, keys.length), bytes, 0, bytes.length);
  node.commit();
  await node.settle();
  assertEquals([node.meta.badValues.count, node.meta.badValues.unchecked], [0, 0]);
});

Deno.test("more values than can be checked at a time are counted as unchecked", async () => {
  const node = new Node();
  for (let i = 0; i < 300; i++) node.hear(P("a.x"), i);
  assertEquals(node.meta.badValues.unchecked, 300 - 256);
  await node.settle();
  assertEquals(node.meta.badValues.count, 0);
});

Deno.test("an entry is bad until it has another value, or the types are others", async () => {
  const node = new Node();
  const { badValues } = node.meta;
  for (const path of [P("a.x"), P("a.y"), P("a.z")]) node.hear(path, "text");
  await node.settle();
  assertEquals(badValues.present, 3);
  node.hear(P("a.x"), 1);
  const keys = keysOf(P("a.y"));
  node.store.delete(node.store.ensure(keys, keys.length));
  node.commit();
  await node.settle();
  assertEquals([badValues.present, badValues.count], [1, 3]);
  node.hear(P(":n.type.int"), { code: "int", more: 1 });
  assertEquals(badValues.present, 0);
});
