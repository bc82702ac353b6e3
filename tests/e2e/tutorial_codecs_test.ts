/** The tutorial's "Data mangling". Case numbers: tutorial-acceptance. */

import { parseYaml } from "../../client/cli/output/yaml_parse.ts";
import type { Value } from "../../wire/value.ts";
import { assertEquals, assertIncludes } from "../support/assert.ts";
import { run } from "../support/moat_command.ts";
import { NamedTutorial } from "../support/named_tutorial.ts";
import { moat } from "../support/server_process.ts";

const examples = ["-i", '"12.5"', "12.5", "-o", "13.25", '"13.25"'];
const scripts = "return str(value)\nreturn float(value)\n";
const encodePrompt = "Enter the Python script to encode 'value'.";
const decodePrompt = "Enter the Python script to decode 'value'.";

const yaml = (text: string): Value => parseYaml(text)[0].value;

/** What A-109, A-111 and A-112 do. */
async function withCodec(): Promise<NamedTutorial> {
  const t = await NamedTutorial.start();
  assertEquals(await t.print(["codec", "set", ...examples, "float.str"], scripts), "", "A-109, from a pipe");
  const pattern = ["codec", "convert", "-c", "float.str", "floatval", "monitor.#.value"];
  assertIncludes(await t.print(pattern), /^\d*\n?$/, "A-111");
  await t.print(["auth", "user", "modify", "--aux", "codec=floatval", "name=joe"]);
  return t;
}

Deno.test("A-111 … A-115: joe writes and reads texts where floats are stored", async () => {
  await using t = await withCodec();
  assertEquals(await t.print(["data", "monitor.a.b.c.value", "set", "-v", ":", "99.5"]), "", "A-113");
  assertEquals(await t.print(["data", "monitor.a.b.c.thing", "set", "-v", ":", "12.3"]), "", "A-114");
  const tree = (value: Value) => ({ a: { b: { c: { value: { _: value }, thing: { _: "12.3" } } } } });
  assertEquals(yaml(await t.print(["data", "monitor", "get", "-rd_"])), tree("99.5"), "A-115, joe");
  const root = await t.asRoot(["data", "monitor", "get", "-rd_"]);
  assertEquals(yaml(root.stdout), tree(99.5), "A-115, root");
  assertEquals((await t.asRoot(["data", "monitor.a.b.c.value"])).stdout, "99.5\n", "A-113");
  assertEquals(await t.print(["data", "monitor.a.b.c.value"]), '"99.5"\n');
  const refused = await t.mkv(["data", "monitor.a.b.c.value", "set", "-v", ":", "abc"]);
  assertEquals(refused.code, 1, "A-116");
  assertIncludes(refused.stderr, /^ServerError: .*could not convert|^ServerError: ValueError/, "A-116");
});

Deno.test("A-113 with a watch: joe's shows texts, in the order of the changes", async () => {
  await using t = await withCodec();
  await t.print(["data", "monitor.a.value", "set", "-v", ":", "1.5"]);
  await using watcher = t.running(["-o", "json", "data", "monitor", "monitor", "-s"]);
  await watcher.output((text) => text.includes('"value":"1.5"'));
  assertEquals((await t.asRoot(["data", "monitor.a.value", "set", "-e", ":", "2.5"])).code, 0);
  await watcher.output((text) => text.includes('"value":"2.5"'));
});

Deno.test("A-110: examples are checked in both directions", async () => {
  await using t = await NamedTutorial.start();
  const wrong = ["-i", '"12.5"', "12.6", "-o", "13.25", '"13.25"', "float.str"];
  const decoded = await t.mkv(["codec", "set", ...wrong], scripts);
  assertEquals([decoded.stderr, decoded.code], [
    `ServerError: ValueError("Decoding at :n.codec.float.str: '12.5' got 12.5, not 12.6")\n`,
    1,
  ]);
  const encoded = await t.mkv(["codec", "set", "-i", '"1"', "1.0", "-o", "13.25", "13.25", "float.str"], scripts);
  assertEquals(encoded.code, 1);
  assertIncludes(encoded.stderr, "Encoding at :n.codec.float.str: 13.25 got '13.25', not 13.25");
  const none = await t.mkv(["codec", "set", "-o", "13.25", '"13.25"', "float.str"], scripts);
  assertEquals(none.code, 2);
});

