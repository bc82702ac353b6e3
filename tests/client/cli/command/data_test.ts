import { Path } from "../../../../wire/path/path.ts";
import { P } from "../../../../wire/path/template.ts";
import { localTime } from "../../../../client/cli/output/dates.ts";
import type { Fields, Reply } from "../../../../client/cli/context.ts";
import type { Value } from "../../../../wire/value.ts";
import { assertEquals, assertIncludes } from "../../../support/assert.ts";
import { type MainRun, runMain } from "../../../support/main_run.ts";

const chain = { node: "a", tick: 4, prev: null };

/** Runs `data LINE` at a server that answers each request with `reply`, and each stream with `items`. */
async function data(line: string[], reply: Reply = { tock: 1 }, items: Iterable<Reply> = [], more: MainRun = {}) {
  return await runMain(["data", ...line], { request: () => reply, stream: () => items, ...more });
}

const tree: Reply[] = [
  { path: Path.root, value: "root", tock: 1, chain },
  { path: P("a"), tock: 2, chain },
  { path: P("a.b"), value: { x: 1, y: [2] }, tock: 3, chain },
  { path: P("a:3"), value: null, tock: 4, chain },
];
const withValues = tree.filter(({ value }) => value !== undefined);

Deno.test("data PATH prints the value and asks for no more", async () => {
  const { stdout, sent, status } = await data(["one.two"], { value: { two: 2, one: "XXX" }, tock: 5 });
  assertEquals([stdout, status], ["one: XXX\ntwo: 2\n", 0]);
  assertEquals(sent, [["get_value", { path: P("one.two"), nchain: 0 }]]);
});

Deno.test("data get without -r ignores what belongs to -r", async () => {
  assertEquals((await data(["a", "get", "-d_", "-m", "1", "-M", "0", "-e"], { value: 1, tock: 1 })).stdout, "1\n");
});

Deno.test("data get -R prints bare texts and bytes", async () => {
  const raw = async (value: Value) => (await data(["a", "get", "-R"], { value, tock: 1 })).bytes;
  const bytes = (text: string) => new TextEncoder().encode(text);
  assertEquals(await raw("a b"), bytes("a b"));
  assertEquals(await raw(Uint8Array.of(0, 255)), Uint8Array.of(0, 255));
  assertEquals(
    [await raw(12), await raw(true), await raw(null), await raw(P("a.b"))].map((b) => new TextDecoder().decode(b)),
    [
      "12",
      "True",
      "None",
      "a.b",
    ],
  );
});

Deno.test("data get -D explains times", async () => {
  const seconds = Date.UTC(2026, 0, 2) / 1000;
  const { stdout } = await data(["a", "get", "-D"], { value: { t: seconds }, tock: 1 });
  assertEquals(stdout, `_t: ${quoted(localTime(seconds))}\nt: ${seconds}\n`);
});

function quoted(text: string): string {
  return `'${text}'`;
}

Deno.test("data get -r prints entries as they arrive", async () => {
  const { stdout, sent } = await data([":", "get", "-r"], undefined, withValues);
  assertEquals(stdout, "- !P ':': root\n- !P a.b:\n    x: 1\n    y:\n    - 2\n- !P a:3: null\n");
  assertEquals(sent, [["get_tree", { path: Path.root, nchain: 0 }]]);
});

Deno.test("data get -rR prints paths", async () => {
  assertEquals((await data([":", "get", "-rR"], undefined, withValues)).stdout, "- !P ':'\n- !P a.b\n- !P a:3\n");
});

Deno.test("data get -r as JSON lines", async () => {
  const { stdout } = await data([":", "get", "-r", "--output", "json"], undefined, withValues);
  assertEquals(
    stdout,
    '{"path":":","value":"root"}\n{"path":"a.b","value":{"x":1,"y":[2]}}\n{"path":"a:3","value":null}\n',
  );
});

Deno.test("data get -rd_ prints one mapping", async () => {
  assertEquals(
    (await data([":", "get", "-rd_"], undefined, withValues)).stdout,
    "_: root\na:\n  3:\n    _: null\n  b:\n    _:\n      x: 1\n      y:\n      - 2\n",
  );
  assertEquals((await data(["x", "get", "-rd_"], undefined, [])).stdout, "{}\n");
  assertEquals((await data(["x", "-rd_"], undefined, [])).stdout, "{}\n");
});

