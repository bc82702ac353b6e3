import type { Value } from "../../../wire/value.ts";
import { AclBench } from "../action/acl_bench.ts";
import type { Message, TestClient } from "./bench.ts";
import { assertEquals, assertTrue } from "../../support/assert.ts";

/** A bound client's watch, with what it was sent. */
async function watch(bench: AclBench, path: Value[], fields: Record<string, Value> = {}): Promise<TestClient> {
  const client = await bench.bound("joe");
  client.send({ action: "watch", seq: 1, path, ...fields });
  return client;
}

/** The whole path of each client's last item: the next one has only what differs. */
const paths = new WeakMap<TestClient, Value[]>();

/** What matters of messages: states, and each path with its value; `-` is a deletion. */
function shortOf(client: TestClient, messages: Message[]): string {
  return messages.map((message) => {
    if (message.state !== undefined) {
      return message.reason === undefined ? message.state : `${message.state}:${message.reason}`;
    }
    const known = (paths.get(client) ?? []).slice(0, message.depth as number);
    const path = [...known, ...message.path as Iterable<Value>];
    paths.set(client, path);
    return `${path.join(".")}=${"value" in message ? message.value : "-"}`;
  }).join(" ");
}

/** What a client was sent since the last time. */
async function short(client: TestClient): Promise<string> {
  return shortOf(client, await client.pending());
}

Deno.test("watch: a bound client sees what it may read and list, first and later", async () => {
  await using bench = new AclBench();
  await bench.rules("joe", { "": "e", "home": "rex", "home.#": "re", "secret.#": "re", "home.safe": "" });
  for (const path of ["home", "home.lamp", "home.safe", "secret.x", "away"]) await bench.write(path, 1);
  const client = await watch(bench, [], { fetch: true });
  assertEquals(await short(client), "start uptodate", "the root's rule has no x");
  await bench.rules("joe", { "": "ex" });
  assertEquals(await short(client), "home=1 home.lamp=1");
  for (const path of ["home", "home.lamp", "home.safe", "secret.x", "away"]) await bench.write(path, 2);
  assertEquals(await short(client), "home=2 home.lamp=2", "secret may not be listed");
  await bench.write("home.lamp", undefined);
  await bench.write("home.safe", undefined);
  assertEquals(await short(client), "home.lamp=-");
});

Deno.test("watch: of a path of which nothing is readable succeeds and stays silent", async () => {
  await using bench = new AclBench();
  await bench.rules("joe", { "wom.#": "xc" });
  await bench.write("conf.a", 1);
  for (const path of [["conf"], ["wom", "a"], [null], [null, "auth"], ["nowhere"]]) {
    const client = await watch(bench, path, { fetch: true });
    assertEquals(await short(client), "start uptodate");
    await bench.write("conf.a", 2);
    await bench.write("wom.a", 2);
    await bench.write(":n.auth.x", 2);
    assertEquals(await short(client), "");
  }
});

Deno.test("watch: what becomes readable is sent, what becomes unreadable stops", async () => {
  await using bench = new AclBench();
  await bench.rules("joe", { "a": "rex", "a.#": "rex" });
  for (const path of ["a.x", "a.y", "a.z"]) await bench.write(path, path);
  const client = await watch(bench, ["a"], { fetch: true });
  assertEquals(await short(client), "start x=a.x y=a.y z=a.z uptodate");
  await bench.rules("joe", { "a.x": "" });
  await bench.write("a.x", 1);
  await bench.write("a.y", 1);
  assertEquals(await short(client), "y=1");
  await bench.write("a.x", 2);
  await bench.write("a.z", undefined);
  assertEquals(await short(client), "z=-");
  await bench.rules("joe", { "a.x": undefined });
  assertEquals(await short(client), "x=2", "and nothing that it has");
  await bench.rules("joe", { "a.y": "" });
  await bench.write("a.y", undefined);
  assertEquals(await short(client), "");
  await bench.rules("joe", { "a.y": undefined });
  assertEquals(await short(client), "y=-", "a deletion that was hidden");
});

Deno.test("watch: one that fetched nothing gets nothing that was there before", async () => {
  await using bench = new AclBench();
  await bench.write("a.x", 1);
  const client = await watch(bench, ["a"]);
  assertEquals(await short(client), "start");
  await bench.rules("joe", { "a": "rex", "a.#": "rex" });
  assertEquals(await short(client), "");
  await bench.write("a.x", 2);
  assertEquals(await short(client), "x=2");
});

Deno.test("watch: with tokens, a change of the rules begins anew; rules for other places do not", async () => {
  await using bench = new AclBench();
  await bench.rules("joe", { "a": "rex", "a.#": "rex" });
  await bench.write("a.x", 1);
  await bench.write("a.y", 1);
  const client = await watch(bench, ["a"], { fetch: true, tokens: true });
  assertEquals(await short(client), "start x=1 y=1 uptodate");
  await bench.rules("joe", { "b.#": "rwx", "b": "" });
  assertEquals(await short(client), "");
  await bench.rules("joe", { "a.y": "" });
  assertEquals(await short(client), "resync:scope x=1 uptodate");
  await bench.rules("joe", { "+.x": "" });
  assertEquals(await short(client), "resync:scope x=1 uptodate", "a less specific rule may count");
});

