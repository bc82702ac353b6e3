import type { Path, PathElement } from "../../wire/path/path.ts";
import { P } from "../../wire/path/template.ts";
import { ChainError, ConnectionError, NotFoundError, RequestError } from "../../wire/errors.ts";
import type { Value } from "../../wire/value.ts";
import { AttrClientEntry } from "../../client/attr_entry.ts";
import type { Client } from "../../client/client.ts";
import { ClientRoot, NamedRoot } from "../../client/client_root.ts";
import { ClientEntry } from "../../client/entry.ts";
import type { EntryClass } from "../../client/entry_place.ts";
import type { MirrorRoot, RootClass } from "../../client/mirror.ts";
import type { TreeItem } from "../../client/results.ts";
import { assertEquals, assertRejects, assertSame, assertThrows, assertTrue } from "../support/assert.ts";
import { type PeerLine, ScriptPeer, settled } from "../support/script_peer.ts";

type Item = { [key: string]: Value };

/** What happened to entries, in order. */
let log: string[] = [];

class LoggedEntry extends ClientEntry {
  override async setValue(value: Value | undefined): Promise<void> {
    await super.setValue(value);
    log.push(value === undefined ? `${this.subpath} deleted` : `${this.subpath}=${value}`);
  }
  override seenValue(): void {
    log.push(`${this.subpath} seen`);
  }
  override markInconsistent(item: TreeItem): void {
    log.push(`${this.subpath} inconsistent with ${item.chain?.node}:${item.chain?.tick}`);
  }
}

class LoggedRoot extends ClientRoot {
  static override childType(key: PathElement): EntryClass | null {
    return key === "hidden" ? null : LoggedEntry;
  }
  override running(): void {
    log.push("running");
  }
}

function chain(node: string, tick: number, prev: Item | null = null): Item {
  return { node, tick, prev };
}

function item(path: string, value: Value, tick = 1, more: Item = {}): Item {
  return { seq: 1, value, path: P(path), depth: 0, chain: chain("a", tick), tock: tick, ...more };
}

async function mirrored<T extends MirrorRoot = LoggedRoot>(
  items: Item[],
  rootType: RootClass<T> = LoggedRoot as unknown as RootClass<T>,
  peer: ScriptPeer = new ScriptPeer(),
): Promise<{ client: Client; line: PeerLine; root: T }> {
  log = [];
  const { client, line } = await peer.open({ reconnect: { firstMs: 0, random: () => 0 } });
  const opening = client.mirror<T>("one", { rootType });
  line.send({ seq: 1, state: "start" }, ...items, { seq: 1, state: "uptodate" });
  const root = await opening;
  await line.request("watch");
  return { client, line, root };
}

Deno.test("mirror() loads the tree, calls the hooks, and follows changes until it is disposed of", async () => {
  const { client, line, root } = await mirrored([item("two.three", 42)]);
  assertEquals(log, ["two.three=42", "running"]);
  assertEquals(root.follow(P("two.three")).value, 42);
  assertEquals(String(root.child("two").child("three").path), "one.two.three");
  line.send(item("two.x", 43, 2), { seq: 1, tock: 3, path: P("two.three"), depth: 0 });
  await root.waitUntil(() => !root.child("two").has("three"));
  assertEquals(log.slice(2), ["two.x=43", "two.three deleted"]);
  await root[Symbol.asyncDispose]();
  assertEquals((await line.receive()).action, "stop");
  line.send(item("two.x", 44, 3));
  await settled();
  assertEquals(root.follow(P("two.x")).value, 43);
  assertTrue(!root.isLive);
  await client.close();
});

Deno.test("a mirror asks for the state and three links", async () => {
  const { client, line } = await new ScriptPeer().open();
  const opening = client.mirror(P("one"));
  const { path, fetch, nchain } = await line.request("watch");
  assertEquals([String(path), fetch, nchain], ["one", true, 3]);
  line.send({ seq: 1, state: "start" }, item(":", "top"), { seq: 1, state: "uptodate" });
  await using root = await opening;
  assertEquals(root.value, "top");
  assertSame(root.parent, root);
  await root.cancel();
  await client.close();
});

Deno.test("what childType() refuses is not tracked, nor anything below it", async () => {
  const { client, root } = await mirrored([item("hidden", 1), item("hidden.deep", 2), item("seen.hidden", 3)]);
  assertEquals([...root].map(({ key }) => key), ["seen"]);
  assertEquals(root.follow(P("seen.hidden")).value, 3);
  assertThrows(() => root.follow(P("hidden.deep")), NotFoundError, "does not track one.hidden.deep");
  await client.close();
});

