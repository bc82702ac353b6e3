import { encode, Float, Path, type Value } from "../../../../wire/mod.ts";
import { Sandbox } from "../../../../server/meta/sandbox/sandbox.ts";
import { assertEquals, assertIncludes } from "../../../support/assert.ts";
import { outcomeOf, schemaOf } from "../../../support/stored_code.ts";

async function checked(sandbox: Sandbox, schema: Value, values: readonly Value[]): Promise<string[]> {
  const compiled = await sandbox.compile(schemaOf(schema));
  const outcomes = await Promise.all(values.map((value) => outcomeOf(sandbox.check(compiled, encode(value)))));
  return outcomes.map((outcome) => outcome.replace(/^rejected: ValidationError\((.*)\)$/, "$1"));
}

Deno.test("a schema's refusal names what is wrong, and where", async () => {
  await using sandbox = new Sandbox();
  assertEquals(await checked(sandbox, { type: "integer", minimum: 0, maximum: 100 }, [5, 101, -1, "x", 1.5]), [
    "ok",
    "'101 must be <= 100'",
    "'-1 must be >= 0'",
    `"'x' must be integer"`,
    "'1.5 must be integer'",
  ]);
  const nested = { properties: { a: { items: { type: "string" } } }, required: ["a"] };
  assertEquals(await checked(sandbox, nested, [{ a: ["x"] }, { a: ["x", 1] }, {}]), [
    "ok",
    "'must be string at /a/1'",
    `"must have required property 'a'"`,
  ]);
});

const facts: readonly (readonly [title: string, schema: Value, good: readonly Value[], bad: readonly Value[]])[] = [
  ["1.0 is an integer", { type: "integer" }, [1, new Float(1), 2n ** 70n], [1.5, true, "1", null]],
  ["a boolean is no number", { type: "number" }, [1, 1.5], [true, false]],
  ["arrays are arrays", { type: "array", items: { enum: [1, 2] } }, [[], [1, 2]], [[3], {}]],
  ["bytes are no text", { type: "string" }, ["x"], [Uint8Array.of(1)]],
  ["what JSON does not know fits no type", { type: ["string", "number", "object", "array", "null", "boolean"] }, [
    1,
    {},
  ], [
    Uint8Array.of(1),
    Path.from(["a"]),
    new Map([[1, 2]]),
  ]],
  ["objects inherit nothing", { required: ["toString"] }, [{ toString: 1 }], [{}]],
  ["odd keys are keys", { properties: { 1: { type: "string" } } }, [
    new Map([["1", "x"]]),
  ], [new Map([["1", 1]])]],
  ["a schema may be true", true, [1, "x"], []],
  ["a schema may be false", false, [], [1]],
  ["prefixItems (2020-12)", { prefixItems: [{ type: "string" }], items: false }, [["x"]], [[1], ["x", 1]]],
  [
    "items as a list (draft 7)",
    {
      $schema: "http://json-schema.org/draft-07/schema#",
      items: [{ type: "string" }],
      additionalItems: false,
    },
    [["x"]],
    [[1], ["x", 1]],
  ],
  [
    "dependentRequired (2019-09)",
    {
      $schema: "https://json-schema.org/draft/2019-09/schema",
      dependentRequired: { a: ["b"] },
    },
    [{ a: 1, b: 1 }, {}],
    [{ a: 1 }],
  ],
  ["exclusiveMinimum (draft 6)", { $schema: "http://json-schema.org/draft-06/schema#", exclusiveMinimum: 5 }, [6], [5]],
  ["if, then, else", { if: { type: "string" }, then: { minLength: 2 }, else: { minimum: 2 } }, ["xx", 2], ["x", 1]],
  ["references into the schema", { $defs: { a: { type: "null" } }, $ref: "#/$defs/a" }, [null], [1]],
  ["a recursive schema", { properties: { next: { $ref: "#" } }, required: ["v"] }, [{ v: 1, next: { v: 2 } }], [
    { v: 1, next: {} },
  ]],
  ["a format is not checked", { format: "email" }, ["x"], []],
  ["unknown words are passed over", { "x-unit": "°C", type: "number" }, [1], ["x"]],
  ["unevaluatedProperties", { properties: { a: true }, unevaluatedProperties: false }, [{ a: 1 }], [{ b: 1 }]],
];