Deno.test("watch: a token of other rules is not taken, one of the same is", async () => {
  await using bench = new AclBench();
  await bench.rules("joe", { "a": "rex", "a.#": "rex" });
  await bench.write("a.x", 1);
  const first = await watch(bench, ["a"], { fetch: true, tokens: true });
  const token = (await first.pending()).at(-1)!.token;
  const second = await watch(bench, ["a"], { token });
  assertEquals(await short(second), "start uptodate");
  await bench.rules("joe", { "a.x": "" });
  const third = await watch(bench, ["a"], { token });
  assertEquals(await short(third), "start resync:scope uptodate");
  const unbound = await bench.connect();
  unbound.send({ action: "watch", seq: 1, path: ["a"], token });
  assertEquals(await short(unbound), "start resync:scope x=1 uptodate");
});

Deno.test("watch: what waited for room is looked at again before it is sent", async () => {
  await using bench = new AclBench();
  await bench.rules("joe", { "a": "rex", "a.#": "rex" });
  const client = await bench.bound("joe");
  client.send({ seq: 0, qlen: 3 }, { action: "watch", seq: 1, path: ["a"], fetch: true });
  assertEquals(await short(client), "start uptodate");
  for (const name of ["p", "q", "r"]) await bench.write(`a.${name}`, "secret");
  assertEquals(await short(client), "");
  await bench.rules("joe", { "a.q": "" });
  const all: Message[] = [];
  for (const ack of [2, 4, 9]) {
    client.send({ seq: 1, state: "ack", ack });
    all.push(...await client.pending());
  }
  assertEquals(shortOf(client, all), "p=secret r=secret");
});

Deno.test("watch: who lags begins anew with what it may see then", async () => {
  await using bench = new AclBench();
  await bench.rules("joe", { "a": "rex", "a.#": "rex" });
  const client = await bench.bound("joe");
  client.send({ seq: 0, qlen: 3 }, { action: "watch", seq: 1, path: ["a"], fetch: true, tokens: true });
  await client.pending();
  for (let i = 0; i < 4200; i++) {
    bench.cycle.run(() => {
      const keys = ["a", `k${i}`];
      bench.store.write(bench.store.ensure(keys, 2), new Uint8Array([1]), 0, 1);
    });
  }
  await bench.cycle.committed();
  await bench.rules("joe", { "a.#": "", "a.k7": "r" });
  const seen: Message[] = [];
  for (let ack = 2; ack < 12; ack += 1) {
    client.send({ seq: 1, state: "ack", ack });
    seen.push(...await client.pending());
  }
  const text = shortOf(client, seen);
  assertEquals(text.slice(text.indexOf("resync")), "resync:scope k7=1 uptodate");
});

Deno.test("watch: the end of a rule counts on time", async () => {
  await using bench = new AclBench();
  await bench.rules("joe", { "a": "rex", "a.#": { acl: "rex", until: 60 } });
  await bench.write("a.x", 1);
  const client = await watch(bench, ["a"], { fetch: true });
  assertEquals(await short(client), "start x=1 uptodate");
  bench.clock.advance(59_000);
  await bench.write("a.x", 2);
  assertEquals(await short(client), "x=2");
  bench.clock.advance(1_000);
  await bench.write("a.x", 3);
  assertEquals(await short(client), "");
});

Deno.test("watch: a restriction that ends shows what it hid", async () => {
  await using bench = new AclBench();
  await bench.rules("joe", { "a": "rex", "a.#": "rex", "a.x": { acl: "", until: 60 } });
  await bench.write("a.x", 1);
  const client = await watch(bench, ["a"], { fetch: true });
  assertEquals(await short(client), "start uptodate");
  bench.clock.advance(60_000);
  assertEquals(await short(client), "x=1");
});

Deno.test("watch: rules that change while much is fetched count for the rest of it", async () => {
  await using bench = new AclBench();
  await bench.rules("joe", { "a": "rex", "a.#": "rex" });
  bench.cycle.run(() => {
    for (let i = 0; i < 3000; i++) bench.store.write(bench.store.ensure(["a", `k${i}`], 2), new Uint8Array([1]), 0, 1);
  });
  await bench.cycle.committed();
  const client = await bench.bound("joe");
  client.send({ action: "watch", seq: 1, path: ["a"], fetch: true, qlen: 100 });
  const first = await client.pending();
  assertTrue(first.length < 200);
  await bench.rules("joe", { "a.#": "", "a.k2999": "re" });
  const seen: Message[] = [];
  for (let ack = 100; !seen.some(({ state }) => state === "uptodate"); ack += 50) {
    client.send({ seq: 1, state: "ack", ack });
    seen.push(...await client.pending());
  }
  assertEquals(shortOf(client, seen), "k2999=1 uptodate");
});

Deno.test("watch: the record of a conflict is seen by those who may read what it is about", async () => {
  await using bench = new AclBench();
  const { Path } = await import("../../../wire/path/path.ts");
  await bench.rules("joe", { "": "ex", "#": "rex", "secret.#": "" });
  await bench.write(":.moat.kv.conflict.w:7", {
    path: Path.of("secret", "x"),
    node: "w",
    tick: 7,
    tock: 1,
    value: "hush",
  });
  await bench.write(":.moat.kv.conflict.w:8", {
    path: Path.of("open", "x"),
    node: "w",
    tick: 8,
    tock: 1,
    value: "hello",
  });
  const client = await watch(bench, [".moat", "kv", "conflict"], { fetch: true });
  const text = JSON.stringify(await client.pending());
  assertTrue(text.includes("hello") && !text.includes("hush"), text);
  await bench.write(":.moat.kv.conflict.w:9", {
    path: Path.of("secret", "y"),
    node: "w",
    tick: 9,
    tock: 1,
    value: "hush",
  });
  assertEquals(await client.pending(), []);
});
