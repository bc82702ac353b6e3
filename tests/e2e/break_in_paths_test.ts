/** Tries to get beyond what an ACL grants with paths that nobody would write by accident, and by moving the root. */

import { Path } from "../../wire/path/path.ts";
import { Ext, type Value } from "../../wire/value.ts";
import { attempt, house, isRefused, reveals, secret } from "../server/action/acl_bench.ts";
import { assertEquals, assertTrue } from "../support/assert.ts";

const box = ["home", "box"];

const tricks: readonly (readonly [what: string, path: Value])[] = [
  ["null in front", [null]],
  ["null in front of a branch", [null, "acl", "joe", "#"]],
  ["null as a Path", Path.of(null, "secret")],
  ["null in the middle", ["home", null, "box"]],
  ["null at the end", ["home", "box", null]],
  ["nulls", [null, null, null]],
  ["a tuple around null", [[null], "secret"]],
  ["a tuple around it all", [[null, "secret"]]],
  ["nested tuples", [[["home"], ["box"]], [["key"]]]],
  ["a deeply nested tuple", [Array.from({ length: 40 }).reduce<Value>((inner) => [inner], "home")]],
  ["the wildcards as names", ["#", "+", "#"]],
  ["an empty name", ["", "home", ""]],
  ["a name with a dot", ["home.box", "key"]],
  ["the text null", ["null", "secret"]],
  ["numbers for names", [0, -1, 1.5]],
  ["booleans", [true, false]],
  ["bytes that spell a name", [new Uint8Array([104, 111, 109, 101]), "box"]],
  ["a long path", Array.from({ length: 256 }, () => "home")],
  ["a longer path", Array.from({ length: 257 }, () => "home")],
  ["a huge name", ["h".repeat(20_000)]],
  ["prototypes", ["__proto__", "constructor", "toString"]],
  ["an extension", [new Ext(99, new Uint8Array([1])), "home"]],
  ["a map", [{ home: 1 }, "box"]],
  ["no path", "home"],
  ["another no path", 7],
];

Deno.test("break-in: path tricks open nothing, change nothing, and break nothing", async () => {
  for (const [what, path] of tricks) {
    const { bench, client } = await house("");
    await using _ = bench;
    await bench.rules("joe", { "": "x", "#": "", "open.#": "rwcdxena", "open": "rwcdxena" });
    await bench.write(":n.secret", secret);
    const clock = bench.store.clock;
    for (const action of ["get_value", "enum", "get_tree", "set_value", "delete_value", "delete_tree", "root"]) {
      const messages = await attempt(client, action, { path, ...(action === "set_value" && { value: 1 }) });
      assertTrue(isRefused(messages), `${what}: ${action} ${JSON.stringify(messages)}`);
      assertTrue(!reveals(messages), `${what}: ${action} ${JSON.stringify(messages)}`);
    }
    for (const action of ["get_internal", "get_tree_internal", "enum_internal", "set_internal"]) {
      const messages = await attempt(client, action, { path, value: 1 });
      assertTrue(isRefused(messages) && !reveals(messages), `${what}: ${action}`);
    }
    assertTrue(!reveals(await attempt(client, "watch", { path, fetch: true, empty: true })), `${what}: watch`);
    assertEquals(bench.store.clock, clock, what);
    assertEquals((await attempt(client, "get_value", { path: ["open"] }))[0].error, undefined, "the connection lives");
  }
});

Deno.test("break-in: a new root is no way around the rules, nor out", async () => {
  const { bench, client } = await house("");
  await using _ = bench;
  await bench.rules("joe", { "": "x", "#": "", "home": "x", "home.box": "rx", "home.box.key": "r" });
  assertEquals(isRefused(await attempt(client, "root", { path: ["home", "box", "lid"] })), true);
  assertEquals(isRefused(await attempt(client, "root", { path: [null] })), true);
  assertEquals((await attempt(client, "root", { path: box }))[0].value, `${secret} home.box`, "this he may read");
  assertEquals((await attempt(client, "get_value", { path: ["key"] }))[0].value, `${secret} home.box.key`);
  for (const path of [["lid"], [null, "acl"], ["home", "box", "lid"]]) {
    assertTrue(!reveals(await attempt(client, "get_value", { path })));
  }
  const byTick = [1, 2, 3, 4].map((tick) => attempt(client, "get_value", { node: "test1", tick }));
  const found = (await Promise.all(byTick)).flat().filter(({ value }) => value !== undefined);
  assertEquals(found.map(({ value }) => value).sort(), [`${secret} home.box`, `${secret} home.box.key`]);
});

Deno.test("break-in: a watch on what is not there does not make it be there", async () => {
  const { bench, client } = await house("");
  await using _ = bench;
  await bench.rules("joe", { "": "x", "#": "", "home": "x", "home.new": "rwc" });
  client.send({ action: "watch", seq: 1, path: ["home", "new"] });
  await client.pending();
  const messages = await attempt(client, "set_value", { path: ["home", "new"], value: 1 });
  assertEquals(messages[0].error, "(<AclEntry:[None, 'acl', 'joe', 'home'] ='x'>, 'n')");
});
