/**
 * The original's own client library and command line against our server. What the scenarios print is what a user of the
 * original relies on; where ours differs on purpose, the expectation says so.
 */
import { assertEquals, assertTrue as assert } from "../support/assert.ts";
import { findPython } from "../support/python.ts";
import { ServerProcess } from "../support/server_process.ts";

const FOLDER = new URL("./python/", import.meta.url).pathname;
const found = await findPython();
if ("missing" in found) console.log(`interop with the original is skipped: ${found.missing}`);
const ignore = "missing" in found;
const python = "python" in found ? found.python : "";

const HOST = "127.0.0.1";

/** A server of ours that nobody else uses. */
function startServer(): Promise<ServerProcess> {
  const where = ["--bind", `${HOST}:0`, "--web", "none"];
  return ServerProcess.start({ args: ["--memory", "--alone", "-i", "Testing", ...where, "test1"] });
}

interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function runPython(script: string, args: readonly string[]): Promise<Ran> {
  const command = new Deno.Command(python, { args: [FOLDER + script, ...args], stdin: "null" });
  const { code, stdout, stderr } = await command.output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

/** Runs one scenario against a server of ours that nobody else uses. */
// deno-lint-ignore no-explicit-any -- what a scenario prints is JSON of its own shape, compared right away
async function scenario(name: string, ...args: unknown[]): Promise<any> {
  await using server = await startServer();
  const words = [HOST, String(server.port), name, ...args.map((arg) => JSON.stringify(arg))];
  const ran = await runPython("scenarios.py", words);
  assertEquals(ran.code, 0, ran.stderr);
  return JSON.parse(ran.stdout);
}

Deno.test({ name: "python client: every kind of value comes back as it was sent", ignore }, async () => {
  assertEquals(await scenario("values"), { sent: 36, wrong: [] });
});

Deno.test({ name: "python client: set and get, with chains and previous values", ignore }, async () => {
  const seen = await scenario("set_get");
  const [node, tick] = seen.first.chain[0];
  assertEquals(seen, {
    "first": { "changed": true, "chain": [[node, tick]] },
    "again": { "changed": true, "prev": 1, "chain": [[node, tick + 1]] },
    "got": 2,
    "same tock": true,
    "missing has value": false,
    "missing chain": null,
  });
  assertEquals(node.split("~")[0], "test1");
});

Deno.test({ name: "python client: chains guard updates, and errors read as the original's", ignore }, async () => {
  const seen = await scenario("chains");
  const texts = seen.errors.map(([, text]: [string, string]) => text);
  assertEquals(texts[0], "ClientChainError('Entry already exists at ch.a')");
  assert(/^ClientChainError\('Chain is .* not .* for ch\.a'\)$/.test(texts[1]), texts[1]);
  assertEquals(texts[2], "ClientError('Data is 2 not 99 at ch.a')");
  assertEquals([seen.newer, seen["idem changed"], seen.value], [true, false, 4]);
});

Deno.test(
  { name: "python client: types are stored and checked, and refuse in the original's words", ignore },
  async () => {
    const seen = await scenario("types");
    assert(seen.errors[0].startsWith("SyntaxError("), seen.errors[0]);
    assertEquals(seen.errors.slice(1), ["ClientError('This type does not exist')", "ValueError('not an integer')"]);
    assertEquals(seen.value, 8);
  },
);

Deno.test({ name: "python client: delete one entry, delete a tree", ignore }, async () => {
  assertEquals(await scenario("delete"), { changed: true, left: [":", "a.b", "c"], count: 3, gone: [] });
});

Deno.test({ name: "python client: trees, depths and listings", ignore }, async () => {
  const seen = await scenario("tree");
  assertEquals(seen.all.map(([path]: [string]) => path), [":", "a", "a.b", "a.c", "d.e.f"]);
  assertEquals(seen.all.map(([, value]: [string, string]) => value), ["t", "t.a", "t.a.b", "t.a.c", "t.d.e.f"]);
  assertEquals(seen.shallow, ["a"]);
  assertEquals(seen.empty, [":", "a", "a.b", "a.c", "d", "d.e", "d.e.f"]);
  assertEquals(seen.names, ["a", "d"]);
  assertEquals(seen.data, { a: "t.a" });
});

Deno.test({ name: "python client: a tree larger than the flow control window arrives whole", ignore }, async () => {
  assertEquals(await scenario("big_tree", 300), { count: 300, sum: 44850 });
});

Deno.test({ name: "python client: a watch shows what is there, then every change", ignore }, async () => {
  const { seen } = await scenario("watch");
  assertEquals(seen.slice(0, 2), [["w.old", 0], "uptodate"]);
  assertEquals(seen.at(-1), ["w.end", null]);
  assertEquals(seen.slice(2), [["w.new", 1], ["w.new", 2], ["w.old", { "$absent": true }], ["w.end", null]]);
});

Deno.test({ name: "python client: a mirror follows and writes", ignore }, async () => {
  const seen = await scenario("mirror");
  assertEquals([seen.loaded, seen.four, seen.five], [["Test", 42, false], 4, 5]);
  assertEquals(seen.log.slice(0, 3), [["two three", ["Test", 42, false]], ["two four", 4], ["two four", 5]]);
  assertEquals(seen.log[3], ["two three", { "$absent": true }]);
});

Deno.test({ name: "python client: get_state and enum_node account for every tick", ignore }, async () => {
  const seen = await scenario("state");
  const tick = seen.nodes[seen.node];
  assertEquals(tick, 3); // the root, and two writes of one entry
  assertEquals([seen.known[seen.node], seen.present[seen.node], seen.missing], [[2], [1, 3], {}]);
  assertEquals(seen.ticks, 2);
});

Deno.test({ name: "python client: log and save write files on the server", ignore }, async () => {
  const folder = await Deno.makeTempDir({ prefix: "moat-kv-test-" });
  try {
    assertEquals(await scenario("files", folder), { ok: true });
    assert((await Deno.stat(`${folder}/once.state`)).size > 0);
    assert((await Deno.stat(`${folder}/log.state`)).size > (await Deno.stat(`${folder}/once.state`)).size);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test({ name: "python client: messages pass through the server", ignore }, async () => {
  assertEquals(await scenario("messages"), { got: [{ hello: 1 }, "abc"] });
});

Deno.test(
  { name: "python client: an unknown action or a missing field leaves the connection usable", ignore },
  async () => {
    const seen = await scenario("unknown");
    assertEquals(seen.errors.length, 3);
    assert(seen.errors[0].includes("no_such"), seen.errors[0]);
    assert(seen.errors[1].includes("path"), seen.errors[1]);
    assert(seen.errors[2].includes("delete_value"), seen.errors[2]);
    assertEquals(seen.value, "here");
  },
);

Deno.test({ name: "python command line: the tutorial's data commands", ignore }, async () => {
  await using server = await startServer();
  const moat = async (...args: string[]) => {
    const ran = await runPython("original_cli.py", ["kv", "-h", HOST, "-p", String(server.port), ...args]);
    return ran.code === 0 ? ran.stdout : `exit ${ran.code}: ${ran.stderr.trim().split("\n").at(-1)}`;
  };
  assertEquals(await moat("data", ":"), "'Testing'\n");
  assertEquals(await moat("data", "one.two.three", "set", "-e", ":", "123"), "");
  assertEquals(await moat("data", "one.two.three.four.five", "set", "-v", "one", "XXX", "-e", "two", "2"), "");
  assertEquals(await moat("data", "one.two.three"), "123\n");
  assertEquals(await moat("data", "one.two.three.four.five"), "one: XXX\ntwo: 2\n");
  assertEquals(
    await moat("data", "one", "get", "-rd_"),
    "two:\n  three:\n    _: 123\n    four:\n      five:\n        _:\n          one: XXX\n          two: 2\n",
  );
  assertEquals(await moat("internal", "dump", ":"), "{}\n");
});
