import { P } from "../../wire/path/template.ts";
import type { Value } from "../../wire/value.ts";
import type { Client } from "../../client/client.ts";
import type { ClientOptions } from "../../client/options.ts";
import { ConnectionError } from "../../wire/errors.ts";
import { openClient } from "../../client/open_client.ts";
import { assertEquals, assertRejects, assertTrue } from "../support/assert.ts";
import { type PeerLine, ScriptPeer, settled } from "../support/script_peer.ts";

const statics = { hoo: { hello: "nobody", deep: { a: 1, b: 2 } }, server: { port: 1 } };

async function configured(
  entries: [string, Value][],
  options: ClientOptions = {},
): Promise<{ client: Client; line: PeerLine; peer: ScriptPeer }> {
  const peer = new ScriptPeer();
  const opening = openClient({ transport: peer.connect, config: statics, ...options });
  const line = await peer.accept();
  const { action, path, fetch, nchain } = await line.receive();
  assertEquals([action, String(path), fetch, nchain], ["watch", ":.moat.kv.config", true, 3]);
  line.send({ seq: 1, state: "start" });
  for (const [name, value] of entries) line.send({ seq: 1, path: P(name), depth: 0, value });
  line.send({ seq: 1, state: "uptodate" });
  return { client: await opening, line, peer };
}

Deno.test("config merges an entry over the static section", async () => {
  const { client, line } = await configured([["hoo", { hello: "there", deep: { b: 3 } }]]);
  assertEquals(client.config.hoo, { hello: "there", deep: { a: 1, b: 3 } });
  assertEquals("hoo" in client.config, true);
  assertEquals("nope" in client.config, false);
  assertEquals(String(client.config.errors?.prefix), ":.moat.kv.error");
  assertTrue(Object.keys(client.config).includes("hoo"));
  // The last entry's fields are gone when the next comes.
  line.send({ seq: 1, path: P("hoo"), depth: 0, value: { other: 1 } });
  await settled();
  assertEquals(client.config.hoo, { hello: "nobody", deep: { a: 1, b: 2 }, other: 1 });
  line.send({ seq: 1, path: P("hoo"), depth: 0 });
  await settled();
  assertEquals(client.config.hoo, statics.hoo);
  await client.close();
});

Deno.test("config is not affected where it is needed before, nor by entries further below", async () => {
  const { client } = await configured([
    ["server", { port: 2 }],
    ["conn", { host: "x" }],
    ["logging", { level: "DEBUG" }],
    ["hoo.deep", { a: 9 }],
    [":5", { a: 9 }],
    ["constructor", { a: 9 }],
  ]);
  assertEquals(client.config.server, { port: 1 });
  assertEquals(["conn" in client.config, "logging" in client.config], [false, false]);
  assertEquals(client.config.hoo, statics.hoo);
  assertEquals(client.config.constructor as unknown, { a: 9 });
  assertEquals(client.config.toString as unknown, undefined);
  await client.close();
});

Deno.test("config.watch() tells the value now and each change of that section", async () => {
  const { client, line } = await configured([["hoo", { hello: 1 }]]);
  const seen: Value[] = [];
  const watching = (async () => {
    for await (const value of client.config.watch("hoo")) seen.push((value as { hello: Value }).hello);
  })();
  await settled();
  line.send(
    { seq: 1, path: P("other"), depth: 0, value: {} },
    { seq: 1, path: P("hoo"), depth: 0, value: { hello: 2 } },
  );
  await settled();
  await client.close();
  await watching;
  assertEquals(seen, [1, 2]);
});

Deno.test("config that may not be read is silently ignored", async () => {
  const peer = new ScriptPeer();
  const opening = openClient({ transport: peer.connect, config: statics });
  const line = await peer.accept();
  await line.receive();
  line.send({ seq: 1, state: "start" }, { seq: 1, error: "(None, 'x')", etype: "acl" }, { seq: 1, state: "end" });
  await using client = await opening;
  assertEquals(client.config.hoo, statics.hoo);
});

Deno.test("config forgets after a reconnect what is gone", async () => {
  const { client, line, peer } = await configured([["hoo", { hello: 1 }], ["boo", { a: 1 }]], {
    reconnect: { firstMs: 0, random: () => 0 },
  });
  line.drop();
  const next = await peer.accept();
  await next.receive();
  next.send({ seq: 1, state: "start" }, { seq: 1, path: P("boo"), depth: 0, value: { a: 2 } });
  await settled();
  assertEquals(client.config.hoo?.hello, 1);
  next.send({ seq: 1, state: "uptodate" });
  await settled();
  assertEquals([client.config.hoo?.hello, client.config.boo?.a], ["nobody", 2]);
  await client.close();
});

Deno.test("openClient() gives up on a server that does not answer for the configuration", async () => {
  const peer = new ScriptPeer();
  const opening = openClient({ transport: peer.connect, initTimeoutMs: 10 });
  await peer.accept();
  await assertRejects(() => opening, ConnectionError);
});

Deno.test("config can be elsewhere, or left alone", async () => {
  const peer = new ScriptPeer();
  const opening = openClient({ transport: peer.connect, config: { config: { prefix: P("my.config") } } });
  const line = await peer.accept();
  assertEquals(String((await line.receive()).path), "my.config");
  line.send({ seq: 1, state: "start" }, { seq: 1, state: "uptodate" });
  await (await opening).close();
  await assertRejects(
    () => openClient({ transport: peer.connect, config: { config: { prefix: "x" } } }),
    TypeError,
    "config.prefix must be a path",
  );
  const { client } = await new ScriptPeer().open({ config: statics });
  assertEquals(client.config.hoo, statics.hoo);
  await client.close();
});
