import { ranges } from "../../../../client/cli/command/internal_nodes.ts";
import { errorFromReply } from "../../../../client/errors.ts";
import { Path } from "../../../../wire/path/path.ts";
import { P } from "../../../../wire/path/template.ts";
import type { Reply } from "../../../../client/cli/context.ts";
import { assertEquals, assertIncludes } from "../../../support/assert.ts";
import { runMain } from "../../../support/main_run.ts";

/** Runs `internal LINE` at a server that answers each action so. */
async function internal(line: string[], replies: Record<string, Reply> = {}, globals: string[] = []) {
  return await runMain([...globals, "internal", ...line], { request: (action) => replies[action] ?? { tock: 1 } });
}

Deno.test("internal dump prints one mapping, from the root on below 'null'", async () => {
  const items: Reply[] = [
    { path: P("auth"), value: { current: "password" }, tock: 1 },
    { path: P("auth.password.user.joe"), value: { _aux: null }, tock: 1 },
  ];
  const all = await runMain(["internal", "dump", ":"], { stream: () => items });
  assertEquals(
    all.stdout,
    "null:\n  auth:\n    _:\n      current: password\n    password:\n      user:\n        joe:\n          _:\n            _aux: null\n",
  );
  assertEquals(all.sent, [["get_tree_internal", { path: Path.root, nchain: 0 }]]);
  const part = await runMain(["internal", "dump", "auth"], { stream: () => [{ path: P("x"), value: 1, tock: 1 }] });
  assertEquals(part.stdout, "x:\n  _: 1\n");
  assertEquals((await runMain(["internal", "dump", ":"], { stream: () => [] })).stdout, "{}\n");
});

Deno.test("internal state asks for what is wanted and says superseded", async () => {
  const none = {
    nodes: false,
    deleted: false,
    missing: false,
    remote_missing: false,
    present: false,
    superseded: false,
  };
  const reply = { node: "a", tock: 7, known: { a: [[1, 3]] } };
  const { stdout, sent } = await internal(["state", "-s"], { get_state: reply });
  assertEquals(stdout, "node: a\nsuperseded:\n  a:\n  - - 1\n    - 3\ntock: 7\n");
  assertEquals(sent, [["get_state", { ...none, superseded: true }]]);
  assertEquals((await internal(["state", "-nmr"])).sent[0][1], {
    ...none,
    nodes: true,
    missing: true,
    remote_missing: true,
  });
  const all = Object.fromEntries(Object.keys(none).map((key) => [key, true]));
  assertEquals((await internal(["state", "-a", "--debugger"])).sent[0][1], all);
});

Deno.test("internal mark adds ticks, or what is missing", async () => {
  const state = {
    get_state: { node: "a", tock: 1, known: { t: [[3, 6], 9], u: [1] }, deleted: {}, missing: { t: [4], u: [[1, 3]] } },
  };
  const ticks = await internal(["mark", "t", "5", "3", "4", "9"], state);
  assertEquals(ticks.stdout, "- - 3\n  - 6\n- 9\n");
  assertEquals(ticks.sent.slice(0, 1), [["fake_info", { superseded: { t: [[3, 6], 9] }, node: "?", tick: 0 }]]);
  const missing = await internal(["mark", "-d", "-b", "-n", "x", "t"], state);
  assertEquals(missing.sent, [
    ["get_state", { missing: true }],
    ["fake_info", { deleted: { t: [4] }, node: "x", tick: 0 }],
    ["fake_info_send", { deleted: { t: [4] }, node: "", tick: 0 }],
    ["get_state", { deleted: true }],
  ]);
  assertEquals(missing.stdout, "[]\n");
  const all = await internal(["mark", ""], state);
  assertEquals([all.sent[1][1].superseded, all.stdout], [state.get_state.missing, "t:\n- - 3\n  - 6\n- 9\nu:\n- 1\n"]);
  const wrong = await internal(["mark", "", "3"], state);
  assertEquals([wrong.status, wrong.sent], [2, []]);
  assertIncludes(wrong.stderr, "Error: You can't do that with an empty node\n");
  assertEquals((await internal(["mark", "t", "x"], state)).status, 2);
});

Deno.test("ranges() joins neighbours", () => {
  assertEquals(ranges([5, 1, 3, 4, 8, 3]), [1, [3, 6], 8]);
  assertEquals(ranges([]), []);
});

Deno.test("internal deleter lists, adds, removes and clears nodes", async () => {
  const chain = { node: "a", tick: 1 };
  const replies = {
    get_internal: { value: { nodes: ["a", "b"] }, chain, tock: 1 },
    set_internal: { changed: true, tock: 2 },
  };
  const sent = async (...line: string[]) => (await internal(["deleter", ...line], replies)).sent.at(-1);
  const path = P("actor.del");
  assertEquals(
    (await internal(["deleter"], replies)).stdout,
    "chain:\n  node: a\n  tick: 1\ntock: 1\nvalue:\n  nodes:\n  - a\n  - b\n",
  );
  assertEquals(await sent("c"), ["set_internal", { path, value: { nodes: ["a", "b", "c"] }, chain, nchain: 1 }]);
  assertEquals(await sent("-d", "a"), ["set_internal", { path, value: { nodes: ["b"] }, chain, nchain: 1 }]);
  assertEquals(await sent("-d"), ["set_internal", { path, value: { nodes: [] }, chain, nchain: 1 }]);
  const first = await internal(["deleter", "a"], { set_internal: { changed: true, tock: 2 } });
  assertEquals(first.sent[1][1].chain, null);
  assertEquals(first.stdout, "changed: true\ntock: 2\nvalue:\n  nodes:\n  - a\n");
});

Deno.test("internal get prints the value of a change", async () => {
  const { stdout, sent } = await internal(["get", "a", "12"], { get_value: { value: "x", path: P("y"), tock: 3 } });
  assertEquals([stdout, sent], ['"x"\n', [["get_value", { node: "a", tick: 12, nchain: 0 }]]]);
  const missing = await runMain(["internal", "get", "a", "12"], {
    request: (action) => {
      throw errorFromReply(action, "KeyError(12)", "not_found");
    },
  });
  assertEquals([missing.status, missing.stderr], [1, "ServerError: KeyError(12)\n"]);
});

Deno.test("internal enum prints ticks, on request with paths; -C stores the entries anew", async () => {
  const chain = { node: "a", tick: 3 };
  const replies = { enum_node: { result: [3, 5], tock: 1 }, get_value: { value: 1, path: P("x.y"), chain, tock: 2 } };
  const plain = await internal(["enum", "-n", "5", "-c", "a"], replies);
  assertEquals([plain.stdout, plain.sent], ["3\n5\n", [["enum_node", { node: "a", max: 5, current: true }]]]);
  assertEquals((await internal(["enum", "a"], replies, ["-V"])).stdout, "3 x.y\n5 x.y\n");
  assertEquals((await internal(["enum", "a"], replies, ["-m"])).stdout, "result:\n- 3\n- 5\ntock: 1\n");
  const copied = await internal(["enum", "-C", "a"], replies);
  assertEquals(copied.sent.at(-1), ["set_value", { path: P("x.y"), value: 1, chain, nchain: 0 }]);
});

Deno.test("internal kill forgets a node", async () => {
  const { stdout, sent } = await internal(["kill", "b"]);
  assertEquals([stdout, sent], ["", [["kill_node", { node: "b" }]]]);
});