Deno.test("an entry without value and children leaves the tree, with parents that only held it", async () => {
  const { client, line, root } = await mirrored([item("a.b.c", 1), item("a", 2)]);
  const c = root.follow(P("a.b.c"));
  let removed = 0;
  c.whenRemoved(() => removed++);
  line.send({ seq: 1, path: P("a.b.c"), depth: 0, tock: 9 });
  await root.waitUntil(() => removed === 1);
  assertTrue(root.has("a") && !root.child("a").has("b"));
  line.send(item("a", 5, 10));
  await root.waitUntil(() => root.child("a").value === 5);
  await client.close();
});

Deno.test("allChildren() walks entries with values, parents first, and skips on request", async () => {
  const { client, root } = await mirrored([item("a", 1), item("a.b", 2), item("a.b.c", 3), item("x.y", 4)]);
  const paths = (entries: Iterable<ClientEntry>) => [...entries].map(({ subpath }) => String(subpath));
  assertEquals(paths(root.allChildren()), ["a", "a.b", "a.b.c", "x.y"]);
  assertEquals(paths(root.allChildren({ skip: ({ key }) => key === "b" })), ["a", "a.b", "x.y"]);
  assertEquals(root.size, 2);
  await client.close();
});

Deno.test("follow() creates, looks up, or insists on a new entry", async () => {
  const { client, root } = await mirrored([item("a", 1)]);
  assertEquals(root.follow(P("no.such"), { create: false }), undefined);
  assertTrue(!root.has("no"));
  assertThrows(() => root.follow(P("a"), { create: true }), RequestError, "one.a has a value already");
  assertTrue(root.follow(P("a.new:1"), { create: true }).isEmpty);
  assertThrows(() => root.follow(P(":")), TypeError, "The path is empty");
  assertSame(root.follow(P(":"), { emptyOk: true }) as ClientEntry, root);
  assertThrows(() => root.follow("a" as unknown as Path), TypeError, "not a string");
  assertThrows(() => root.allocate("a"), RequestError, "already a child one.a");
  assertSame(root.allocate("a", { exists: true }), root.child("a"));
  assertThrows(() => root.child("zz"), NotFoundError);
  await client.close();
});

Deno.test("update() writes with the entry's chain and can wait for the mirror", async () => {
  const { client, line, root } = await mirrored([item("a", 1)]);
  const entry = root.child("a");
  const update = entry.update(2, { wait: true });
  const { value, chain: expected, idem, nchain } = await line.request("set_value");
  assertEquals([value, expected, idem, nchain], [2, chain("a", 1), true, 3]);
  line.send({ seq: 2, changed: true, chain: chain("b", 7, chain("a", 1)), tock: 7 });
  await settled();
  assertEquals(entry.value, 2);
  line.send(item("a", 2, 7, { chain: chain("b", 7, chain("a", 1)), tock: 7 }));
  assertEquals((await update).changed, true);
  assertEquals(log.slice(2), ["a seen", "a=2"]);
  await client.close();
});

Deno.test("updates of one entry queue up, and a collision leaves it as it is", async () => {
  const { client, line, root } = await mirrored([item("a", 1)]);
  const entry = root.child("a");
  const first = entry.update(2);
  const second = entry.update(3);
  await line.request("set_value");
  await settled();
  assertEquals(line.unread, 0);
  line.send({ seq: 2, changed: true, chain: chain("b", 7), tock: 7 });
  await first;
  assertEquals((await line.request("set_value")).chain, chain("b", 7));
  line.send({ seq: 3, error: "ClientChainError('Chain is …')", etype: "chain" });
  await assertRejects(() => second, ChainError);
  assertEquals(entry.value, 2);
  await client.close();
});

Deno.test("an event older than an own update does not undo it", async () => {
  const { client, line, root } = await mirrored([item("a", 1)]);
  const entry = root.child("a");
  const update = entry.update(3);
  await line.request("set_value");
  line.send({ seq: 2, changed: true, chain: chain("b", 8, chain("a", 5)), tock: 8 });
  await update;
  line.send(item("a", 2, 5), item("z", 1, 9));
  await root.waitUntil(() => root.has("z"));
  assertEquals([entry.value, log.slice(2)], [3, ["z=1"]]);
  await client.close();
});

