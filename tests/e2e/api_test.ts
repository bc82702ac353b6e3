/**
 * The tutorial's "The Python API" and "Dynamic configuration" in this library, against the real server. Case numbers:
 * tutorial-acceptance. Each test has an entry of its own, so that they do not depend on each other.
 */

import {
  ChainError,
  type Client,
  ClientEntry,
  ClientRoot,
  openClient,
  P,
  type Value,
  type Watch,
  type WatchItem,
} from "../../mod.ts";
import { assertEquals, assertNotEquals, assertRejects, assertTrue } from "../support/assert.ts";
import type { ServerProcess } from "../support/server_process.ts";
import { Workplace } from "../support/workplace.ts";

/** A server with the tutorial's root, and a client of it. */
async function tutorial(
  test: (client: Client, server: ServerProcess, place: Workplace) => Promise<void>,
): Promise<void> {
  await using place = await Workplace.make();
  await using server = await place.start("-i", "Testing", "test1");
  await using client = await openClient({ port: server.port });
  await test(client, server, place);
}

const path = P("one.two.three");
const value = ["Test", 42, false];

/** What the tutorial's loop prints. */
function line(item: WatchItem): string | undefined {
  if (!("path" in item)) return undefined;
  return "value" in item ? `${item.path}= ${item.value}` : `${item.path}: deleted`;
}

async function next(watch: Watch): Promise<WatchItem> {
  return (await watch.next()).value;
}

Deno.test("A-092: set a new value with default settings", async () => {
  await tutorial(async (client, server, place) => {
    const { tock, changed } = await client.set(path, value, { chain: null });
    assertTrue(tock > 0 && changed);
    assertEquals((await place.kv(server, "data", "one.two.three")).stdout, "- Test\n- 42\n- false\n");
    const again = () => client.set(path, value, { chain: null });
    const error = await assertRejects(again, ChainError);
    assertEquals(error.message, "Entry already exists at one.two.three");
  });
});

Deno.test("A-093, A-095: update with the chain that was read, then with the one that was returned", async () => {
  await tutorial(async (client) => {
    await client.set(path, value, { chain: null });
    const res = await client.get(path, { nchain: 2 });
    const count = (res.value as [string, number, boolean])[1] + 1;
    const ret = await client.set(path, ["Test", count, false], { chain: res.chain });
    assertEquals((await client.get(path)).value, ["Test", 43, false]);
    assertTrue(Boolean(ret.chain));
    assertNotEquals(ret.chain, res.chain);
    const more = await client.set(path, ["Test", 44, false], { chain: ret.chain });
    await client.set(path, ["Test", 45, false], { chain: more.chain });
    assertEquals((await client.get(path)).value, ["Test", 45, false]);
  });
});

Deno.test("A-094: an update fails if another client was faster, and leaves the other's value", async () => {
  await tutorial(async (client, server) => {
    await client.set(path, value, { chain: null });
    const res = await client.get(path, { nchain: 2 });
    await using other = await openClient({ port: server.port });
    await other.set(path, "theirs");
    const late = () => client.set(path, ["Test", 43, false], { chain: res.chain });
    await assertRejects(late, ChainError, "for one.two.three");
    assertEquals((await client.get(path)).value, "theirs");
  });
});

Deno.test("A-096: deleting clears the chain", async () => {
  await tutorial(async (client) => {
    await client.set(path, value, { chain: null });
    await client.delete(path);
    assertEquals((await client.get(path, { nchain: 1 })).chain, null);
    await client.set(path, "again", { chain: null });
    assertEquals((await client.get(path)).value, "again");
  });
});

Deno.test("A-097: watch yields what is there, uptodate, then changes and deletions with relative paths", async () => {
  await tutorial(async (client) => {
    await client.set(path, value);
    await using watch = client.watch(P("one.two"), { fetch: true });
    assertEquals(line(await next(watch)), "three= Test,42,false");
    assertEquals(line(await next(watch)), undefined);
    await client.set(path, 43);
    await client.delete(path);
    assertEquals([line(await next(watch)), line(await next(watch))], ["three= 43", "three: deleted"]);
  });
});

