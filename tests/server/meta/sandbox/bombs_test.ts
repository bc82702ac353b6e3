import { decode, encode } from "../../../../wire/mod.ts";
import { type Program, Sandbox } from "../../../../server/meta/sandbox/sandbox.ts";
import { assertEquals, assertIncludes, assertTrue } from "../../../support/assert.ts";
import { checkOf, conversion, convert, outcomeOf, schemaOf } from "../../../support/stored_code.ts";

type Bomb = readonly [title: string, code: string, outcome: RegExp];

const python: readonly Bomb[] = [
  ["an endless loop", "while True: pass", /^timeout/],
  ["a loop that catches everything", "while True:\n try: x\n except BaseException: pass", /^timeout/],
  ["a native loop", "sum(range(10**9))", /^timeout/],
  ["a sleep", "import time\ntime.sleep(100)", /^timeout/],
  ["a regular expression", "import re\nre.match('(a+)+$', 'a' * 30 + 'b')", /^timeout/],
  ["a power while it is compiled", "10**(10**8)", /^timeout/],
  ["an allocation", "'x' * 10**9", /^rejected: MemoryError/],
  ["a list", "[0] * 10**9", /^rejected: MemoryError/],
  ["a text that grows", "x = 'a' * 1000\nwhile True: x += x", /^rejected: MemoryError|^timeout/],
  [
    "deep recursion",
    "def f(n): return f(n + 1)\nf(0)",
    /^rejected: RuntimeError\('maximum recursion depth exceeded'\)/,
  ],
  ["recursion in C", "x = []\nfor _ in range(9999): x = [x]\nrepr(x)", /^rejected: RuntimeError/],
  ["a huge message", "raise ValueError('x' * 10**5)", /^rejected: ValueError/],
];

const javascript: readonly Bomb[] = [
  ["an endless loop", "for (;;);", /^timeout/],
  ["a native loop", "new Array(2 ** 32 - 2).indexOf(1)", /^timeout/],
  ["a regular expression", "/^(a+)+$/.test('a'.repeat(40) + 'b')", /^timeout/],
  ["a name of an error", "throw { get name() { for (;;); } }", /^timeout/],
  ["keys of a result", "return new Proxy({}, { ownKeys() { for (;;); } })", /^timeout/],
  ["an allocation", "'x'.repeat(2 ** 29) + 'y'", /^rejected: MemoryError/],
  ["an array", "Array.from({ length: 1e9 })", /^rejected: MemoryError|^timeout/],
  ["deep recursion", "const f = () => f(); f()", /^rejected: InternalError\('stack overflow'\)/],
  ["recursion in C", "return JSON.parse('['.repeat(1e5))", /^rejected: SyntaxError|^crash/],
  ["a result without end", "const a = []; a.length = 2 ** 32 - 1; return a", /^bad_result/],
];

const bombs: readonly (readonly [title: string, Program, RegExp])[] = [
  ...python.map(([title, code, outcome]) => [`python: ${title}`, conversion("python", code, title), outcome] as const),
  ...javascript.map(([title, code, outcome]) => [`js: ${title}`, conversion("js", code, title), outcome] as const),
  ["schema: a regular expression", schemaOf({ pattern: "^(a+)+$" }, "pattern"), /^timeout/],
  ["schema: recursion", schemaOf({ $ref: "#" }, "recursion"), /^rejected: RecursionError/],
];

/** Fits all: short for most, and the end of the schema's regular expression. */
const text = "a".repeat(40) + "b";

for (const [title, program, outcome] of bombs) {
  Deno.test(`a bomb (${title}) is told to whoever lit it, and its neighbours get their answers`, async () => {
    await using sandbox = new Sandbox();
    const innocents = await Promise.all([
      sandbox.compile(conversion("python", "return len(value)", "innocent")),
      sandbox.compile(conversion("js", "return value.length", "innocent")),
    ]);
    const lit = await outcomeOf((async () => {
      const bomb = await sandbox.compile(program);
      const around = () => innocents.map((innocent) => convert(sandbox, innocent, text));
      const [before, work, after] = [around(), sandbox.convert(bomb, encode(text)), around()];
      const [, ...answers] = await Promise.allSettled([work, ...before, ...after]);
      assertEquals(answers, answers.map(() => ({ status: "fulfilled", value: text.length })));
      await work;
    })());
    assertIncludes(lit, outcome);
    assertEquals(await convert(sandbox, innocents[0], "abc"), 3);
  });
}

