import { P } from "../../../wire/path/template.ts";
import { assertEquals, assertTrue } from "../../support/assert.ts";
import { Bench } from "../session/bench.ts";

Deno.test("a write with nodes says what it has reached; this node alone is one", async () => {
  await using bench = new Bench();
  const client = await bench.connect();
  const done = await client.ask("set_value", { path: P("a"), value: 1, nodes: 1, nchain: 0 });
  assertEquals(done, { changed: true, tock: 1, ack: "none", nodes: 1 });
  const again = await client.ask("set_value", { path: P("a"), value: 1, nodes: 1, nchain: 0, idem: true });
  assertEquals(again, { changed: false, tock: 1, ack: "none", nodes: 1 });
  const gone = await client.ask("delete_value", { path: P("a"), nodes: 1, ack: "memory" });
  assertEquals([gone.changed, gone.prev, gone.ack, gone.nodes], [true, 1, "none", 1]);
  const two = await client.ask("set_value", { path: P("a"), value: 2, nodes: 2, timeout: 0.02 });
  assertEquals([two.nodes, two.lost, two.changed], [1, undefined, true]);
});

Deno.test("a write that waits for nodes holds back nothing else", async () => {
  await using bench = new Bench();
  const client = await bench.connect();
  await client.send({ seq: 1, action: "set_value", path: P("a"), value: 1, nodes: 2, timeout: 0.1, nchain: 0 });
  await client.send({ seq: 2, action: "set_value", path: P("b"), value: 1, nchain: 0 });
  assertEquals((await client.next()).seq, 2);
  assertEquals((await client.next()).seq, 1);
});

Deno.test("a write with nodes that is refused is refused at once", async () => {
  await using bench = new Bench();
  const client = await bench.connect();
  const ask = async (fields: Record<string, number | string | null>) =>
    (await client.ask("set_value", { path: P("a"), value: 1, ...fields })).etype;
  assertEquals(await ask({ nodes: 0 }), "request");
  assertEquals(await ask({ nodes: "many" }), "request");
  assertEquals(await ask({ nodes: 2, timeout: -1 }), "request");
  assertEquals(await ask({ nodes: 2, chain: "x" }), "request");
  await client.ask("set_value", { path: P("a"), value: 1 });
  assertEquals(await ask({ nodes: 2, chain: null }), "chain");
  assertEquals((await client.ask("get_value", { path: P("a") })).tock, 1);
});

Deno.test("forget_node: known members only, not this one; kept as an entry", async () => {
  await using bench = new Bench();
  const client = await bench.connect();
  await client.ask("update", { path: P("b"), value: 5, tock: 50, chain: { node: "b", tick: 7, prev: null } });
  assertEquals((await client.ask("forget_node", { node: "zork" })).error, "KeyError('zork')");
  assertEquals((await client.ask("forget_node", { node: "test1" })).error, "ServerError('Node test1 is this one')");
  assertEquals(await client.ask("forget_node", { node: "b" }), { tock: 51 });
  assertEquals((await client.ask("get_internal", { path: P("member.b") })).value, { forgotten: ["b"] });
  assertEquals((await client.ask("get_state", { missing: true })).missing, {}, "what it alone had is given up");
  assertEquals(await client.ask("forget_node", { node: "b" }), { tock: 51 }, "once is enough");
});

Deno.test("get_status answers with the fields of the status", async () => {
  await using bench = new Bench();
  const client = await bench.connect();
  assertEquals(await client.ask("get_status"), { node: "test1", members: ["test1"], tock: 0 });
  assertTrue(bench.defects.length === 0);
});