Deno.test("data get -re shows entries without a value as null", async () => {
  const { stdout, sent } = await data([":", "get", "-re", "-m", "2", "-M", "1"], undefined, tree.slice(1, 2));
  assertEquals([stdout, sent[0][1]], ["- !P a: null\n", {
    path: Path.root,
    nchain: 0,
    empty: true,
    max_depth: 2,
    min_depth: 1,
  }]);
  const empty = [{ path: P("a"), tock: 1 }, { path: P("a.b"), tock: 1 }, { path: P("c"), tock: 1 }];
  assertEquals((await data([":", "get", "-red_"], undefined, empty)).stdout, "a:\n  b: null\nc: null\n");
});

Deno.test("data get -d refuses a key that is an entry's name", async () => {
  const items = [{ path: Path.root, value: 1, tock: 1 }, { path: P("b"), value: 2, tock: 1 }];
  const { status, stderr } = await data([":", "get", "-rd", "b"], undefined, items);
  assertEquals([status, stderr], [1, "There is an entry named 'b': choose another key with -d\n"]);
});

Deno.test("data get -m shows records", async () => {
  const { stdout, sent } = await runMain(["-m", "data", ":", "get", "-r"], { stream: () => withValues.slice(0, 1) });
  assertEquals(
    stdout,
    "- !P ':':\n    chain:\n      node: a\n      prev: null\n      tick: 4\n    tock: 1\n    value: root\n",
  );
  assertEquals(sent[0][1].nchain, 3);
});

Deno.test("data list prints children, also those without a value", async () => {
  const items: Reply[] = [{ path: P("a"), tock: 1 }, { path: P("b"), value: 1, tock: 1 }, { path: P(":n"), tock: 1 }];
  const { stdout, sent } = await data([":", "list"], undefined, items);
  assertEquals(stdout, "- !P a\n- !P b\n- !P :n\n");
  assertEquals(sent, [["get_tree", { path: Path.root, nchain: 0, empty: true, max_depth: 1, min_depth: 1 }]]);
  assertEquals((await data([":", "list", "-d_"], undefined, items)).stdout, "null: null\na: null\nb:\n  _: 1\n");
});

const sets: readonly (readonly [line: string[], action: string, fields: Fields])[] = [
  [["-e", ":", "123"], "set_value", { path: P("x"), value: 123, nchain: 0 }],
  [["-v", ":", "123"], "set_value", { path: P("x"), value: "123", nchain: 0 }],
  [["-p", ":", "a.b"], "set_value", { path: P("x"), value: P("a.b"), nchain: 0 }],
  [["-e", ":", "-7"], "set_value", { path: P("x"), value: -7, nchain: 0 }],
  [["-e", ":", "-"], "delete_value", { path: P("x"), nchain: 0 }],
  [["-n", "-v", ":", "s"], "set_value", { path: P("x"), value: "s", chain: null, nchain: 0 }],
  [["-n", "-v", "a", "s"], "set_value", { path: P("x"), value: { a: "s" }, chain: null, nchain: 0 }],
  [["-l", "n", "5", "-v", ":", "s"], "set_value", {
    path: P("x"),
    value: "s",
    chain: { node: "n", tick: 5 },
    nchain: 0,
  }],
];

for (const [line, action, fields] of sets) {
  Deno.test(`data set ${line.join(" ")} does not read first`, async () => {
    const { sent, stdout, stderr, status } = await data(["x", "set", ...line]);
    assertEquals([sent, stdout, stderr, status], [[[action, fields]], "", "", 0]);
  });
}

Deno.test("data set changes parts of what is there, unless somebody else did meanwhile", async () => {
  const reply = { value: { one: "XXX", two: 2 }, tock: 1, chain };
  const { sent } = await data(["x", "set", "-e", "one", "1"], reply);
  assertEquals(sent, [
    ["get_value", { path: P("x"), nchain: 1 }],
    ["set_value", { path: P("x"), value: { one: 1, two: 2 }, chain, nchain: 0 }],
  ]);
  const anew = await data(["x", "set", "-v", "one", "XXX", "-e", "two", "2"], { tock: 1, chain });
  assertEquals(anew.sent[1][1], { path: P("x"), value: { one: "XXX", two: 2 }, chain: null, nchain: 0 });
  const last = await data(["x", "set", "-e", "one", "1", "-l", "n", "5"], reply);
  assertEquals(last.sent[1][1].chain, { node: "n", tick: 5 });
});

