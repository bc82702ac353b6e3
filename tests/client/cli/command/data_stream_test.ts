import { localTime } from "../../../../client/cli/output/dates.ts";
import type { Reply } from "../../../../client/cli/context.ts";
import { encode } from "../../../../wire/msgpack/encoder.ts";
import { Path } from "../../../../wire/path/path.ts";
import { P } from "../../../../wire/path/template.ts";
import type { Value } from "../../../../wire/value.ts";
import { assertEquals, assertIncludes } from "../../../support/assert.ts";
import { type MainRun, runMain } from "../../../support/main_run.ts";

const chain = { node: "a", tick: 4, prev: null };

/** Runs `data LINE` at a server that answers each stream with `items`. */
async function data(line: string[], items: Iterable<Reply> = [], more: MainRun = {}) {
  return await runMain(["data", ...line], { request: () => ({ tock: 1 }), stream: () => items, ...more });
}

const now = Date.UTC(2026, 0, 2, 3, 4, 5, 250);
const time = `_time: '${localTime(now / 1000)}'`;
const changes: Reply[] = [{ path: P("b"), value: 1, tock: 5, chain }, { path: P("b.c"), tock: 6, chain }];

Deno.test("data monitor prints a document for each change", async () => {
  const { stdout, sent } = await data(["a", "monitor"], changes, { now });
  assertEquals(
    stdout,
    `${time}\nchain:\n  node: a\n  prev: null\n  tick: 4\npath: !P a.b\ntime: ${now / 1000}\ntock: 5\nvalue: 1\n---\n` +
      `${time}\nchain:\n  node: a\n  prev: null\n  tick: 4\npath: !P a.b.c\ntime: ${now / 1000}\ntock: 6\n---\n`,
  );
  assertEquals(sent, [["watch", { path: P("a"), fetch: false, nchain: 0 }]]);
});

Deno.test("data monitor -s begins with what is there, without times", async () => {
  const { chain: _, ...item } = changes[0];
  const items = [item, { state: "uptodate" }, { path: P("b"), tock: 7 }];
  const { stdout, sent } = await data(["a", "watch", "-s"], items, { now });
  assertEquals(
    stdout,
    `path: !P a.b\ntock: 5\nvalue: 1\n---\nstate: uptodate\n---\n${time}\npath: !P a.b\ntime: ${
      now / 1000
    }\ntock: 7\n---\n`,
  );
  assertEquals(sent[0][1].fetch, true);
});

Deno.test("data monitor -o prints values until the entry is deleted", async () => {
  const value = (value: Value): Reply => ({ path: Path.root, value, tock: 1 });
  const gone = { path: Path.root, tock: 2 };
  const { stdout, sent } = await data(["a", "monitor", "-o"], [value(1), value("x"), gone, value(2)]);
  assertEquals([stdout, sent[0][1].max_depth], ['1\n"x"\n', 0]);
  const state = { state: "uptodate" };
  assertEquals((await data(["a", "monitor", "-os"], [value(1), state, value(2)])).stdout, "1\n2\n");
  const missing = await data(["a", "monitor", "-os"], [state, value(2)]);
  assertEquals([missing.stdout, missing.status], ["", 0]);
});

Deno.test("data monitor -p prints lines; -i skips", async () => {
  const { stdout } = await data(["a", "monitor", "-sp"], [
    { path: P("b"), value: "x\ny", tock: 1 },
    { state: "uptodate" },
    { path: P("b"), value: { z: 1 }, tock: 1 },
    { path: P("b"), tock: 2 },
  ]);
  assertEquals(stdout, 'b x\\ny\nb {"z":1}\nb\n');
  const items = ["b", "b.c", "bc", "d:1", "d:1.x", "d"].map((path) => ({ path: P(path), value: 1, tock: 1 }));
  const ignored = await data(["a", "monitor", "-p", "-i", "b", "-i", "d:1"], items);
  assertEquals(ignored.stdout, "bc 1\nd 1\n");
});

Deno.test("data update stores records, expands shortened paths, deletes what has no value", async () => {
  const records: Value[] = [
    { nodes: {}, known: {} },
    { path: P("a.b"), depth: 0, value: 1, tock: 1 },
    { path: ["c"], depth: 2, value: [2] },
    { path: ["d"], depth: 1 },
  ];
  const stdin = Uint8Array.from(records.flatMap((record) => [...encode(record)]));
  const { sent, stdout, status } = await data(["x", "update"], [], { stdin });
  assertEquals([status, stdout], [0, ""]);
  assertEquals(sent, [
    ["set_value", { path: P("x.a.b"), value: 1, nchain: 0 }],
    ["set_value", { path: P("x.a.b.c"), value: [2], nchain: 0 }],
    ["delete_value", { path: P("x.a.d"), nchain: 0 }],
  ]);
  const cut = await data(["x", "update"], [], { stdin: stdin.slice(0, -1) });
  assertEquals([cut.status, cut.sent.length], [1, 2]);
  assertIncludes(cut.stderr, "cut off");
  const text = await data(["x", "update"], [], { stdin: new TextEncoder().encode("a text") });
  assertEquals([text.status, text.sent.length], [1, 0]);
  assertIncludes(text.stderr, "no state file");
});
