import { assertEquals, assertIncludes, assertRejects } from "../../../support/assert.ts";
import { runCli, UsageError } from "../../../support/cli_run.ts";
import { register } from "../../../../client/cli/command/util.ts";
import { CommandError } from "../../../../client/cli/errors.ts";

const run = async (words: string[], more: Parameters<typeof runCli>[2] = {}) =>
  (await runCli(register, ["util", ...words], more)).stdout;

const now = new Date(2003, 3, 5, 6, 7, 8, 250).getTime();

Deno.test("util to prints the seconds, rounded up", async () => {
  assertEquals(await run(["to", "11", "sec"], { now }), "3\n");
  assertEquals(await run(["to", "-n", "6", "h"], { now }), "0\n");
  assertEquals(await run(["to", "-b", "5", "sec"], { now }), "2\n");
  assertEquals(await run(["to", "-", "10", "sec"], { now }), "42\n");
  assertEquals(await run(["to", "-1", "h"], { now }), `${16 * 3600 + 52 * 60 + 52}\n`);
});

Deno.test("util to -h prints for people", async () => {
  assertEquals(await run(["to", "-h", "9", "h"], { now }), "2 hr 52 min 52.0 sec\n");
  assertEquals(await run(["to", "-H", "2", "9", "h"], { now }), "2 hr 52 min\n");
  assertEquals(await run(["to", "-hn", "sat"], { now }), "now\n");
});

Deno.test("util to -s of a moment that is now waits for nothing", async () => {
  assertEquals(await run(["to", "-sn", "6", "h"], { now }), "");
});

Deno.test("util to refuses what has no meaning", async () => {
  await assertRejects(() => run(["to"]), UsageError, "Up to when please?");
  await assertRejects(() => run(["to", "-bs", "9", "h"]), UsageError, "We don't have time machines.");
  await assertRejects(() => run(["to", "25", "h"]), UsageError, "Hours need to be between 0 and 23.");
  await assertRejects(() => run(["to", "31", "dy", "2", "mo"]), CommandError, "no such time");
});

Deno.test("util path shows elements, or joins them", async () => {
  assertEquals(
    await run(["path", "-d", "a.b:3", ":n:t.x:.y", ":1,2"]),
    "['a', 'b', 3]\n[None, True, 'x.y']\n[(1, 2)]\n",
  );
  assertEquals(await run(["path", "-e", "['a', 'b', 3]"]), "a.b:3\n");
  assertEquals(await run(["path", "-e", "(None, 'x y')"]), ":n.x:_y\n");
  await assertRejects(() => run(["path", "a"]), UsageError, "Need -e or -d option.");
  await assertRejects(() => run(["path", "-ed", "a"]), UsageError, "not both");
  assertIncludes(await run(["path"]), "Examples:");
});

Deno.test("util cfg prints text bare and other values as YAML", async () => {
  const config = { kv: { conn: { host: "localhost", port: 27586 } } };
  assertEquals(await run(["cfg", "kv.conn.host", "kv.conn.port"], { config }), "localhost\n27586\n");
  assertEquals(await run(["cfg", "-y", "kv.conn.host"], { config }), '"localhost"\n');
  assertEquals(await run(["cfg", ":"], { config }), "kv:\n  conn:\n    host: localhost\n    port: 27586\n");
  assertEquals(await run(["cfg", "-e", "nope"], { config }), "\n");
  await assertRejects(() => run(["cfg", "kv.nope"], { config }), CommandError, "Unknown: kv.nope");
});

Deno.test("util convert goes from any format to any", async () => {
  const json = '{"a":[1,2.0,12345678901234567890,null,true],"b":{"$bytes":"//4="}}';
  const yaml = await run(["convert"], { stdin: json });
  assertEquals(yaml, "a:\n- 1\n- 2.0\n- 12345678901234567890\n- null\n- true\nb: !!binary |\n  //4=\n");
  assertEquals(await run(["convert", "-s", "-d", "yaml", "-e", "json"], { stdin: yaml }), json + "\n");
  assertEquals(
    await run(["convert", "--dec", "yaml", "--enc=python"], { stdin: yaml }),
    "{'a': [1, 2.0, 12345678901234567890, None, True], 'b': b'\\xff\\xfe'}\n",
  );
  const { stdoutBytes } = await runCli(register, ["util", "convert", "-e", "msgpack"], { stdin: json });
  assertEquals(await run(["convert", "-d", "msgpack", "-e", "yaml"], { stdin: stdoutBytes }), yaml);
  const cbor = (await runCli(register, ["util", "convert", "-e", "cbor"], { stdin: json })).stdoutBytes;
  assertEquals(await run(["convert", "-d", "cbor", "-e", "yaml"], { stdin: cbor }), yaml);
  assertEquals(
    await run(["convert", "-d", "python", "-e", "yaml"], { stdin: "{'x': (1, b'ab')}" }),
    "x:\n- 1\n- !bin ab\n",
  );
});

Deno.test("util convert indents JSON unless it is a stream", async () => {
  const text = await run(["convert", "-e", "json"], { stdin: '{"a":[1,{}],"b":"{[:,\\"","c":[]}' });
  assertEquals(text, '{\n  "a": [\n    1,\n    {}\n  ],\n  "b": "{[:,\\"",\n  "c": []\n}\n');
  assertEquals(JSON.parse(text), { a: [1, {}], b: '{[:,"', c: [] });
});

Deno.test("util convert says what is wrong with the input", async () => {
  await assertRejects(() => run(["convert"], { stdin: "{" }), CommandError, "The input is no json");
  await assertRejects(() => run(["convert", "-d", "xml"]), UsageError, "I convert json, yaml, cbor, msgpack, python");
  const cutCbor = new Uint8Array([0x83]);
  await assertRejects(() => run(["convert", "-d", "cbor"], { stdin: cutCbor }), CommandError, "The input is no cbor");
  await assertRejects(() => run(["convert", "-d", "yaml"], { stdin: "a\n---\nb\n" }), CommandError, "more than one");
  await assertRejects(() => run(["convert", "-d", "msgpack"], { stdin: "" }), CommandError, "is empty");
  const cut = new Uint8Array([0x01, 0x92, 0x01]);
  await assertRejects(() => run(["convert", "-sd", "msgpack"], { stdin: cut }), CommandError, "2 bytes at byte 1");
  const bad = new Uint8Array([0x01, 0xc1]);
  await assertRejects(() => run(["convert", "-sd", "msgpack"], { stdin: bad }), CommandError, "value at byte 1");
  await assertRejects(() => run(["convert", "-i", "/no/such/file"]), CommandError, "Cannot read /no/such/file");
});

Deno.test("util msgpack converts YAML documents and back", async () => {
  const yaml = "a: !P x.y\n---\n12\n---\n";
  const { stdoutBytes } = await runCli(register, ["util", "msgpack", "-"], { stdin: yaml });
  assertEquals(await run(["msgpack", "-d", "-"], { stdin: stdoutBytes }), yaml);
});
