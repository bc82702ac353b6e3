/** Arbitrary paths, and how tests show them. */

import fc from "fast-check";
import { Path, type PathElement, type PathInput } from "../../../wire/path/path.ts";
import { type Json, valueOf } from "../../support/vectors.ts";

/** The element that a JSON view stands for. */
export function elementOfJson(json: Json): PathInput {
  return valueOf(json) as PathInput;
}

const text = fc.oneof(
  fc.string({ unit: "binary", maxLength: 8 }),
  fc.string({ unit: fc.constantFrom("a", ".", ":", "_", " ", "/", "'", '"', "\\", "é", "|", "\n"), maxLength: 8 }),
);

const integer = fc.oneof(fc.integer(), fc.maxSafeInteger(), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 90n }));

/** Any element; tuples up to three levels deep. */
export const anyElement: fc.Arbitrary<PathInput> = fc.letrec<{ element: PathInput }>((tie) => ({
  element: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    text,
    integer,
    fc.double({ noNaN: true }),
    fc.constantFrom(true, false, null),
    fc.uint8Array({ maxLength: 6 }),
    fc.array(tie("element"), { maxLength: 3 }),
  ),
})).element;

/** Any path, now and then with a mark. */
export const anyPath: fc.Arbitrary<Path> = fc.tuple(
  fc.array(anyElement, { maxLength: 5 }),
  fc.oneof({ weight: 9, arbitrary: fc.constant("") }, fc.stringMatching(/^[a-zA-Z#+-]{1,3}$/)),
).map(([elements, mark]) => Path.from(elements, mark));

/** Shows elements so that `deepStrictEqual` tells all kinds apart. */
export function plain(elements: Iterable<PathElement>): unknown[] {
  return Array.from(elements, (element) => element instanceof Path ? { tuple: plain(element) } : element);
}
