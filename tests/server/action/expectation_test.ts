import { assertEquals } from "../../support/assert.ts";
import { P } from "../../../wire/path/template.ts";
import { Float, type Value } from "../../../wire/value.ts";
import { Bench, type Message, type TestClient } from "../session/bench.ts";

const path = P("c.x");

async function withEntry(body: (client: TestClient, bench: Bench) => Promise<void>): Promise<void> {
  await using bench = new Bench();
  const client = await bench.connect();
  await client.ask("set_value", { path, value: { n: 4, m: [1] } });
  await body(client, bench);
}

const set = (client: TestClient, fields: Record<string, Value>): Promise<Message> =>
  client.ask("set_value", { path, nchain: 0, ...fields });

Deno.test("chain: only the newest link counts, and it must match exactly", async () => {
  await withEntry(async (client) => {
    assertEquals(await set(client, { value: 5, chain: { node: "test1", tick: 1, prev: { node: "z", tick: 9 } } }), {
      changed: true,
      tock: 2,
    });
    assertEquals(
      (await set(client, { value: 6, chain: { node: "test1", tick: 1 } })).error,
      "ClientChainError('Chain is <NodeEvent test1:2 (2,)> not <NodeEvent test1:1 (1,)> for c.x')",
    );
    assertEquals((await set(client, { value: 6, chain: { node: "x", tick: 2 } })).etype, "chain");
    assertEquals((await client.ask("get_value", { path })).value, 5);
  });
});

Deno.test("chain: nil means new, and a bogus chain raises no tick", async () => {
  await withEntry(async (client, bench) => {
    assertEquals(
      (await set(client, { value: 5, chain: null })).error,
      "ClientChainError('Entry already exists at c.x')",
    );
    const isNew = await client.ask("set_value", { path: P("c.new"), value: 1, chain: { node: "test1", tick: 99 } });
    assertEquals(isNew.error, "ClientChainError('Entry is new at c.new')");
    assertEquals(bench.store.find(["c", "new"], 2), undefined);
    assertEquals(bench.store.local.tick, 1);
    assertEquals((await client.ask("set_value", { path: P("c.new"), value: 1, chain: null, nchain: 0 })).changed, true);
    assertEquals((await client.ask("delete_value", { path, chain: { node: "test1", tick: 7 } })).etype, "chain");
  });
});

Deno.test("chain: what is no chain is refused", async () => {
  await withEntry(async (client) => {
    const bad: Value[] = [1, "x", { node: 5, tick: 1 }, { node: "a", tick: -1 }, { node: "a", tick: new Float(1.5) }];
    for (const chain of bad) {
      assertEquals((await set(client, { value: 5, chain })).etype, "request", Deno.inspect(chain));
    }
    const twice = { node: "a", tick: 1, prev: { node: "a", tick: 2, prev: null } };
    assertEquals((await set(client, { value: 5, chain: twice })).etype, "request");
  });
});

Deno.test("prev: the stored value has to be equal, whatever the order of its map", async () => {
  await withEntry(async (client) => {
    assertEquals(await set(client, { value: 6, prev: { m: [1], n: 4 } }), { changed: true, tock: 2 });
    assertEquals((await set(client, { value: 7, prev: 99 })).error, "ClientError('Data is 6 not 99 at c.x')");
    assertEquals((await set(client, { value: 7, prev: new Float(6) })).etype, "chain");
    assertEquals(
      (await client.ask("set_value", { path: P("q"), value: 7, prev: null })).error,
      "ClientError('Data is NotGiven not None at q')",
    );
  });
});

Deno.test("idem: an equal value is not written; it is looked at before prev and chain", async () => {
  await withEntry(async (client, bench) => {
    const same = { value: { m: [1], n: 4 }, idem: true };
    assertEquals(await set(client, same), { changed: false, tock: 1 });
    assertEquals(await set(client, { ...same, chain: null, prev: 5 }), { changed: false, tock: 1 });
    assertEquals(bench.store.local.tick, 1);
    assertEquals((await set(client, { value: { m: [1], n: new Float(4) }, idem: true })).changed, true);
    assertEquals(await client.ask("set_value", { path, value: { m: [1], n: new Float(4) }, idem: true }), {
      changed: false,
      chain: { node: "test1", tick: 2, prev: null },
      tock: 2,
    });
  });
});

Deno.test("changed: 1 is not 1.0, and a map with another order is the same", async () => {
  await withEntry(async (client) => {
    assertEquals((await set(client, { value: { m: [1], n: 4 } })).changed, false);
    assertEquals((await set(client, { value: { m: [new Float(1)], n: 4 } })).changed, true);
  });
});
