/** The tutorial's "Path specification". Case numbers: tutorial-acceptance. */

import { assertEquals, assertIncludes } from "../support/assert.ts";
import { Workplace } from "../support/workplace.ts";

/** Path, Python's list of its elements, and how it is printed. */
const paths: readonly (readonly [number: string, text: string, elements: string, printed?: string])[] = [
  ["A-022", "a.b:.c", "['a', 'b.c']"],
  ["A-023", "a::b", "['a:b']"],
  ["A-024", "a:_b", "['a b']"],
  ["A-024", "a b", "['a b']", "a:_b"],
  ["A-024", "a_b", "['a_b']"],
  ["A-025", ":t", "[True]"],
  ["A-025", "a:t.b", "['a', True, 'b']"],
  ["A-026", ":f", "[False]"],
  ["A-027", ":n", "[None]"],
  ["A-028", "a:e", "['a', '']"],
  ["A-029", ":x1f", "[31]", ":31"],
  ["A-030", ":b101", "[5]", ":5"],
  ["A-031", ":yff00", "[b'\\xff\\x00']"],
  ["A-032", ":vabc", "[b'abc']"],
  ["A-033", ":123", "[123]"],
  ["A-033", ":-1", "[-1]"],
  ["A-033", ":1,2", "[(1, 2)]"],
  ["A-033", ":(1,2)", "[(1, 2)]", ":1,2"],
  ["A-033", ":0x1f", "[31]", ":31"],
  ["A-034", ":", "[]"],
  ["A-037", ":1:.5", "[1.5]"],
  ["A-037", ":1.5", "[1, '5']"],
];

Deno.test("A-022 … A-034, A-037: paths consist of what the tutorial says", async () => {
  await using place = await Workplace.make();
  const { stdout, code } = await place.moat("util", "path", "-d", ...paths.map(([, text]) => text));
  assertEquals(stdout.trimEnd().split("\n"), paths.map(([, , elements]) => elements));
  assertEquals(code, 0);
});

Deno.test("A-035: a path that is printed reads back as the same", async () => {
  await using place = await Workplace.make();
  await using server = await place.start("--memory", "-i", "Testing", "test1");
  const stores = paths.flatMap(([, text], i) => ["-p", `p${i}`, text]);
  assertEquals(await place.kv(server, "data", "p", "set", ...stores), { stdout: "", stderr: "", code: 0 });
  const stored: Record<string, string> = JSON.parse((await place.kv(server, "-o", "json", "data", "p")).stdout);
  const texts = paths.map((_, i) => stored[`p${i}`]);
  assertEquals(texts, paths.map(([, text, , printed = text]) => printed));
  const { stdout } = await place.moat("util", "path", "-d", ...texts);
  assertEquals(stdout.trimEnd().split("\n"), paths.map(([, , elements]) => elements));
});

Deno.test("A-036: texts and numbers are different entries", async () => {
  await using place = await Workplace.make();
  await using server = await place.start("--memory", "-i", "Testing", "test1");
  const mkd = async (...words: string[]) => (await place.kv(server, "data", ...words)).stdout;
  assertEquals(await mkd("a.5", "set", "-v", ":", "s") + await mkd("a:5", "set", "-v", ":", "i"), "");
  assertEquals([await mkd("a.5"), await mkd("a:5")], ['"s"\n', '"i"\n']);
  assertEquals(await mkd("a", "list"), "- !P 5\n- !P :5\n");
  for (const path of ["a:t", "a:1", "a:f", "a:0"]) await mkd(path, "set", "-v", ":", path);
  assertEquals(await Promise.all(["a:t", "a:1", "a:f", "a:0"].map((path) => mkd(path))), [
    '"a:t"\n',
    '"a:1"\n',
    '"a:f"\n',
    '"a:0"\n',
  ]);
});

Deno.test("A-038: malformed paths are one error line", async () => {
  await using place = await Workplace.make();
  for (const path of ["a..b", ".a", "a.", "a:", ""]) {
    for (const words of [["kv", "data", path], ["kv", "data", path, "get"], ["util", "path", "-d", path]]) {
      const { stdout, stderr, code } = await place.moat(...words);
      assertEquals([stdout, code], ["", 1]);
      assertIncludes(stderr, /^SyntaxError: .+\n$/);
    }
  }
  assertEquals((await place.moat("data", "a..b")).stderr, "SyntaxError: Cannot parse 'a..b' at 2\n");
});
