import { assertEquals } from "../../support/assert.ts";
import { P } from "../../../wire/path/template.ts";
import type { Value } from "../../../wire/value.ts";
import { fitsPattern } from "../../../server/action/topics.ts";
import { Bench, type TestClient } from "../session/bench.ts";

async function monitored(
  client: TestClient,
  topic: Value,
  send: (client: TestClient) => Promise<unknown>,
  fields: Record<string, Value> = {},
): Promise<Value[]> {
  client.send({ seq: 100, action: "msg_monitor", topic, ...fields });
  assertEquals((await client.next()).state, "start");
  await send(client);
  client.send({ seq: 101, action: "stop", task: 100 });
  const found: Value[] = [];
  for (;;) {
    const { seq, tock: _, ...message } = await client.next();
    if (message.state === "end") return found;
    if (seq === 100) found.push(message);
  }
}

Deno.test("msg_send and msg_monitor: data arrives as data, raw as raw, and what is no message as raw with an error", async () => {
  await using bench = new Bench();
  const client = await bench.connect();
  const other = await bench.connect();
  const send = async () => {
    assertEquals(await other.ask("msg_send", { topic: ["a", "b"], data: { hi: 1 } }), { tock: 0 });
    await other.ask("msg_send", { topic: P("a.b"), raw: new Uint8Array([0xc1]) });
  };
  assertEquals(await monitored(client, ["a", "b"], send), [
    { topic: ["a", "b"], data: { hi: 1 } },
    { topic: ["a", "b"], raw: new Uint8Array([0xc1]), error: "FormatError()" },
  ]);
  assertEquals(await monitored(client, ["a", "b"], send, { raw: true }), [
    { topic: ["a", "b"], raw: new Uint8Array([0x81, 0xa2, 0x68, 0x69, 1]) },
    { topic: ["a", "b"], raw: new Uint8Array([0xc1]) },
  ]);
});

Deno.test("msg_send: a text is one level; msg_monitor: a text is a path", async () => {
  await using bench = new Bench();
  const client = await bench.connect();
  const sender = await bench.connect();
  const send = async () => {
    await sender.ask("msg_send", { topic: "foo.bar", data: 1 });
    await sender.ask("msg_send", { topic: ["foo", "bar"], data: 2 });
  };
  assertEquals(await monitored(client, "foo.bar", send), [{ topic: ["foo", "bar"], data: 2 }]);
  assertEquals(await monitored(client, ["foo.bar"], send), [{ topic: ["foo.bar"], data: 1 }]);
});

Deno.test("msg_monitor: wildcards", async () => {
  const fits = (pattern: string, topic: string) => fitsPattern(pattern.split("/"), topic.split("/"));
  assertEquals(fits("a/+/c", "a/b/c"), true);
  assertEquals(fits("a/+/c", "a/b/d"), false);
  assertEquals(fits("a/+", "a"), false);
  assertEquals(fits("a/#", "a"), true);
  assertEquals(fits("a/#", "a/b/c"), true);
  assertEquals(fits("#", "a/b"), true);
  assertEquals(fits("+", "a/b"), false);
  assertEquals(fits("#", "$SYS/x"), false);
  assertEquals(fits("a", "a/b"), false);
  await using bench = new Bench();
  const client = await bench.connect();
  const sender = await bench.connect();
  const send = () => sender.ask("msg_send", { topic: ["x", "y", "z"], data: 1 });
  assertEquals((await monitored(client, ["x", "#"], send)).length, 1);
  assertEquals((await monitored(client, "x.+.z", send)).length, 1);
  assertEquals((await monitored(client, ["q", "#"], send)).length, 0);
});

Deno.test("topics that begin with a colon stand below the servers' root; the servers' own are closed", async () => {
  await using bench = new Bench();
  const client = await bench.connect();
  const sender = await bench.connect();
  const send = () => sender.ask("msg_send", { topic: [":run", "any"], data: 1 });
  assertEquals(await monitored(client, ["moat", "kv", "run", "any"], send), [
    { topic: ["moat", "kv", "run", "any"], data: 1 },
  ]);
  for (const topic of ["update", "info", "ping", "del", "sync"]) {
    const refused = await client.ask("msg_send", { topic: ["moat", "kv", topic], data: 1 });
    assertEquals(refused.etype, "acl", topic);
    assertEquals((await client.ask("msg_send", { topic: `moat/kv/${topic}`, data: 1 })).etype, "acl");
    assertEquals((await client.ask("msg_send", { topic: [`:${topic}`], data: 1 })).etype, "acl");
    assertEquals((await client.ask("msg_monitor", { topic: ["moat", "kv", topic] })).etype, "acl");
  }
  const publish = () => {
    bench.parts.services.topics.publish(["moat", "kv", "update"], new Uint8Array([1]));
    return Promise.resolve();
  };
  assertEquals(await monitored(client, ["#"], publish), []);
});

Deno.test("msg_send and msg_monitor refuse bad fields", async () => {
  await using bench = new Bench();
  const client = await bench.connect();
  const bad: [string, Record<string, Value>][] = [
    ["msg_send", { data: 1 }],
    ["msg_send", { topic: ["a"] }],
    ["msg_send", { topic: ["a"], data: 1, raw: new Uint8Array() }],
    ["msg_send", { topic: ["a"], raw: 5 }],
    ["msg_send", { topic: ["a", "+"], data: 1 }],
    ["msg_send", { topic: [], data: 1 }],
    ["msg_send", { topic: [null], data: 1 }],
    ["msg_send", { topic: 5, data: 1 }],
    ["msg_send", { topic: ["a\0"], data: 1 }],
    ["msg_send", { topic: ["x".repeat(70_000)], data: 1 }],
    ["msg_monitor", {}],
    ["msg_monitor", { topic: ["#", "a"] }],
    ["msg_monitor", { topic: ["a+"] }],
    ["msg_monitor", { topic: "" }],
    ["msg_monitor", { topic: "a..b" }],
  ];
  for (const [action, fields] of bad) {
    const reply = await client.ask(action, fields);
    assertEquals(typeof reply.error, "string", Deno.inspect(fields));
    assertEquals(reply.etype, "request", Deno.inspect(fields));
  }
});

Deno.test("a monitor that is not read ends with an error instead of growing", async () => {
  await using bench = new Bench();
  const client = await bench.connect();
  client.send({ seq: 0, qlen: 4 }, { seq: 1, action: "msg_monitor", topic: ["a"] });
  assertEquals((await client.next()).state, "start");
  for (let i = 0; i < 1100; i++) bench.parts.services.topics.publish(["a"], new Uint8Array([1]));
  const messages = await client.pending();
  assertEquals(messages.at(-2)?.etype, "lagging");
  assertEquals(messages.at(-1)?.state, "end");
  client.send({ seq: 2, action: "get_tock" });
  assertEquals((await client.next()).seq, 2);
});
