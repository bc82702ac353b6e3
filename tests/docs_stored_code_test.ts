/** Runs the examples of docs/stored-code.md: each block ends with lines of what goes in and what comes out. */

import { parse } from "yaml";
import { Float, type Value } from "../wire/mod.ts";
import { Sandbox } from "../server/meta/sandbox/sandbox.ts";
import { assertEquals, assertTrue } from "./support/assert.ts";
import { checkOf, conversion, convert, outcomeOf } from "./support/stored_code.ts";

const text = await Deno.readTextFile(new URL("../docs/stored-code.md", import.meta.url));
const blocks = [...text.matchAll(/^```(python|js)\n(?:#|\/\/) (check|convert)\n([^]*?)^```$/gm)];

/** JSON, but `5.0` is a float. */
function read(source: string): Value {
  const plain = parse(source) as Value;
  return /^-?\d+\.0$/.test(source) ? new Float(plain as number) : plain;
}

Deno.test("docs/stored-code.md: the examples", async (t) => {
  await using sandbox = new Sandbox();
  for (const [, name, purpose, body] of blocks) {
    const lang = name as "python" | "js";
    const lines = body.trimEnd().split("\n");
    const cases = lines.map((line) => /^(?:#|\/\/) (.*) → (.*)$/.exec(line)).filter((found) => found !== null);
    const code = lines.slice(0, lines.length - cases.length).join("\n");
    await t.step(`${lang}, ${purpose}: ${code.split("\n")[0]}`, async () => {
      assertTrue(cases.length > 0);
      const compiled = await sandbox.compile((purpose === "check" ? checkOf : conversion)(lang, code));
      for (const [, input, output] of cases) {
        let result: Value = null;
        const outcome = await outcomeOf(convert(sandbox, compiled, read(input)).then((value) => result = value));
        if (/^\w+\(.*\)$/.test(output)) assertEquals(outcome, `rejected: ${output}`);
        else assertEquals([outcome, purpose === "check" ? "ok" : result], ["ok", read(output)]);
      }
    });
  }
});

Deno.test("docs/stored-code.md has examples in both languages", () => {
  const langs = blocks.map(([, lang]) => lang);
  assertTrue(langs.filter((lang) => lang === "python").length >= 5);
  assertTrue(langs.filter((lang) => lang === "js").length >= 4);
});

const claims: readonly (readonly ["python" | "js", code: string, outcome: RegExp])[] = [
  ["python", "match value:\n case 1: return 1", /^syntax/],
  ["python", "import re\nreturn bool(re.match('^a{2}$', 'aa'))", /^false$/],
  ["python", "return 'ä'.upper()", /^"ä"$/],
  ["python", "with open('x') as f: pass", /OSError/],
  ["python", "import hashlib\nreturn hashlib.md5(b'x')", /AttributeError/],
  ["python", "def f(n): return f(n - 1) if n else 0\nreturn f(90)", /^0$/],
  ["js", "const f = (n) => n ? f(n - 1) : 0; return f(1000)", /^0$/],
  [
    "js",
    "return [typeof Promise, typeof setTimeout, 'ab'.at(-1), [3, 1].toSorted()[0]]",
    /^\["undefined","undefined","b",1\]$/,
  ],
];

Deno.test("docs/stored-code.md: the claims", async (t) => {
  await using sandbox = new Sandbox();
  for (const [lang, code, outcome] of claims) {
    await t.step(`${lang}: ${code}`, async () => {
      let result: Value = null;
      const came = await outcomeOf((async () => {
        result = await convert(sandbox, await sandbox.compile(conversion(lang, code)), 1);
      })());
      const shown = came === "ok" ? JSON.stringify(result) : came;
      assertTrue(outcome.test(shown), shown);
    });
  }
});
