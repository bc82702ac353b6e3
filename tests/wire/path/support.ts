/** What the path tests share: the vectors' JSON view of elements, and arbitrary paths. */

import fc from "fast-check";
import { Path, type PathElement, type PathInput } from "../../../wire/path/path.ts";

/** An element as `tests/vectors/README.md` writes it. */
export type JsonElement = string | number | boolean | null | { readonly [kind: string]: unknown };

/** Reads a JSON element. */
export function elementFromJson(json: JsonElement): PathInput {
  if (typeof json !== "object" || json === null) return json;
  const [kind, content] = Object.entries(json)[0];
  switch (kind) {
    case "$float":
      return Number(String(content).replace("inf", "Infinity"));
    case "$int":
      return BigInt(String(content));
    case "$bin":
      return bytesFromHex(String(content));
    case "$tuple":
    case "$path":
      return (content as JsonElement[]).map(elementFromJson);
  }
  throw new Error(`Unknown kind ${kind}`);
}

/** `"ff00"` → bytes. */
export function bytesFromHex(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}

/** Bytes → `"ff00"`. */
export function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The records of one vector file. */
export async function readVectors<T>(name: string): Promise<T[]> {
  const text = await Deno.readTextFile(new URL(`../../vectors/${name}`, import.meta.url));
  const lines = text.replaceAll(/: (?:NaN|-?Infinity)/g, ": null").trimEnd().split("\n"); // Python's JSON has these
  return lines.map((line) => JSON.parse(line));
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
