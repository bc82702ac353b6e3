/** Values for property tests. */

import fc from "fast-check";
import { Path } from "../../wire/path/path.ts";
import { Float, type Value } from "../../wire/value.ts";
import { mappingOf } from "../../client/cli/mapping.ts";

/** Numbers of every kind, in the shape that the decoder gives them. */
export const anyNumber: fc.Arbitrary<Value> = fc.oneof(
  fc.integer(),
  fc.maxSafeInteger(),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 90n }).map((n) =>
    n >= Number.MIN_SAFE_INTEGER && n <= Number.MAX_SAFE_INTEGER ? Number(n) : n
  ),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((x) => Number.isInteger(x) ? new Float(x) : x),
);

/** Texts, also odd ones. */
export const anyText: fc.Arbitrary<string> = fc.oneof(
  fc.string({ unit: "binary", maxLength: 20 }),
  fc.string({ maxLength: 40 }),
  fc.stringMatching(/^[-a-z0-9:#'"\n ,.\[\]{}!&*|>%@`~=?\\]{0,20}$/),
  fc.constantFrom(
    "null",
    "true",
    "yes",
    "1e5",
    "0x10",
    "2020-01-01",
    "~",
    "- a",
    "a: b",
    "a #b",
    "---",
    "...",
    "12:30",
  ),
  fc.constantFrom("\n", "a\n", "a\n\n", "\na", " a\nb", "a\n b\n", "a \nb", "a\tb", "\u2028", "\ufeff", "\u0085", "<<"),
);

const anyKey: fc.Arbitrary<Value> = fc.oneof(
  { arbitrary: anyText, weight: 5 },
  fc.constantFrom(null, true, false),
  fc.integer(),
  fc.uint8Array({ maxLength: 5 }),
  fc.array(fc.integer(), { maxLength: 3 }),
);

/** Values without paths. */
export const anyValue: fc.Arbitrary<Value> = fc.letrec<{ value: Value }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.constantFrom(null, true, false),
    anyNumber,
    anyText,
    fc.uint8Array({ maxLength: 70 }),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.uniqueArray(fc.tuple(anyKey, tie("value")), { maxLength: 4, selector: ([key]) => keyName(key) }).map(mappingOf),
  ),
})).value;

function keyName(key: Value): string {
  return key instanceof Uint8Array ? `bytes ${key}` : Array.isArray(key) ? `tuple ${key}` : `${typeof key} ${key}`;
}

/** Paths. */
export const anyPath: fc.Arbitrary<Path> = fc.array(
  fc.oneof(anyText, fc.integer(), fc.constantFrom(null, true, false)),
  {
    maxLength: 5,
  },
).map((elements) => Path.from(elements.map((e) => typeof e === "string" ? e.toWellFormed() : e)));