Deno.test("markInconsistent() hears of a change that did not know ours", async () => {
  const { client, line, root } = await mirrored([item("a", 1, 5)]);
  line.send(item("a", 2, 6, { chain: chain("b", 3), tock: 6 }));
  await root.waitUntil(() => root.child("a").value === 2);
  assertEquals(log.slice(2), ["a inconsistent with b:3", "a=2"]);
  await client.close();
});

Deno.test("delete() expects the entry's chain and can wait for the mirror", async () => {
  const { client, line, root } = await mirrored([item("a", 1, 5), item("b", 1, 6)]);
  const careful = root.child("a").delete({ wait: true });
  assertEquals((await line.request("delete_value")).chain, chain("a", 5));
  line.send({ seq: 2, changed: true, chain: null, tock: 9 }, { seq: 1, path: P("a"), depth: 0, tock: 9 });
  await careful;
  assertTrue(!root.has("a"));
  void root.child("b").delete({ careful: false }).catch(() => {});
  assertEquals((await line.request("delete_value")).chain, undefined);
  await client.close();
});

Deno.test("waitChain() resolves with the change, also if a later one of the same writer came", async () => {
  const { client, line, root } = await mirrored([item("a", 1, 5)]);
  await root.waitChain({ node: "a", tick: 4 });
  const waiting = root.waitChain({ node: "b", tick: 3 });
  line.send(item("a", 2, 6, { chain: chain("c", 9, chain("b", 4)) }));
  await waiting;
  const stop = new AbortController();
  const never = root.waitChain({ node: "b", tick: 99 }, { signal: stop.signal });
  stop.abort(new Error("enough"));
  await assertRejects(() => never, Error, "enough");
  const ended = root.waitChain({ node: "b", tick: 99 });
  void root.cancel();
  await assertRejects(() => ended, ConnectionError, "is closed");
  await client.close();
});

Deno.test("a mirror stays correct over a reconnect: what is gone is deleted, what is the same is seen", async () => {
  const peer = new ScriptPeer();
  const { client, line, root } = await mirrored([item("a", 1, 1), item("b", 2, 2), item("c", 3, 3)], undefined, peer);
  line.drop();
  const next = await peer.accept();
  const { seq } = await next.request("watch");
  next.send({ seq, state: "start" }, item("a", 1, 1, { seq }), item("b", 7, 9, { seq }), { seq, state: "uptodate" });
  await root.waitUntil(() => !root.has("c"));
  await settled();
  assertEquals(log.slice(4), ["a seen", "a=1", "b=7", "c deleted", "running"]);
  await client.close();
});

Deno.test("a mirror ends with its connection, and says why", async () => {
  const { client, line } = await new ScriptPeer().open();
  const opening = client.mirror("one");
  line.send({ seq: 1, state: "start" }, { seq: 1, state: "uptodate" });
  const root = await opening;
  line.drop();
  assertTrue(await root.ended instanceof ConnectionError);
  await assertRejects(() => root.waitChain({ node: "a", tick: 1 }), ConnectionError);
  await root[Symbol.asyncDispose]();
  await client.close();
});

Deno.test("mirror() fails if the server refuses, and if its signal says so", async () => {
  const { client, line } = await new ScriptPeer().open();
  const opening = client.mirror("one");
  line.send({ seq: 1, state: "start" }, { seq: 1, error: "no", etype: "acl" }, { seq: 1, state: "end" });
  await assertRejects(() => opening, RequestError, "no");
  const stop = new AbortController();
  const aborted = client.mirror("one", { signal: stop.signal });
  stop.abort(new Error("enough"));
  await assertRejects(() => aborted, Error, "enough");
  await client.close();
});

Deno.test("what a hook throws ends the mirror and is thrown where it is disposed of", async () => {
  class Picky extends ClientEntry {
    override setValue(value: Value | undefined): void {
      if (value === 13) throw new RangeError("not 13");
      this.value = value;
    }
  }
  class PickyRoot extends ClientRoot {
    static override childType(): EntryClass {
      return Picky;
    }
  }
  const { client, line, root } = await mirrored([item("a", 1)], PickyRoot);
  line.send(item("a", 13, 2));
  assertTrue(await root.ended instanceof RangeError);
  await assertRejects(() => root[Symbol.asyncDispose](), RangeError, "not 13");
  await client.close();
});

Deno.test("spawned tasks end with the mirror, and end it if they fail", async () => {
  const { client, root } = await mirrored([]);
  let ended = false;
  root.spawn((signal) =>
    new Promise((resolve) => signal.addEventListener("abort", () => resolve(void (ended = true)), { once: true }))
  );
  root.spawn(() => Promise.reject(new RangeError("oops")));
  assertTrue(await root.ended instanceof RangeError);
  assertTrue(ended);
  await client.close();
});

