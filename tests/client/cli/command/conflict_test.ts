import { ChainError, NotFoundError } from "../../../../wire/errors.ts";
import type { Fields, Reply } from "../../../../client/cli/context.ts";
import { Path } from "../../../../wire/path/path.ts";
import { P } from "../../../../wire/path/template.ts";
import type { Value } from "../../../../wire/value.ts";
import { assertEquals, assertIncludes } from "../../../support/assert.ts";
import { runMain } from "../../../support/main_run.ts";

const hall = {
  value: { path: P("room.temp"), node: "hall", tick: 17, tock: 40, value: 21 },
  chain: { node: "attic", tick: 9 },
  path: Path.of("hall", 17),
  tock: 44,
};
const attic = {
  value: { path: P("room.temp"), node: "attic", tick: 3, tock: 30, deleted: true },
  chain: { node: "attic", tick: 8 },
  path: Path.of("attic", 3),
  tock: 43,
};
const joe = {
  value: { path: Path.of(null, "user", "joe"), node: "hall", tick: 18, tock: 41, value: "secret" },
  chain: { node: "attic", tick: 10 },
  path: Path.of("hall", 18),
  tock: 45,
};
const now = { value: 22, chain: { node: "attic", tick: 5, prev: { node: "hall", tick: 12, prev: null } }, tock: 41 };

/** Runs `conflict LINE` at a server with these conflicts. */
async function conflict(line: string[], options: {
  tree?: Reply[];
  internal?: Reply[];
  request?: (action: string, fields: Fields) => Reply;
  globals?: string[];
} = {}) {
  const { tree = [hall, attic], internal = [], globals = [], request = () => now } = options;
  return await runMain([...globals, "conflict", ...line], {
    request,
    stream: (action) => {
      const items = action === "get_tree" ? tree : internal;
      if (items.length === 0) throw new NotFoundError("There is no such entry");
      return items;
    },
  });
}

Deno.test("conflict ls shows what lost and what is there now", async () => {
  const { stdout, status } = await conflict(["ls"], { internal: [joe] });
  assertEquals(status, 0);
  assertEquals(stdout.split("\n"), [
    "PATH         LOST       WRITER  TICK  NOW",
    ':n.user.joe  "secret"   hall    18    22',
    "room.temp    (deleted)  attic   3     22",
    "room.temp    21         hall    17    22",
    "",
  ]);
  assertIncludes((await conflict(["ls", "room"], { internal: [joe] })).stdout, "room.temp");
  assertEquals((await conflict(["ls", "room"], { internal: [joe] })).stdout.includes("joe"), false);
  const none = await conflict(["ls"], { tree: [] });
  assertEquals([none.status, none.stdout, none.stderr], [0, "", "There are no conflicts.\n"]);
});

Deno.test("conflict ls -o json is for programs, also when there is none", async () => {
  const { stdout } = await conflict(["ls"], { globals: ["-o", "json"] });
  const chain = { node: "attic", tick: 5, prev: { node: "hall", tick: 12, prev: null } };
  assertEquals(JSON.parse(stdout), [
    {
      path: "room.temp",
      lost: { writer: "attic", tick: 3, tock: 30, deleted: true },
      now: { value: 22, chain },
    },
    { path: "room.temp", lost: { writer: "hall", tick: 17, tock: 40, value: 21 }, now: { value: 22, chain } },
  ]);
  assertEquals((await conflict(["ls"], { tree: [], globals: ["-o", "json"] })).stdout, "[]\n");
});

Deno.test("conflict show names a conflict by path or by event", async () => {
  const one = await conflict(["show", "hall", "17"]);
  assertIncludes(one.stdout, "value: 21");
  assertIncludes(one.stdout, "path: !P room.temp");
  const both = await conflict(["show", "room.temp"]);
  assertIncludes(both.stdout, "---");
  const none = await conflict(["show", "nowhere"]);
  assertEquals([none.status, none.stdout], [1, ""]);
  assertIncludes(none.stderr, "There is no conflict at nowhere");
  assertEquals((await conflict(["show", "hall", "x"])).status, 2);
});

Deno.test("conflict take writes with the chain that was read, then deletes the record", async () => {
  const { status, sent } = await conflict(["take", "hall", "17"]);
  assertEquals(status, 0);
  const record = P(":.moat.kv.conflict.hall:17");
  assertEquals(sent.slice(2), [
    ["get_value", { path: record }],
    ["get_value", { path: P("room.temp"), nchain: -1 }],
    ["set_value", { path: P("room.temp"), value: 21, chain: { node: "attic", tick: 5 }, nchain: 0 }],
    ["delete_value", { path: record, chain: { node: "attic", tick: 9 }, nchain: 0 }],
  ] as [string, Fields][]);
});

