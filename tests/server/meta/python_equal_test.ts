import { pythonEqual } from "../../../server/meta/python_equal.ts";
import { P } from "../../../wire/path/template.ts";
import { Float, type Value } from "../../../wire/value.ts";
import { assertEquals } from "../../support/assert.ts";

const cases: readonly (readonly [a: Value, b: Value, equal: boolean])[] = [
  [1, new Float(1), true],
  [1, true, true],
  [0, false, true],
  [2n ** 70n, 2n ** 70n, true],
  [1, "1", false],
  [null, 0, false],
  [[1, [2]], [new Float(1), [2]], true],
  [[1], [1, 2], false],
  [P("a.b"), ["a", "b"], true],
  [{ a: 1, b: 2 }, { b: new Float(2), a: 1 }, true],
  [{ a: 1 }, { a: 1, b: 2 }, false],
  [new Map<Value, Value>([[1, 2]]), new Map<Value, Value>([[1, 2]]), true],
  [Uint8Array.of(1), Uint8Array.of(1), true],
  ["a", Uint8Array.of(97), false],
];

Deno.test("pythonEqual() says what Python's == does", () => {
  for (const [a, b, equal] of cases) {
    assertEquals([pythonEqual(a, b), pythonEqual(b, a)], [equal, equal], Deno.inspect([a, b]));
  }
});
