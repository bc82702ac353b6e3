import { generate, type Source } from "../../../../client/cli/codegen/generate.ts";
import { SchemaTypes } from "../../../../client/cli/codegen/schema_type.ts";
import { P } from "../../../../wire/path/template.ts";
import { Float, type Value } from "../../../../wire/value.ts";
import { assertEquals, assertIncludes } from "../../../support/assert.ts";

const schemas: readonly (readonly [schema: Value, type: string])[] = [
  [true, "unknown"],
  [false, "never"],
  [{}, "unknown"],
  [{ type: "string", minLength: 3 }, "string"],
  [{ type: "integer" }, "number"],
  [{ type: "number" }, "number | Float"],
  [{ type: ["string", "null"] }, "string | null"],
  [{ enum: ["on", "off", 1] }, '"on" | "off" | 1'],
  [{ const: true }, "true"],
  [{ type: "array", items: { type: ["string", "null"] } }, "readonly (string | null)[]"],
  [
    { type: "array", prefixItems: [{ type: "string" }, { type: "integer" }], items: false },
    "readonly [string, number]",
  ],
  [
    { type: "object", properties: { a: { type: "string" }, "b c": { type: "boolean" } }, required: ["a"] },
    '{ readonly a: string; readonly "b c"?: boolean }',
  ],
  [{ type: "object", additionalProperties: { type: "integer" } }, "{ readonly [name: string]: number }"],
  [{ anyOf: [{ type: "string" }, { type: "integer" }] }, "string | number"],
  [
    { allOf: [{ properties: { a: { type: "string" } } }, { properties: { b: { type: "string" } } }] },
    "{ readonly a?: string } & { readonly b?: string }",
  ],
  [{ $ref: "#/$defs/x", $defs: { x: { type: "string" } } }, "string"],
  [
    { type: "object", properties: { next: { $ref: "#" } } },
    "{ readonly next?: { readonly next?: unknown } }",
  ],
];

Deno.test("a JSON schema becomes a TypeScript type", () => {
  for (const [schema, type] of schemas) assertEquals(new SchemaTypes(schema).type(), type, JSON.stringify(schema));
});

const source: Source = {
  path: P("home"),
  matches: [
    { pattern: P("home.#.temp"), type: P("num.celsius") },
    { pattern: P("home.+.lamp"), type: P("lamp") },
    { pattern: P("home.door"), type: P("lamp") },
    { pattern: P("garage.door"), type: P("other") },
  ],
  types: new Map<string, Value>([
    ["num", { schema: { type: "number" }, good: [], bad: [] }],
    ["num.celsius", { code: "…", good: [1, new Float(2)], bad: [] }],
    ["lamp", { schema: { enum: ["on", "off"] } }],
    ["other", {}],
  ]),
};

/** What the type checker of Deno says of a module. */
async function check(text: string): Promise<string> {
  const file = await Deno.makeTempFile({ suffix: ".ts" });
  try {
    await Deno.writeTextFile(file, text);
    const { stderr, success } = await new Deno.Command(Deno.execPath(), {
      args: ["check", file],
      env: { NO_COLOR: "1" },
      stdout: "null",
      stderr: "piped",
    }).output();
    return success ? "" : new TextDecoder().decode(stderr);
  } finally {
    await Deno.remove(file);
  }
}

Deno.test("codegen writes the types that are used in the subtree, and interfaces of its shape", async () => {
  const text = generate(source);
  assertIncludes(text, "export type NumCelsius = number | Float;");
  assertIncludes(text, 'export type Lamp = "on" | "off";');
  assertEquals(text.includes("Other"), false, "not below home");
  const use = `
const home: Home = { door: { _: "on" }, hall: { lamp: { _: "off" }, attic: { temp: { _: 21.5 } } } };
export const lamp: Lamp | undefined = home.door?._;
// @ts-expect-error: no lamp
export const wrong: Home = { door: { _: "maybe" } };
`;
  assertEquals(
    await check(text.replace("@moat/kv", new URL("../../../../wire/value.ts", import.meta.url).href) + use),
    "",
  );
});

Deno.test("codegen of everything, of nothing, and of a place that only a wildcard reaches", () => {
  assertIncludes(generate({ ...source, path: P(":") }), "export interface Root {");
  assertIncludes(generate({ ...source, path: P("nowhere") }), "export interface Nowhere {");
  assertIncludes(generate({ ...source, path: P("home.attic") }), "readonly temp?: HomeAtticTemp;");
});