Deno.test("conflict take: a deletion that lost deletes; internal entries stay internal", async () => {
  const deleted = await conflict(["take", "room.temp"], { tree: [attic] });
  assertEquals(deleted.sent[4], [
    "delete_value",
    { path: P("room.temp"), chain: { node: "attic", tick: 5 }, nchain: 0 },
  ]);
  const internal = await conflict(["take", ":n.user.joe"], { tree: [], internal: [joe] });
  assertEquals(internal.sent.slice(2).map(([action, { path }]) => [action, String(path)]), [
    ["get_internal", "conflict.hall:18"],
    ["get_internal", "user.joe"],
    ["set_internal", "user.joe"],
    ["delete_internal", "conflict.hall:18"],
  ]);
  const gone = await conflict(["take", "hall", "17"], {
    request: (_, { path }) => String(path) === "room.temp" ? { tock: 50 } : now,
  });
  assertEquals(gone.sent[4][1].chain, null, "nothing is there any more");
});

Deno.test("conflict take refuses what is not clear, or settled already", async () => {
  const two = await conflict(["take", "room.temp"]);
  assertEquals(two.status, 1);
  assertIncludes(two.stderr, "Take one of them by its name: hall 17, attic 3");
  const settled = await conflict(["take", "hall", "17"], { request: () => ({ tock: 50 }) });
  assertEquals(settled.status, 1);
  assertIncludes(settled.stderr, "settled already");
  assertEquals(settled.sent.some(([action]) => action.startsWith("set")), false);
});

Deno.test("conflict drop deletes records", async () => {
  const deletions = (sent: readonly (readonly [string, Fields])[]) =>
    sent.filter(([action]) => action.startsWith("delete")).map(([action, { path }]) => `${action} ${path}`);
  const at = await conflict(["drop", "room.temp"]);
  assertEquals(deletions(at.sent), [
    "delete_value :.moat.kv.conflict.hall:17",
    "delete_value :.moat.kv.conflict.attic:3",
  ]);
  const all = await conflict(["drop", "-a"], { internal: [joe] });
  assertEquals(deletions(all.sent).length, 3);
  assertEquals((await conflict(["drop"])).status, 2);
  assertEquals((await conflict(["drop", "-a", "x"])).status, 2);
});

Deno.test("conflict drop is content if somebody else has settled it", async () => {
  const { status, sent } = await conflict(["drop", "hall", "17"], {
    request: (action) => {
      if (action === "delete_value") throw new ChainError("Entry is new");
      return { tock: 50 };
    },
  });
  assertEquals([status, sent.length], [0, 4]);
});

Deno.test("what is no record is passed over", async () => {
  const strange: Value[] = [1, "x", { path: "room" }, { path: P("a"), node: 5, tick: 1 }, { node: "a", tick: 1 }];
  const { stdout, status } = await conflict(["ls"], {
    tree: strange.map((value, i): Reply => ({ value, path: Path.of("a", i), chain: null, tock: 1 })),
  });
  assertEquals([status, stdout], [0, ""]);
});

Deno.test("conflict policy lists, sets and removes", async () => {
  const items = [{ path: P("home.#"), value: "prefer hub", tock: 1 }];
  const list = await conflict(["policy"], { tree: items });
  assertEquals(list.stdout, "home.#  prefer hub\n");
  assertEquals(
    (await conflict(["policy"], { tree: items, globals: ["-o", "json"] })).stdout,
    '{"home.#":"prefer hub"}\n',
  );
  assertIncludes((await conflict(["policy"], { tree: [] })).stderr, "no policies");
  const path = P(":.moat.kv.conflict_policy.home.#");
  const set = await conflict(["policy", "home.#", "prefer:hub"]);
  assertEquals(set.sent, [["set_value", { path, value: "prefer hub", nchain: 0 }]]);
  assertEquals((await conflict(["policy", "home.#", "keep-both"])).sent[0][1].value, "keep-both");
  assertEquals((await conflict(["policy", "-d", "home.#"])).sent, [["delete_value", { path, nchain: 0 }]]);
  assertEquals((await conflict(["policy", "home.#", "whatever"])).status, 2);
  assertEquals((await conflict(["policy", "-d"])).status, 2);
});