Deno.test("data set without attributes stores the present value again", async () => {
  const { sent } = await data(["x", "set"], { value: [1], tock: 1, chain });
  assertEquals(sent[1], ["set_value", { path: P("x"), value: [1], chain, nchain: 0 }]);
  assertIncludes((await data(["x", "set"], { tock: 1 })).stderr, "There is no value yet");
});

Deno.test("data set -m prints the reply", async () => {
  const { stdout, sent } = await runMain(["-m", "data", "x", "set", "-e", ":", "1"], {
    request: () => ({ changed: true, tock: 7, chain }),
  });
  assertEquals([stdout, sent[0][1].nchain], [
    "chain:\n  node: a\n  prev: null\n  tick: 4\nchanged: true\ntock: 7\n",
    3,
  ]);
});

const deletes: readonly (readonly [line: string[], action: string, fields: Fields])[] = [
  [[], "delete_value", { path: P("x"), nchain: 0 }],
  [["-p", "z"], "delete_value", { path: P("x"), prev: "z", nchain: 0 }],
  [["-ep", "[1]"], "delete_value", { path: P("x"), prev: [1], nchain: 0 }],
  [["-l", "n", "5"], "delete_value", { path: P("x"), chain: { node: "n", tick: 5 }, nchain: 0 }],
  [["-r"], "delete_tree", { path: P("x"), nchain: 0 }],
  [["--internal"], "delete_internal", { path: P("x"), nchain: 0 }],
];

for (const [line, action, fields] of deletes) {
  Deno.test(`data delete ${line.join(" ")}`, async () => {
    const { sent, stdout, stderr, status } = await data(["x", "delete", ...line], { changed: 1, tock: 1 });
    assertEquals([sent, stdout, stderr, status], [[[action, fields]], "", "", 0]);
  });
}

Deno.test("data delete -r with -m prints what was deleted", async () => {
  const stream =
    (): Reply[] => [{ node: "a", tick: 5, prev: null, path: P("b"), tock: 9, seq: 2 }, { seq: 2, tock: 10 }];
  const { stdout, sent } = await runMain(["-m", "data", "x", "delete", "-r"], { stream });
  assertEquals(stdout, "- !P b:\n    node: a\n    prev: null\n    tick: 5\n    tock: 9\n");
  assertEquals(sent, [["delete_tree", { path: P("x"), nchain: 3 }]]);
});

const refused: readonly (readonly [line: string[], message: string])[] = [
  [["x", "set", "-n", "-l", "n", "1", "-v", ":", "s"], "'new' and 'last' are mutually exclusive"],
  [["x", "set", "-v", ":", "a", "-v", "b", "c"], "Setting a single value conflicts."],
  [["x", "set", "-e", "a", "/"], "A slash value doesn't work here."],
  [["x", "set", "-l", "n", "x", "-v", ":", "s"], "Invalid value for '-l' / '--last': 'x' is not a valid integer."],
  [["x", "set", "-n"], "You need to supply a value: -v, -e or -p."],
  [["x", "delete", "-e"], "You need to add a value that can be evaluated"],
  [["x", "delete", "-r", "-p", "z"], "You can't use a prev value when deleting recursively."],
  [["x", "delete", "-r", "-l", "n", "1"], "You can't use a prev value when deleting recursively."],
  [["x", "delete", "-r", "--internal"], "'internal' and 'recursive' are mutually exclusive"],
  [[":", "delete"], "You can't delete the root node."],
  [[":", "delete", "-r"], "You can't delete the root node."],
  [[":", "set", "-e", ":", "-"], "You can't delete the root node."],
  [["x", "dump", ":"], "No such command 'dump'."],
];

for (const [line, message] of refused) {
  Deno.test(`data ${line.join(" ")} is refused before anything is sent`, async () => {
    const { status, stderr, sent, stdout } = await data(line);
    assertEquals([status, sent, stdout], [2, [], ""]);
    assertIncludes(stderr, `\n\nError: ${message}\n`);
  });
}

Deno.test("data internal dump : means internal dump", async () => {
  const items = [{ path: P("auth"), value: { current: "password" }, tock: 1 }];
  const { stdout, sent } = await data(["internal", "dump", ":"], undefined, items);
  assertEquals([stdout, sent[0][0]], ["null:\n  auth:\n    _:\n      current: password\n", "get_tree_internal"]);
});
