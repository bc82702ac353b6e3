/** The tutorial's "Data commands". Case numbers: tutorial-acceptance. */

import { parseYaml } from "../../client/cli/output/yaml_parse.ts";
import type { Value } from "../../wire/value.ts";
import { assertEquals, assertIncludes } from "../support/assert.ts";
import { RunningMoat } from "../support/program.ts";
import type { ServerProcess } from "../support/server_process.ts";
import { Workplace } from "../support/workplace.ts";

/** A first server whose root value is `Testing`, and `mkd`: `moat kv data` at it. */
class Tutorial implements AsyncDisposable {
  private constructor(readonly place: Workplace, readonly server: ServerProcess) {}

  static async start(): Promise<Tutorial> {
    const place = await Workplace.make();
    return new Tutorial(place, await place.start("--memory", "-i", "Testing", "test1"));
  }

  mkd(...words: string[]): Promise<{ stdout: string; stderr: string; code: number }> {
    return this.place.kv(this.server, "data", ...words);
  }

  /** Output of a command that must succeed without a word on stderr. */
  async print(...words: string[]): Promise<string> {
    const { stdout, stderr, code } = await this.mkd(...words);
    assertEquals([stderr, code], ["", 0], words.join(" "));
    return stdout;
  }

  /** Writes what A-012 … A-014 write. */
  async write(): Promise<void> {
    assertEquals(await this.print("one.two.three", "set", "-e", ":", "123"), "");
    assertEquals(await this.print("one.two.three.four", "set", "-e", ":", "1234"), "");
    assertEquals(await this.print("one.two.three.four.five", "set", "-v", "one", "XXX", "-e", "two", "2"), "");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server[Symbol.asyncDispose]();
    await this.place[Symbol.asyncDispose]();
  }
}

function yaml(text: string): Value {
  return parseYaml(text)[0].value;
}

Deno.test("A-011 … A-018, A-020: the tutorial's data commands print what it shows", async () => {
  await using t = await Tutorial.start();
  assertEquals(await t.print(":"), '"Testing"\n');
  await t.write();
  assertEquals(await t.print("one.two.three"), "123\n");
  assertEquals(await t.print("one.two.three.four.five"), "one: XXX\ntwo: 2\n");
  assertEquals(await t.print("one.two.three.four.five", "set", "-e", "one", "1"), "");
  assertEquals(await t.print("one.two.three.four.five"), "one: 1\ntwo: 2\n");
  const tree = { two: { three: { _: 123, four: { _: 1234, five: { _: { one: 1, two: 2 } } } } } };
  assertEquals(yaml(await t.print("one", "get", "-rd_")), tree);
  assertEquals(yaml(await t.print("one", "-rd_")), tree);
  assertEquals(
    await t.print("one", "get", "-r"),
    "- !P two.three: 123\n- !P two.three.four: 1234\n- !P two.three.four.five:\n    one: 1\n    two: 2\n",
  );
  assertEquals(await t.print("one", "list"), "- !P two\n");
});

const literals: readonly (readonly [sub: string, text: string, printed: RegExp | string])[] = [
  ["a", "42", "42\n"],
  ["a", "-7", "-7\n"],
  ["a", "1.5", "1.5\n"],
  ["b", "True", "True\n"],
  ["b", "False", "False\n"],
  ["c", "None", "null\n...\n"],
  ["d", '"text"', '"text"\n'],
  ["e", 'b"bytes"', "b'bytes'\n"],
  ["f", "[1,2]", "- 1\n- 2\n"],
  ["f", "(1,2)", "- 1\n- 2\n"],
  ["g", '{"a": 1}', "a: 1\n"],
  ["h", '[1,("x",None),{"b":[True]}]', "- 1\n- - x\n  - null\n- b:\n  - true\n"],
];

Deno.test("A-019: literals of every kind are stored and read back", async () => {
  await using t = await Tutorial.start();
  for (const [sub, text, printed] of literals) {
    assertEquals(await t.print("t", "set", "-e", ":", text), "", `A-019${sub}`);
    assertEquals(await t.print("t"), printed, `A-019${sub} ${text}`);
  }
  const { code, stderr } = await t.mkd("t", "set", "-e", ":", "bare");
  assertEquals(code, 1);
  assertIncludes(stderr, /^SyntaxError: .*\n$/);
});

Deno.test("A-021: internal dump without users is empty or a mapping; 'data internal dump' too", async () => {
  await using t = await Tutorial.start();
  for (const words of [["internal", "dump", ":"], ["data", "internal", "dump", ":"]]) {
    const { stdout, code } = await t.place.kv(t.server, ...words);
    assertEquals([typeof yaml(stdout), code], ["object", 0]);
  }
});