Deno.test("whoever was killed is inactive until it is stored anew", async () => {
  const reports: string[] = [];
  await using sandbox = new Sandbox({ report: (line) => reports.push(line) });
  const program = checkOf("python", "while value == 1: pass", "type endless");
  const bomb = await sandbox.compile(program);
  assertEquals(await outcomeOf(sandbox.check(bomb, encode(2))), "ok");
  const [first, second] = await Promise.all([1, 2].map((n) => outcomeOf(sandbox.check(bomb, encode(n)))));
  const killed = "TimeoutError('type endless did not end within 50 ms and was killed')";
  assertEquals(first, `timeout: ${killed}`);
  const inactive = `inactive: RuntimeError("type endless is inactive until it is stored anew: ${killed}")`;
  assertEquals([second, await outcomeOf(sandbox.check(bomb, encode(2)))], [inactive, inactive]);
  assertEquals(bomb.isActive, false);
  assertEquals(reports, [`type endless is inactive until it is stored anew: ${killed}`]);
  const again = await sandbox.compile(program);
  assertEquals(await outcomeOf(sandbox.check(again, encode(2))), "ok");
});

Deno.test("the bomb is found among programs that were done before it and whose answers were lost", async () => {
  await using sandbox = new Sandbox();
  const compiled = await Promise.all(
    Array.from({ length: 8 }, (_, i) =>
      sandbox.compile(
        conversion(i % 2 ? "js" : "python", i === 5 ? "for (;;);" : `return value + ${i}`, `number ${i}`),
      )),
  );
  const outcomes = await Promise.all(compiled.map((c) => outcomeOf(sandbox.convert(c, encode(1)))));
  assertEquals(outcomes.map((outcome) => outcome.split(":")[0]), ["ok", "ok", "ok", "ok", "ok", "timeout", "ok", "ok"]);
  assertTrue(compiled.every((c, i) => c.isActive === (i !== 5)));
});

Deno.test("a value that takes long to hand over is no bomb; one that is too large is refused", async () => {
  await using sandbox = new Sandbox();
  for (const lang of ["python", "js"] as const) {
    const count = await sandbox.compile(conversion(lang, lang === "js" ? "return value.length" : "return len(value)"));
    assertEquals(await convert(sandbox, count, Array.from({ length: 100_000 }, (_, i) => i % 100)), 100_000);
    assertEquals(
      await outcomeOf(convert(sandbox, count, "x".repeat(2 ** 20))),
      "rejected: ValueError('the value is too large to be checked: 1048581 bytes, the most is 1048576')",
    );
  }
});

Deno.test("a value that is replaced counts, if the code looks at it", async () => {
  await using sandbox = new Sandbox();
  const old = encode("x".repeat(2 ** 20));
  const blind = await sandbox.compile(conversion("python", "return value"));
  assertEquals(decode(await sandbox.convert(blind, encode(1), { old })), 1);
  const curious = await sandbox.compile(conversion("python", "return prev"));
  assertIncludes(
    await outcomeOf(sandbox.convert(curious, encode(1), { old })),
    "too large to be checked: 1048582 bytes",
  );
});

Deno.test("a server that is busy itself kills nobody", async () => {
  await using sandbox = new Sandbox();
  const compiled = await sandbox.compile(conversion("python", "return value + 1"));
  for (let round = 0; round < 5; round++) {
    const answers = Array.from({ length: 100 }, (_, i) => convert(sandbox, compiled, i));
    await Promise.resolve(); // the requests are on their way
    for (const until = performance.now() + 150; performance.now() < until;);
    assertEquals(await Promise.all(answers), Array.from({ length: 100 }, (_, i) => i + 1));
  }
  assertTrue(compiled.isActive);
});