Deno.test("JSON schema: what fits and what does not", async (t) => {
  await using sandbox = new Sandbox();
  for (const [title, schema, good, bad] of facts) {
    await t.step(title, async () => {
      const compiled = await sandbox.compile(schemaOf(schema));
      for (const value of good) assertEquals(await outcomeOf(sandbox.check(compiled, encode(value))), "ok");
      for (const value of bad) {
        assertIncludes(await outcomeOf(sandbox.check(compiled, encode(value))), /^rejected: ValidationError\(/);
      }
    });
  }
});

const wrong: readonly (readonly [title: string, schema: Value, text: string | RegExp])[] = [
  ["no schema", 5, "syntax: SchemaError('a schema is a map or a boolean')"],
  ["an unknown type", { type: "int" }, /^syntax: SchemaError\('schema is invalid: data\/type must be /],
  ["a pattern that is none", { pattern: "(" }, /^syntax: SchemaError\('Invalid regular expression/],
  ["a reference to nowhere", { $ref: "#/$defs/x" }, /^syntax: SchemaError\("can't resolve reference/],
  [
    "a reference to elsewhere",
    { $ref: "https://example.org/x.json" },
    /^syntax: SchemaError\("can't resolve reference/,
  ],
  [
    "another draft",
    { $schema: "http://json-schema.org/draft-03/schema#" },
    /draft-03.* is not supported: only 2020-12, 2019/,
  ],
  ["asynchronous schemas", { $async: true, type: "string" }, "syntax: SchemaError('$async is not supported')"],
];

Deno.test("JSON schema: what is none is refused when it is stored", async (t) => {
  await using sandbox = new Sandbox();
  for (const [title, schema, text] of wrong) {
    await t.step(title, async () => {
      const outcome = await outcomeOf(sandbox.compile(schemaOf(schema)));
      if (typeof text === "string") assertEquals(outcome, text);
      else assertIncludes(outcome, text);
    });
  }
});

Deno.test("two schemas with one $id do not meet", async () => {
  await using sandbox = new Sandbox();
  const $id = "https://example.org/same";
  const compiled = await Promise.all([
    sandbox.compile(schemaOf({ $id, type: "string" })),
    sandbox.compile(schemaOf({ $id, type: "integer" })),
  ]);
  const outcomes = await Promise.all(compiled.map((c) => outcomeOf(sandbox.check(c, encode(1)))));
  assertEquals(outcomes.map((outcome) => outcome.split(":")[0]), ["rejected", "ok"]);
});

Deno.test("schema before code: the code runs only if the schema fits", async () => {
  await using sandbox = new Sandbox();
  const both = await sandbox.compile({
    ...schemaOf({ type: "integer" }),
    code: "if value == 13: raise ValueError('unlucky')",
  });
  const outcomes = await Promise.all([12, 13, "x"].map((value) => outcomeOf(sandbox.check(both, encode(value)))));
  assertEquals(outcomes, [
    "ok",
    "rejected: ValueError('unlucky')",
    `rejected: ValidationError("'x' must be integer")`,
  ]);
});

const injections: readonly Value[] = [
  { properties: { "'];process.exit()//": { type: "string" } } },
  { properties: { "${Deno.exit()}": { type: "string" } }, required: ["`]}Deno.exit()"] },
  { enum: ["*/Deno.exit()/*", "\u2028Deno.exit()", "</script>"] },
  { const: { '"+Deno.exit()+"': "'+Deno.exit()+'" } },
  { $id: "'];Deno.exit();//", type: "string" },
  { $id: "https://json-schema.org/draft/2020-12/schema", type: "string" },
  { $defs: { "a'];Deno.exit();//": { type: "string" } }, $ref: "#/$defs/a'];Deno.exit();~1~1" },
  { $anchor: "a-Deno.exit", type: "string" },
  { patternProperties: { "^/;Deno.exit();/": { type: "string" } } },
  { pattern: "/;Deno.exit();/" },
  { dependentRequired: { "'+Deno.exit()+'": ["'];Deno.exit()//"] } },
  { $comment: "*/Deno.exit()/*", title: "*/Deno.exit()/*" },
  { format: "'+Deno.exit()+'" },
  { type: "string", "'];Deno.exit();//": 1 },
  { $dynamicRef: "#'];Deno.exit();//" },
  { minimum: { $data: "1/Deno.exit()" } },
];

Deno.test(`JSON schema: ${injections.length} schemas that look like code are no code, and harm no other`, async () => {
  await using sandbox = new Sandbox();
  const probe = await sandbox.compile(schemaOf({ type: "integer" }));
  const { pid } = sandbox;
  for (const schema of injections) {
    const outcome = await outcomeOf((async () => {
      const compiled = await sandbox.compile(schemaOf(schema));
      for (const value of ["x", 1, { "'];process.exit()//": 1 }]) {
        await outcomeOf(sandbox.check(compiled, encode(value)));
      }
    })());
    assertIncludes(outcome, /^ok$|^syntax: SchemaError\(/, `${Deno.inspect(schema)}: ${outcome}`);
    assertEquals(await outcomeOf(sandbox.check(probe, encode(1))), "ok");
    assertIncludes(await outcomeOf(sandbox.check(probe, encode("x"))), "must be integer");
  }
  assertEquals(sandbox.pid, pid);
});