Deno.test("writing never reads first, parts of a value do, and conditions hold", async () => {
  await using t = await Tutorial.start();
  assertEquals(await t.print("n", "set", "-n", "-v", ":", "first"), "");
  const again = await t.mkd("n", "set", "-n", "-v", ":", "second");
  assertEquals([again.code, again.stdout, again.stderr], [1, "", "ClientChainError: Entry already exists at n\n"]);
  assertEquals(await t.print("n"), '"first"\n');
  const record = yaml((await t.place.kv(t.server, "-m", "data", "n")).stdout) as {
    chain: { node: string; tick: number };
  };
  const { node, tick } = record.chain;
  const wrong = await t.mkd("n", "set", "-l", node, String(tick + 7), "-v", ":", "third");
  assertEquals(wrong.code, 1);
  assertIncludes(wrong.stderr, /^ClientChainError: Chain is .* for n\n$/);
  assertEquals(await t.print("n", "set", "-l", node, String(tick), "-v", ":", "third"), "");
  assertEquals(await t.print("n"), '"third"\n');
});

Deno.test("deleting: one entry, with its value, a subtree, never the root", async () => {
  await using t = await Tutorial.start();
  await t.write();
  assertEquals(await t.print("one.two.three", "delete"), "");
  assertEquals((await t.mkd("one.two.three")).stderr, "No data at one.two.three\n");
  assertEquals(await t.print("one.two.three.four"), "1234\n");
  const wrong = await t.mkd("one.two.three.four", "delete", "-p", "z");
  assertEquals([wrong.code, wrong.stderr], [1, "ClientError: Data is 1234 not 'z' at one.two.three.four\n"]);
  assertEquals(await t.print("one.two.three.four", "delete", "-ep", "1234"), "");
  assertEquals(await t.print("one", "delete", "-r"), "");
  assertEquals(await t.print("one", "get", "-rd_"), "{}\n");
  assertEquals(await t.print("nothing.here", "delete"), "");
  for (const more of [[], ["-r"]]) assertEquals((await t.mkd(":", "delete", ...more)).code, 2);
  assertEquals(await t.print(":"), '"Testing"\n');
});

Deno.test("what is not there: a plain read says so, a tree read fails", async () => {
  await using t = await Tutorial.start();
  assertEquals(await t.mkd("no.thing"), { stdout: "", stderr: "No data at no.thing\n", code: 0 });
  const tree = await t.mkd("no.thing", "get", "-r");
  assertEquals([tree.code, tree.stdout], [1, ""]);
  assertIncludes(tree.stderr, /^ServerError: KeyError\(P\('no.*'\)\)\n$/);
});

Deno.test("A-064, A-065: host and port from a configuration file, found or named", async () => {
  await using t = await Tutorial.start();
  const config = `kv:\n  conn:\n    host: 127.0.0.1\n    port: ${t.server.port}\n`;
  const file = `${t.place.directory}/test.cfg`;
  await Deno.writeTextFile(file, config);
  assertEquals((await t.place.moat("-c", file, "kv", "data", ":")).stdout, '"Testing"\n');
  await Deno.writeTextFile(`${t.place.directory}/.moat.cfg`, config);
  assertEquals((await t.place.moat("kv", "data", ":")).stdout, '"Testing"\n');
  assertEquals((await t.place.moat("-c", `${file}.nope`, "kv", "data", ":")).code, 2);
  const port = `conn.port=${t.server.port}`;
  assertEquals((await t.place.moat("-c", "/dev/null", "kv", "-C", port, "data", ":")).stdout, '"Testing"\n');
});

Deno.test("data monitor streams changes until Ctrl-C", async () => {
  await using t = await Tutorial.start();
  await t.write();
  const at = ["kv", "-p", String(t.server.port)];
  await using seen = new RunningMoat([...at, "data", "one", "monitor", "-s"], t.place.env);
  await seen.output((text) => text.includes("state: uptodate\n---\n"));
  const documents = () => parseYaml(seen.stdout).map(({ value }) => value as Record<string, Value>).filter(Boolean);
  assertEquals(documents().map(({ path, value, time }) => [path?.toString(), value, time]), [
    ["one.two.three", 123, undefined],
    ["one.two.three.four", 1234, undefined],
    ["one.two.three.four.five", { one: "XXX", two: 2 }, undefined],
    [undefined, undefined, undefined],
  ]);
  await t.print("one.two.three", "set", "-e", ":", "5");
  await t.print("one.two.three", "delete");
  await seen.output((text) => text.split("\n---\n").length > 6);
  const [changed, deleted] = documents().slice(4);
  assertEquals([changed.path?.toString(), changed.value, typeof changed.time], ["one.two.three", 5, "number"]);
  assertEquals([deleted.path?.toString(), "value" in deleted, typeof deleted._time], [
    "one.two.three",
    false,
    "string",
  ]);
  assertEquals(await seen.interrupt(), 0);
});

Deno.test("data monitor -o ends when the entry is deleted", async () => {
  await using t = await Tutorial.start();
  await t.print("x", "set", "-e", ":", "1");
  const at = ["kv", "-p", String(t.server.port)];
  await using seen = new RunningMoat([...at, "data", "x", "monitor", "-os"], t.place.env);
  await seen.output((text) => text === "1\n");
  await t.print("x", "set", "-e", ":", "2");
  await t.print("x", "delete");
  assertEquals([await seen.ended(), seen.stdout], [0, "1\n2\n"]);
});
