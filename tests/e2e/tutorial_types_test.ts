/** The tutorial's "Verification". Case numbers: tutorial-acceptance. */

import { parseYaml } from "../../client/cli/output/yaml_parse.ts";
import { assertEquals, assertIncludes } from "../support/assert.ts";
import { NamedTutorial } from "../support/named_tutorial.ts";

const int = 'if int(value) != value: raise ValueError("not an integer")\n';
const percent = 'if not (0 <= value <= 100): raise ValueError("not a percentage")\n';
const intWords = ["type", "set", "-g", "0", "-g", "-2", "-g", "123", "-b", "1.2", "-b", '"Hello"', "int"];
const percentWords = ["-g", "0", "-g", "99", "-g", "100", "-b", "-1", "-b", "101", "int.percent"];

/** What do. */
async function withTypes(): Promise<NamedTutorial> {
  const t = await NamedTutorial.start();
  assertEquals(await t.print(intWords, int), "", "A-100");
  assertEquals(await t.print(["type", "set", ...percentWords], percent), "", "A-102");
  assertEquals(await t.print(["type", "match", "-t", "int.percent", "stats.#.quota"]), "", "A-104");
  return t;
}

Deno.test("A-100, A-102, A-104 … A-107: types, a match, and what may be written there", async () => {
  await using t = await withTypes();
  const set = (...words: string[]) => t.mkv(["data", "stats.foo.bar.quota", "set", ...words]);
  const text = await set("-v", ":", "123");
  assertEquals([text.stdout, text.code], ["", 1], "A-105");
  assertIncludes(text.stderr, /^ServerError: ValueError\(["']not an integer["']\)\n$/, "A-105");
  const large = await set("-e", ":", "123");
  assertIncludes(large.stderr, /^ServerError: ValueError\(["']not a percentage["']\)\n$/, "A-106");
  assertEquals(large.code, 1, "A-106");
  assertEquals(await t.print(["data", "stats.foo.bar.quota", "set", "-e", ":", "12"]), "", "A-107");
  assertEquals(await t.print(["data", "stats.foo.bar.quota"]), "12\n", "A-107");
});

Deno.test("A-101: examples are mandatory, and have to be right", async () => {
  await using t = await NamedTutorial.start();
  const few = await t.mkv(["type", "set", "-g", "0", "-b", "1.2", "int"], int);
  assertEquals([few.code, few.stderr.includes("Missing known-good test values (at least two)")], [2, true]);
  const none = await t.mkv(["type", "set", "-g", "0", "-g", "1", "int"], int);
  assertEquals([none.code, none.stderr.includes("Missing known-bad test values")], [2, true]);
  const good = await t.mkv(["type", "set", "-g", "0", "-g", "1.5", "-b", "1.2", "int"], int);
  const why = `ServerError: ValueError("failed on good value 1.5: ValueError('not an integer')")\n`;
  assertEquals([good.stderr, good.code], [why, 1]);
  const bad = await t.mkv(["type", "set", "-g", "0", "-g", "1", "-b", "7", "int"], int);
  assertEquals([bad.stderr, bad.code], ["ServerError: ValueError('did not fail on 7')\n", 1]);
  const empty = await t.mkv(["type", "set", "-g", "0", "-g", "1", "-b", "7", "int"], "");
  assertEquals([empty.code, empty.stderr.includes("I need a schema, Python code, or both.")], [2, true]);
});

Deno.test("A-103: examples of a subtype, good and bad, have to pass the supertype", async () => {
  await using t = await NamedTutorial.start();
  await t.print(intWords, int);
  const bad = await t.mkv(["type", "set", ...percentWords.slice(0, -1), "-b", '"x"', "int.percent"], percent);
  assertEquals(bad.code, 1);
  assertIncludes(bad.stderr, /^ServerError: ValueError\(/);
  const good = await t.mkv(["type", "set", ...percentWords.slice(0, -1), "-g", "1.5", "int.percent"], percent);
  assertEquals([good.stderr, good.code], ["ServerError: ValueError('not an integer')\n", 1]);
});

Deno.test("A-108: values that are there already are not checked when a match is added; 'type check' lists them", async () => {
  await using t = await NamedTutorial.start();
  await t.print(["data", "stats.foo.quota", "set", "-v", ":", "many"]);
  await t.print(intWords, int);
  const before = await t.mkv(["type", "check", "-t", "int", "stats.#.quota"]);
  assertEquals(before.code, 1);
  assertIncludes(before.stdout, "stats.foo.quota: ValueError(");
  await t.print(["type", "match", "-t", "int", "stats.#.quota"]);
  assertEquals(await t.print(["data", "stats.foo.quota"]), '"many"\n');
  assertEquals((await t.mkv(["type", "check", "stats.#"])).code, 1);
  assertEquals(await t.print(["data", "stats.foo.quota", "delete"]), "", "a deletion is not checked");
  const after = await t.mkv(["type", "check", "stats.#"]);
  assertEquals([after.stdout, after.code], ["", 0]);
});

Deno.test("types in JavaScript and as a JSON schema, with the same examples and errors", async () => {
  await using t = await NamedTutorial.start();
  const js = 'if (!Number.isInteger(value)) throw new RangeError("not an integer");\n';
  const words = ["--lang", "js", "-g", "0", "-g", "7", "-b", "1.5", "-b", '"Hello"', "js"];
  assertEquals(await t.print(["type", "set", ...words], js), "");
  const file = await t.file("percent.json", '{"type": "number", "minimum": 0, "maximum": 100}');
  assertEquals(
    await t.print(["type", "set", "-S", file, "-g", "0", "-g", "99", "-b", "101", "-b", '"x"', "share"]),
    "",
  );
  await t.print(["type", "match", "-t", "js", "a.+"]);
  await t.print(["type", "match", "-t", "share", "b.+"]);
  const count = await t.mkv(["data", "a.x", "set", "-e", ":", "1.5"]);
  assertIncludes(count.stderr, /^ServerError: RangeError\(["']not an integer["']\)\n$/);
  assertEquals((await t.mkv(["data", "b.x", "set", "-e", ":", "101"])).code, 1);
  assertEquals(await t.print(["data", "b.x", "set", "-e", ":", "99.5"]), "");
});

Deno.test("type get, list, match and codegen print what is stored; both spellings of options", async () => {
  await using t = await withTypes();
  assertEquals(parseYaml(await t.print(["type", "get", "int"]))[0].value, {
    code: int,
    good: [0, -2, 123],
    bad: [1.2, "Hello"],
  });
  const [code, schema] = [`${t.place.directory}/code.py`, `${t.place.directory}/schema.json`];
  assertIncludes(await t.print(["type", "get", "-s", code, "int"]), "good:");
  assertEquals(await Deno.readTextFile(code), int);
  assertEquals(
    (await t.mkv(["type", "get", "-S", schema, "int"])).stderr,
    `There is no 'schema' to write to ${schema}\n`,
  );
  const listed = parseYaml(await t.print(["type", "list", ":"]))[0].value as Record<string, Record<string, unknown>>;
  assertEquals([Object.keys(listed), Object.keys(listed.int)], [["int"], ["_", "percent"]]);
  assertEquals(await t.print(["type", "match", "stats.#.quota"]), "int.percent\n");
  assertEquals(await t.print(["type", "match", ":"]), "stats.#.quota : int.percent\n");
  assertIncludes(await t.print(["codegen", "stats"]), "export type IntPercent = number;");
  const script = await t.file("even.py", 'if value % 2: raise ValueError("odd")\n');
  const long = ["--good", "0", "--good", "2", "--bad", "1", "--script", script, "int.even"];
  assertEquals(await t.print(["type", "set", ...long]), "");
  assertEquals(await t.print(["type", "match", "-d", "stats.#.quota"]), "");
  assertEquals((await t.mkv(["type", "match", "stats.#.quota"])).code, 1);
});

Deno.test("A-117: writing an unchanged value is a change, unless it is to be idempotent", async () => {
  await using t = await NamedTutorial.start();
  await t.print(["data", "a.first", "set", "-e", ":", "0"]);
  await using watcher = t.running(["data", "a", "monitor", "-sp"]);
  await watcher.output((text) => text.includes("first"));
  await t.print(["data", "a.b", "set", "-e", ":", "1"]);
  await watcher.output((text) => /b.*1/.test(text));
  await t.print(["data", "a.b", "set", "-e", ":", "1"]);
  await watcher.output((text) => (text.match(/b.*1/g) ?? []).length === 2);
});
