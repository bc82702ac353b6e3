import { encode } from "../../../../wire/mod.ts";
import { Sandbox } from "../../../../server/meta/sandbox/sandbox.ts";
import { assertEquals, assertIncludes, assertNotEquals, assertTrue } from "../../../support/assert.ts";
import { checkOf, conversion, convert, outcomeOf } from "../../../support/stored_code.ts";

const texts: readonly (readonly ["python" | "js", code: string, text: string])[] = [
  ["python", 'if int(value) != value: raise ValueError("not an integer")', "ok"],
  ["python", 'raise ValueError("not an integer")', "rejected: ValueError('not an integer')"],
  ["python", 'raise ValueError("it\'s")', 'rejected: ValueError("it\'s")'],
  ["python", "raise ValueError('zu heiß: 30 °C')", "rejected: ValueError('zu heiß: 30 °C')"],
  ["python", "raise ValueError('a\\n\\\\ \\'\"\\x07')", "rejected: ValueError('a\\n\\\\ \\'\"\\x07')"],
  ["js", "throw new Error('zu heiß: 30 °C')", "rejected: Error('zu heiß: 30 °C')"],
  ["js", "throw new Error('a\\n\\\\ \\'\"\\x07')", "rejected: Error('a\\n\\\\ \\'\"\\x07')"],
  ["python", "raise ValueError", "rejected: ValueError()"],
  ["python", "raise ValueError('a', 1, [2.0])", "rejected: ValueError('a', 1, [2.0])"],
  ["python", 'raise RuntimeError("Owch")', "rejected: RuntimeError('Owch')"],
  ["python", "assert value > 5", "rejected: AssertionError()"],
  ["python", "yield 1", "rejected: TypeError('a check cannot be a generator')"],
  ["js", "throw new Error('not an integer')", "rejected: Error('not an integer')"],
  ["js", 'throw new RangeError("it\'s")', 'rejected: RangeError("it\'s")'],
  ["js", "throw 'just a text'", "rejected: Error('just a text')"],
  ["js", "null.x", "rejected: TypeError(\"cannot read property 'x' of null\")"],
  ["js", "return (async () => { throw new Error('late') })()", "rejected: TypeError('a check cannot be asynchronous')"],
];

Deno.test("what a check says", async (t) => {
  await using sandbox = new Sandbox();
  for (const [lang, code, text] of texts) {
    await t.step(`${lang}: ${code} → ${text}`, async () => {
      const compiled = await sandbox.compile(checkOf(lang, code));
      assertEquals(await outcomeOf(sandbox.check(compiled, encode(1))), text);
    });
  }
});

const syntax: readonly (readonly ["python" | "js", code: string, text: string | RegExp])[] = [
  ["python", "return 1 +", "syntax: SyntaxError('invalid syntax (type int, line 1)')"],
  ["python", "x = 1\nfor", "syntax: SyntaxError('invalid syntax (type int, line 2)')"],
  ["python", "x = 1\n  return 1", "syntax: IndentationError('unexpected indent (type int, line 2)')"],
  ["python", "", /^syntax: /],
  ["js", "return 1 +", /^syntax: SyntaxError\(/],
];

Deno.test("what is no code is refused when it is stored", async (t) => {
  await using sandbox = new Sandbox();
  for (const [lang, code, text] of syntax) {
    await t.step(`${lang}: ${JSON.stringify(code)}`, async () => {
      const outcome = await outcomeOf(sandbox.compile(checkOf(lang, code, "type int")));
      if (typeof text === "string") assertEquals(outcome, text);
      else assertIncludes(outcome, text);
    });
  }
});

Deno.test("Python code is the body of a function: it is indented, and so are texts of many lines", async () => {
  await using sandbox = new Sandbox();
  const compiled = await sandbox.compile(conversion("python", "x = '''a\nb'''\nreturn x"));
  assertEquals(await convert(sandbox, compiled, 1), "a\n    b");
});

Deno.test("a child that dies of something else takes no program with it", async () => {
  await using sandbox = new Sandbox();
  const compiled = await sandbox.compile(conversion("js", "return value + 1"));
  const first = sandbox.pid!;
  Deno.kill(first, "SIGKILL");
  for (let i = 0; i < 100; i++) assertEquals(await convert(sandbox, compiled, i), i + 1);
  assertNotEquals(sandbox.pid, first);
  assertTrue(compiled.isActive);
});

Deno.test("who sees the child die twice is to blame", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const program = `${folder}/dies`; // ready, and dead as soon as it hears something
    await Deno.writeTextFile(program, "#!/bin/sh\nprintf '\\221\\000'\nhead -c 1 >/dev/null\n", { mode: 0o700 });
    const reports: string[] = [];
    await using sandbox = new Sandbox({ program, report: (line) => reports.push(line) });
    const crash = "RuntimeError('type int made the sandbox crash')";
    assertEquals(await outcomeOf(sandbox.compile(checkOf("js", "", "type int"))), `crash: ${crash}`);
    assertEquals(reports, [`type int is inactive until it is stored anew: ${crash}`]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a runtime that cannot be started is a clear error, each time", async () => {
  await using sandbox = new Sandbox({ program: "/nowhere/deno" });
  for (let i = 0; i < 3; i++) {
    assertIncludes(
      await outcomeOf(sandbox.compile(checkOf("python", "pass"))),
      /^crash: RuntimeError\(.the sandbox cannot be started: .*nowhere/,
    );
  }
});

Deno.test("a runtime that is something else is a clear error", async () => {
  await using sandbox = new Sandbox({ program: "/bin/false" });
  assertIncludes(await outcomeOf(sandbox.compile(checkOf("python", "pass"))), "the sandbox does not start");
});

Deno.test("a closed sandbox answers what is open, and nothing more", async () => {
  const sandbox = new Sandbox();
  const compiling = outcomeOf(sandbox.compile(checkOf("python", "pass")));
  await sandbox[Symbol.asyncDispose]();
  assertEquals(await compiling, "inactive: RuntimeError('the sandbox is closed')");
  assertEquals(await outcomeOf(sandbox.compile(checkOf("js", ""))), "inactive: RuntimeError('the sandbox is closed')");
});

Deno.test("a program that was released is compiled again if it is used all the same", async () => {
  await using sandbox = new Sandbox();
  const compiled = await sandbox.compile(conversion("python", "return value + 1"));
  sandbox.release(compiled);
  assertEquals(await convert(sandbox, compiled, 1), 2);
});

Deno.test("more programs than interpreters: all of them run", async () => {
  await using sandbox = new Sandbox();
  const all = await Promise.all(
    Array.from({ length: 80 }, (_, i) => sandbox.compile(conversion("python", `return value + ${i}`))),
  );
  for (let round = 0; round < 2; round++) {
    assertEquals(await Promise.all(all.map((c) => convert(sandbox, c, 1))), all.map((_, i) => 1 + i));
  }
});