Deno.test("val() and findCfg() look into values, parents and the mirror's settings", async () => {
  const { client, line } = await new ScriptPeer().open();
  const opening = client.mirror("one", { config: { far: { away: 5 } } });
  line.send(
    { seq: 1, state: "start" },
    item("a", { near: { by: 1 }, list: [7, 8] }),
    item("a.b.c", "text"),
    { seq: 1, state: "uptodate" },
  );
  const root = await opening;
  const [a, c] = [root.follow(P("a")), root.follow(P("a.b.c"))];
  assertEquals([a.val("near", "by"), a.val("list", 1), c.val()], [1, 8, "text"]);
  assertEquals([a.valOr(0, "nope"), a.valOr(0, "toString"), root.valOr(0)], [0, 0, 0]);
  assertThrows(() => a.val("nope"), NotFoundError, "one.a has no value at nope");
  const isText = (value: Value): value is string => typeof value === "string";
  assertEquals([a.valueOr("none", isText), c.valueOr("none", isText)], ["none", "text"]);
  assertEquals([c.findCfg("near", "by"), c.findCfg("far", "away"), c.findCfgOr(9, "no")], [1, 5, 9]);
  assertThrows(() => c.findCfg("no", "where"), NotFoundError, "no setting no.where");
  await client.close();
});

class Lamp extends AttrClientEntry {
  static override readonly ATTRS = ["name", "watt", "note"];
  declare name?: string;
  declare watt?: number;
  declare note?: string | null;

  override async setValue(value: Value | undefined): Promise<void> {
    await super.setValue(value);
    if (this.name !== undefined) (this.root as Lamps).addName(this.name, this);
  }
}

class Lamps extends NamedRoot {
  static override readonly CFG = "lamps";
  static override childType(): EntryClass {
    return Lamp;
  }
}

Deno.test("AttrClientEntry shows fields as properties, and save() keeps those that it does not know", async () => {
  const { client, line, root } = await mirrored([item("x", { name: "desk", watt: 5, color: "red" })], Lamps);
  const lamp = root.child("x") as Lamp;
  assertEquals([lamp.name, lamp.watt, lamp.note], ["desk", 5, undefined]);
  lamp.watt = 7;
  lamp.note = null;
  void lamp.save().catch(() => {});
  assertEquals((await line.request("set_value")).value, { name: "desk", watt: 7, color: "red", note: null });
  assertEquals(lamp.getValue({ skipNone: true }), { name: "desk", watt: 7, color: "red" });
  await assertRejects(() => lamp.update(), TypeError, "call save()");
  line.send(item("x", { name: "desk" }, 2));
  await root.waitUntil(() => lamp.watt === undefined);
  assertTrue(!Object.hasOwn(lamp, "watt"));
  await client.close();
});

Deno.test("NamedRoot finds entries by name; the newer of two survives the removal of the older", async () => {
  const { client, line, root } = await mirrored([item("x", { name: "desk" }), item("y", { name: "desk" })], Lamps);
  assertSame(root.byName("desk"), root.child("y"));
  const y = root.child("y");
  line.send({ seq: 1, path: P("x"), depth: 0, tock: 5 });
  await root.waitUntil(() => !root.has("x"));
  assertSame(root.byName("desk"), y);
  line.send({ seq: 1, path: P("y"), depth: 0, tock: 6 });
  await root.waitUntil(() => !root.has("y"));
  assertEquals(root.byName("desk"), undefined);
  await client.close();
});

Deno.test("asHandler() gives everybody the same instance, at the place that the configuration names", async () => {
  const { client, line } = await new ScriptPeer().open({ config: { lamps: { prefix: P("home.lamps"), max: 3 } } });
  const both = Promise.all([
    Lamps.asHandler(client, { subpath: P("hall") }),
    Lamps.asHandler(client, { subpath: P("hall") }),
  ]);
  assertEquals(String((await line.request("watch")).path), "home.lamps.hall");
  line.send({ seq: 1, state: "start" }, { seq: 1, state: "uptodate" });
  const [a, b] = await both;
  assertSame(a, b);
  assertEquals(a.findCfg("max"), 3);
  await assertRejects(() => LoggedRoot.asHandler(client), TypeError, "You need to override CFG in LoggedRoot");
  await client.close();
  assertTrue(!a.isLive);
});
