import { assertEquals } from "../../support/assert.ts";
import { RequestError } from "../../../wire/errors.ts";
import { P } from "../../../wire/path/template.ts";
import { Path } from "../../../wire/path/path.ts";
import { Float } from "../../../wire/value.ts";
import { repr } from "../../../wire/repr.ts";
import { actions } from "../../../server/action/table.ts";
import { Bench } from "../session/bench.ts";

Deno.test("root: everything is relative to the new root from then on, streams too", async () => {
  await using bench = new Bench();
  const client = await bench.connect();
  const other = await bench.connect();
  for (const [path, value] of [[P("v"), 0], [P("v.a"), 1], [P("w"), 2]] as const) {
    await client.ask("set_value", { path, value });
  }
  assertEquals(await client.ask("root", { path: P("v") }), {
    value: 0,
    chain: { node: "test1", tick: 1, prev: null },
    tock: 1,
    path: [],
  });
  assertEquals((await client.ask("get_value", { path: P("a") })).value, 1);
  assertEquals("value" in await client.ask("get_value", { path: P("w") }), false);
  await client.ask("set_value", { path: P("new"), value: 3 });
  assertEquals((await other.ask("get_value", { path: P("v.new") })).value, 3);
  const tree = await client.stream("get_tree", { path: [] });
  assertEquals(tree.slice(1, -1), [
    { value: 0, path: [], depth: 0 },
    { value: 1, path: ["a"], depth: 0 },
    { value: 3, path: ["new"], depth: 0 },
  ]);
  assertEquals(
    (await client.ask("set_value", { path: P("a"), value: 1, chain: null })).error,
    "ClientChainError('Entry already exists at a')",
  );
  assertEquals((await client.ask("get_value", { path: P(":n.x") })).error, "ValueError('Null path element')");
  assertEquals((await client.ask("get_value", { path: P("a.b:n") })).error, "ValueError('Null path element')");
  await client.ask("set_internal", { path: P("i"), value: 5 });
  assertEquals((await other.ask("get_internal", { path: P("i") })).value, 5);
  assertEquals((await client.ask("delete_tree", { path: [] })).etype, "request");
});

Deno.test("root: of an entry that is not there, twice, and nested", async () => {
  await using bench = new Bench();
  const client = await bench.connect();
  assertEquals(await client.ask("root", { path: P("x") }), { tock: 0, path: [] });
  assertEquals(await client.ask("root", { path: P("y") }), { tock: 0, path: [] });
  await client.ask("set_value", { path: P("z"), value: 1 });
  assertEquals(bench.store.find(["x", "y", "z"], 3)?.hasValue, true);
  assertEquals((await client.ask("root", {})).error, "AttributeError('path')");
});

Deno.test("test_acl: everything is allowed, and what is asked has to make sense", async () => {
  await using bench = new Bench();
  const client = await bench.connect();
  assertEquals(await client.ask("test_acl", { path: P("a") }), { access: true, tock: 0 });
  assertEquals((await client.ask("test_acl", { path: P("a"), mode: "w" })).access, true);
  assertEquals((await client.ask("test_acl", { path: P("a"), mode: "q" })).etype, "request");
  assertEquals((await client.ask("test_acl", { path: P("a"), acl: "nope" })).error, "KeyError(P(':n.acl.nope'))");
  assertEquals((await client.ask("test_acl", {})).error, "AttributeError('path')");
});

Deno.test("save and log go to the state files, and their errors come back", async () => {
  const calls: unknown[] = [];
  await using bench = new Bench({
    files: {
      save: (path, full) => {
        calls.push(["save", path, full]);
        return path === "/etc/passwd" ? Promise.reject(new RequestError("file", "No")) : Promise.resolve();
      },
      log: (path, fetch) => Promise.resolve(void calls.push(["log", path, fetch])),
    },
  });
  const client = await bench.connect();
  assertEquals(await client.ask("save", { path: "/x" }), { result: true, tock: 0 });
  assertEquals(await client.ask("save", { path: "/x", full: true }), { result: true, tock: 0 });
  assertEquals(await client.ask("log", { path: "/x", fetch: true }), { result: true, tock: 0 });
  assertEquals(await client.ask("log", { path: null }), { result: true, tock: 0 });
  assertEquals(calls, [["save", "/x", false], ["save", "/x", true], ["log", "/x", true], ["log", null, false]]);
  assertEquals(await client.ask("save", { path: "/etc/passwd" }), { error: "OSError('No')", etype: "file", tock: 0 });
  assertEquals((await client.ask("save", {})).error, "AttributeError('path')");
  assertEquals((await client.ask("log", {})).error, "AttributeError('path')");
  assertEquals((await client.ask("log", { path: 5 })).etype, "request");
});

Deno.test("save and log do not work over WebSocket", async () => {
  await using bench = new Bench();
  const client = await bench.connect("websocket");
  assertEquals((await client.ask("save", { path: "/x" })).etype, "unsupported");
  assertEquals((await client.ask("log", { path: null })).etype, "unsupported");
});

Deno.test("stop: its own errors, and numbers that are not running", async () => {
  await using bench = new Bench();
  const client = await bench.connect();
  assertEquals((await client.ask("stop")).error, "AttributeError('task')");
  assertEquals((await client.ask("stop", { task: 77 })).result, false);
  assertEquals((await client.ask("stop", { task: "x" })).result, false);
});

Deno.test("every action of the protocol is there", () => {
  const names = "get_value set_value delete_value delete_tree enum enumerate get_tree get_tree_internal get_internal " +
    "set_internal delete_internal enum_internal watch stop root get_tock get_state enum_node kill_node check_deleted " +
    "fake_info fake_info_send update save log msg_send msg_monitor test_acl diffie_hellman auth auth_list auth_get " +
    "auth_set auth_info set_auth_typ";
  assertEquals(names.split(" ").filter((name) => !actions.has(name)), []);
});

Deno.test("repr() prints as Python does", () => {
  assertEquals(repr(undefined), "NotGiven");
  assertEquals(repr([1, new Float(1), -0, 1e22, 1e-7, 1.5]), "(1, 1.0, -0.0, 1e+22, 1e-07, 1.5)");
  assertEquals(repr([null, true, false, [1]]), "(None, True, False, (1,))");
  assertEquals(repr({ a: "it's", b: `'"` }), `{'a': "it's", 'b': '\\'"'}`);
  assertEquals(repr(new Uint8Array([65, 0, 39])), `b"A\\x00'"`);
  assertEquals(repr(P("a:1")), "P('a:1')");
  assertEquals(repr(Path.root), "P(':')");
  assertEquals(repr("x".repeat(5000)).length, 2001);
});
