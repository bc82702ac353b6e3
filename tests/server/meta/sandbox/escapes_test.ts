import { Sandbox } from "../../../../server/meta/sandbox/sandbox.ts";
import { assertEquals, assertIncludes, assertTrue } from "../../../support/assert.ts";
import { attempt, conversion, convert } from "../../../support/stored_code.ts";
import { javascriptEscapes } from "./escapes_javascript.ts";
import { pythonEscapes } from "./escapes_python.ts";

/** What an innocent program sees of the place where it runs; the same before and after whatever others try. */
const probes = {
  python:
    "import string\nreturn [len('ab'), string.digits, sorted(globals()), str(__import__('math').pi), [1, 2], {'a': 1}]",
  js: `return [Object.keys(globalThis).length, typeof left, [].push.name, String([1, 2]), Object.keys({}),
    Reflect.ownKeys(Object.prototype).length, Reflect.ownKeys(Array.prototype).length, new Float(1) + 1]`,
};

for (const [lang, escapes] of [["python", pythonEscapes], ["js", javascriptEscapes]] as const) {
  Deno.test(`stored ${lang}: ${escapes.length} ways out lead nowhere, and leave nothing for others`, async () => {
    assertTrue(escapes.length >= 40);
    const reports: string[] = [];
    await using sandbox = new Sandbox({ report: (line) => reports.push(line) });
    const probe = await sandbox.compile(conversion(lang, probes[lang], "probe"));
    const before = await convert(sandbox, probe, 1);
    const { pid } = sandbox;
    for (const [title, code, outcome] of escapes) {
      const came = await attempt(sandbox, conversion(lang, code, title));
      if (typeof outcome === "string") assertEquals(came, outcome, `${title}: ${came}`);
      else assertIncludes(came, outcome, `${title}: ${came}`);
      assertEquals(await convert(sandbox, probe, 1), before, title);
    }
    assertEquals(await attempt(sandbox, conversion(lang, probes[lang])), JSON.stringify(before));
    assertEquals([sandbox.pid, reports], [pid, []], "nothing of it costs the child its life");
  });
}

Deno.test("two programs of one language do not see each other's doings", async () => {
  await using sandbox = new Sandbox();
  for (
    const [lang, leave, look] of [
      [
        "python",
        "globals()['left'] = 1\nPath.left = 1\nreturn 1",
        "return [hasattr(Path, 'left'), 'left' in globals()]",
      ],
      ["js", "Math.max.left = 1\nFloat.left = 1\nreturn 1", "return [Math.max.left === 1, Float.left === 1]"],
    ] as const
  ) {
    await attempt(sandbox, conversion(lang, leave, "leave"));
    assertEquals(await attempt(sandbox, conversion(lang, look, "look")), "[false,false]");
  }
});

Deno.test("globals of Python are new in every run", async () => {
  await using sandbox = new Sandbox();
  const count = await sandbox.compile(
    conversion("python", "global seen\ntry: seen += 1\nexcept NameError: seen = 1\nreturn seen"),
  );
  assertEquals([await convert(sandbox, count, 1), await convert(sandbox, count, 1)], [1, 1]);
});