Deno.test("codec set from files, in the other spelling, and in JavaScript; get, list and convert print it", async () => {
  await using t = await NamedTutorial.start();
  const [encode, decode] = [
    await t.file("enc.js", "return String(value);\n"),
    await t.file("dec.js", "return Number(value);\n"),
  ];
  const words = ["--in", '"1.5"', "1.5", "--out", "1.5", '"1.5"', "--encode", encode, "--decode", decode];
  assertEquals(await t.print(["codec", "set", "--lang", "js", ...words, "js.str"]), "");
  assertEquals(await t.print(["codec", "list", ":"]), "js str\n");
  assertEquals(yaml(await t.print(["codec", "get", "js.str"])), {
    encode: "return String(value);\n",
    decode: "return Number(value);\n",
    in: [["1.5", 1.5]],
    out: [[1.5, "1.5"]],
    lang: "js",
  });
  const [out, rest] = [`${t.place.directory}/out.js`, `${t.place.directory}/rest.yaml`];
  assertEquals(await t.print(["codec", "get", "-e", out, "-s", rest, "js.str"]), "");
  assertEquals(await Deno.readTextFile(out), "return String(value);\n");
  assertEquals((yaml(await Deno.readTextFile(rest)) as Record<string, Value>).encode, undefined);
  assertEquals(await t.print(["codec", "set", "-e", out, "-D", rest, "copy"]), "");
  await t.print(["codec", "convert", "-c", "js.str", "texts", "a.#"]);
  assertEquals(await t.print(["codec", "convert", "-l", "texts", ":"]), "a.# : js.str\n");
  assertEquals(await t.print(["codec", "convert", "-l", "-", ":"]), "texts\n");
  assertEquals((await t.mkv(["codec", "list", "--broken"])).stdout, "");
  const both = await t.mkv(["codec", "convert", "-d", "-c", "js.str", "texts", "a.#"]);
  assertEquals([both.code, both.stderr.includes("You can't both set and delete a path.")], [2, true]);
  assertIncludes(await t.print(["codec", "convert", "-d", "texts", "a.#"]), /^\d+\n$/);
  const missing = await t.mkv(["codec", "set", "-e", encode, ...examples, "x"]);
  assertEquals([missing.code, missing.stderr.includes("Missing decode script")], [2, true]);
});

/** Types at a terminal; `^D` stands for itself. Returns what is on the screen. */
async function typeAt(
  t: NamedTutorial,
  words: readonly string[],
  typed: string,
): Promise<{ screen: string; code: number }> {
  const quote = (word: string) => `'${word.replaceAll("'", `'\\''`)}'`;
  const command = [...moat, "kv", "-p", String(t.server.port), "-a", "_test name=joe", ...words].map(quote).join(" ");
  // The terminal that `script` makes ends its input at each ^D, and goes on behind it.
  const { stdout, code } = await run(["/usr/bin/script", "-qec", command, "/dev/null"], {
    env: t.place.env,
    stdin: typed.replaceAll("^D", "\x04"),
  });
  return { screen: stdout.replaceAll("\r", ""), code };
}

const hasTerminal = await Deno.stat("/usr/bin/script").then(() => true, () => false);

for (
  const [what, typed] of [
    ["one ^D at the end", "return str(value)\nreturn float(value)\n^D"],
    ["^D behind each script", "return str(value)\n^Dreturn float(value)\n^D"],
  ]
) {
  Deno.test({
    name: `A-109: both scripts typed at a terminal, ${what}${hasTerminal ? "" : " (skipped: there is no script(1))"}`,
    ignore: !hasTerminal,
    fn: async () => {
      await using t = await NamedTutorial.start();
      const { screen, code } = await typeAt(t, ["codec", "set", ...examples, "float.str"], typed);
      assertEquals(code, 0, screen);
      const prompts = screen.split("\n").filter((line) => line.startsWith("Enter"));
      assertEquals(prompts, [encodePrompt, decodePrompt]);
      const stored = yaml(await t.print(["codec", "get", "float.str"])) as Record<string, Value>;
      assertEquals([stored.encode, stored.decode], ["return str(value)\n", "return float(value)\n"]);
    },
  });
}
