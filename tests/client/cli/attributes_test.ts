import { applyChanges, attributeChanges, planAttributes } from "../../../client/cli/attributes.ts";
import { UsageError } from "../../../client/cli/errors.ts";
import { ExpressionError } from "../../../client/cli/expression.ts";
import { MappingError } from "../../../client/cli/mapping.ts";
import { MoatCommand } from "../../../client/cli/options.ts";
import type { AttributeOptions } from "../../../client/cli/attributes.ts";
import { P } from "../../../wire/path/template.ts";
import { PathSyntaxError } from "../../../wire/path/parse.ts";
import type { Value } from "../../../wire/value.ts";
import { assertEquals, assertThrows } from "../../support/assert.ts";

const command = new MoatCommand("set");

function apply(value: Value | undefined, options: AttributeOptions): Value | undefined {
  return applyChanges(value, planAttributes(options, command).changes);
}

Deno.test("attributes build one mapping of several options", () => {
  assertEquals(apply(undefined, { var: [["one", "XXX"]], eval: [["two", "2"]] }), { one: "XXX", two: 2 });
});

Deno.test("attributes change a part and keep the others", () => {
  assertEquals(apply({ one: "XXX", two: 2 }, { eval: [["one", "1"]] }), { one: 1, two: 2 });
});

Deno.test("attributes apply texts, then expressions, then paths, whatever their order on the line", () => {
  assertEquals(apply(undefined, { eval: [["x", "1"]], var: [["x", "2"]] }), { x: 1 });
  assertEquals(apply(undefined, { eval: [["x", "1"]], path: [["x", "a.b"]] }), { x: P("a.b") });
  assertEquals(apply(undefined, { eval: [["x", "1"], ["x", "2"]] }), { x: 2 });
});

Deno.test("attributes with an empty path replace the whole value", () => {
  assertEquals(apply({ a: 1 }, { var: [[":", "s"]] }), "s");
  assertEquals(apply({ a: 1 }, { eval: [[":", '{"b": 2}']] }), { b: 2 });
  assertEquals(apply({ a: 1 }, { eval: [[":", "-"]] }), undefined);
  assertEquals(planAttributes({ var: [[":", "s"]] }, command).whole, true);
});

Deno.test("attributes refuse to set the whole value and something else", () => {
  const conflicts: AttributeOptions[] = [
    { var: [[":", "s"], ["a", "b"]] },
    { var: [[":", "s"]], eval: [[":", "1"]] },
    { eval: [["a", "1"]], path: [[":", "a"]] },
  ];
  for (const options of conflicts) {
    assertThrows(() => planAttributes(options, command), UsageError, "Setting a single value conflicts.");
  }
});

Deno.test("attributes create mappings on the way, also in place of a scalar at the top", () => {
  assertEquals(apply(undefined, { eval: [["a.b.c", "1"]] }), { a: { b: { c: 1 } } });
  assertEquals(apply(5, { eval: [["a", "1"]] }), { a: 1 });
  assertEquals(apply({ a: { x: 1 } }, { eval: [["a.b", "2"]] }), { a: { x: 1, b: 2 } });
});

Deno.test("attributes combine mappings deeply; anything else is replaced", () => {
  assertEquals(apply({ a: { x: 1, y: { z: 1 } } }, { eval: [["a", '{"y": {"w": 2}, "v": 3}']] }), {
    a: { x: 1, y: { z: 1, w: 2 }, v: 3 },
  });
  assertEquals(apply({ a: [1, 2] }, { eval: [["a", "[3]"]] }), { a: [3] });
  assertEquals(apply({ a: { x: 1 } }, { eval: [["a", "3"]] }), { a: 3 });
});

Deno.test("attributes do not reach into what has no keys", () => {
  assertThrows(() => apply({ a: [1] }, { eval: [["a:0", "1"]] }), MappingError, "not a mapping");
  assertThrows(() => apply({ a: 1 }, { eval: [["a.b", "-"]] }), MappingError, "not a mapping");
});

Deno.test("attributes with '-' remove a part and the mappings that become empty", () => {
  assertEquals(apply({ a: { b: { c: 1 } }, d: 1 }, { eval: [["a.b.c", "-"]] }), { d: 1 });
  assertEquals(apply({ a: { b: 1, c: 2 } }, { eval: [["a.b", "-"]] }), { a: { c: 2 } });
  assertEquals(apply({ a: 1 }, { eval: [["a", "-"]] }), {});
  assertEquals(apply({ a: 1 }, { eval: [["nope.x", "-"]] }), { a: 1 });
});

Deno.test("attributes have no '/' where there are no variables", () => {
  assertThrows(() => planAttributes({ eval: [["a", "/"]] }, command), UsageError, "A slash value doesn't work here.");
  assertEquals(attributeChanges({ eval: [["a", "/"]] }), [{ place: P("a"), kind: "forget" }]);
});

Deno.test("attributes take keys of any kind", () => {
  assertEquals(apply(undefined, { eval: [["a:1", "2"]] }), { a: new Map([[1, 2]]) });
  assertEquals(apply(undefined, { eval: [[":0", "1"]] }), new Map([[0, 1]]));
  assertEquals(apply(new Map<Value, Value>([[[1, 2], 3]]), { eval: [[":1,2", "4"]] }), new Map([[[1, 2], 4]]));
  assertEquals(
    apply({ a: 1 }, { eval: [[":e", "1"], [":t", "2"]] }),
    new Map<Value, Value>([["a", 1], ["", 1], [true, 2]]),
  );
  assertEquals(apply({}, { var: [["__proto__", "x"]] }), new Map([["__proto__", "x"]]));
});

Deno.test("attributes name what they cannot read", () => {
  assertThrows(() => planAttributes({ eval: [["a", "foo"]] }, command), ExpressionError);
  assertThrows(() => planAttributes({ var: [["a..b", "foo"]] }, command), PathSyntaxError);
  assertThrows(() => planAttributes({ path: [["a", "b."]] }, command), PathSyntaxError);
});