Deno.test("A-098: two watches at once, merged through one queue", async () => {
  await tutorial(async (client) => {
    const lines: string[] = [];
    const both = Promise.withResolvers<void>();
    const watches = ["one", "other"].map((name) => client.watch(P(name), { fetch: true }));
    const tasks = watches.map(async (watch) => {
      for await (const item of watch) {
        const text = line(item);
        if (text === undefined) continue;
        lines.push(`${watch.path}: ${text}`);
        if (lines.length === 2) both.resolve();
      }
    });
    await client.set(P("one.a"), 1);
    await client.set(P("other.b"), 2);
    await both.promise;
    assertEquals(lines.sort(), ["one: a= 1", "other: b= 2"]);
    for (const watch of watches) await watch.return();
    await Promise.all(tasks);
  });
});

let printed: string[] = [];

class OneEntry extends ClientEntry {
  override async setValue(value: Value | undefined): Promise<void> {
    await super.setValue(value);
    const path = [...this.subpath].join(" ");
    printed.push(value === undefined ? `${path}: deleted` : `${path}= ${value}`);
  }
}

class OneRoot extends ClientRoot {
  static override childType(): typeof OneEntry {
    return OneEntry;
  }
}

Deno.test("A-099: a mirror is loaded on entry, follows changes, and is frozen on exit", async () => {
  printed = [];
  await tutorial(async (client) => {
    await client.set(path, value);
    let kept: OneRoot;
    {
      await using root = await client.mirror("one", { rootType: OneRoot });
      kept = root;
      const count = root.child("two").child("three").val(1) as number;
      assertTrue(count >= 42);
      assertEquals(printed, ["two three= Test,42,false"]);
      const { chain } = await client.set(path, 43);
      await root.waitChain(chain!);
      await client.set(P("one.more"), 1);
      await client.delete(path);
      await root.waitUntil(() => !root.has("two"));
      assertEquals(printed.slice(1), ["two three= 43", "more= 1", "two three: deleted"]);
    }
    await client.set(P("one.more"), 2);
    await client.getTock();
    assertEquals(kept.child("more").value, 1);
  });
});

Deno.test("A-117: writing an unchanged value counts as a change, unless idempotence is asked for", async () => {
  await tutorial(async (client) => {
    await client.set(path, value);
    await using watch = client.watch(P("one"));
    const { chain, changed } = await client.set(path, value);
    assertEquals(changed, false);
    assertEquals(line(await next(watch)), "two.three= Test,42,false");
    assertEquals((await client.set(path, value, { idem: true })).chain, chain);
    await client.set(P("one.end"), 1);
    assertEquals(line(await next(watch)), "end= 1");
  });
});

Deno.test("A-118, A-120: an entry changes a connected client's configuration, and it is told", async () => {
  await tutorial(async (client, server, place) => {
    assertEquals("hoo" in client.config, false);
    const changes = client.config.watch("hoo")[Symbol.asyncIterator]();
    assertEquals((await changes.next()).value, undefined);
    const set = await place.kv(server, "data", ":.moat.kv.config.hoo", "set", "-v", "hello", "there");
    assertEquals([set.code, set.stderr], [0, ""]);
    assertEquals((await changes.next()).value, { hello: "there" });
    assertEquals(client.config.hoo?.hello, "there");
    assertEquals("hoo" in client.config, true);
    await client.set(P(":.moat.kv.config.hoo"), { hello: "again" });
    assertEquals((await changes.next()).value, { hello: "again" });
    await client.delete(P(":.moat.kv.config.hoo"));
    assertEquals((await changes.next()).value, undefined);
    await changes.return?.();
  });
});

Deno.test("A-121: logging, server and the connection are not affected by entries", async () => {
  await tutorial(async (client, server) => {
    for (const name of ["logging", "server", "conn"]) await client.set(P`:.moat.kv.config.${name}`, { bad: true });
    await using other = await openClient({ port: server.port, config: { server: { root: "moat.kv" } } });
    assertEquals(other.config.server, { root: "moat.kv" });
    assertEquals(["logging" in other.config, "conn" in other.config], [false, false]);
  });
});
