/**
 * A path: the immutable sequence of elements that names an entry. `P("a.b:3")` is `["a", "b", 3]`.
 *
 * | element | here | printed |
 * | --- | --- | --- |
 * | text | `string` | `a`, the empty one `:e` |
 * | integer | `number` (a safe integer) or `bigint` | `:3` |
 * | float | any other `number` | `:1:.5` |
 * | `True`, `False`, `None` | `true`, `false`, `null` | `:t`, `:f`, `:n` |
 * | bytes | `Uint8Array` | `:vabc` or `:y00ff` |
 * | tuple | nested {@linkcode Path} | `:1,'a'` |
 *
 * A float without a fraction is an integer here: `1` and `1.0` name one entry, `True` and `1` two.
 *
 * Source: `spec/client-protocol.md` section 2.
 *
 * @module
 */

import { RequestError } from "../errors.ts";
import { Float } from "../value.ts";
import { printPath } from "./print.ts";

/** One element of a {@linkcode Path}, in its canonical form. A `number` that is a safe integer is an int, else a float. */
export type PathElement = string | number | bigint | boolean | null | Uint8Array | Path;

/** What may be given for an element: also a {@linkcode Float}, and an array for a tuple. */
export type PathInput = PathElement | Float | readonly PathInput[];

/** An immutable path. Made by `P`, `parsePath` or {@linkcode Path.of}. */
export class Path implements Iterable<PathElement> {
  /** The path without elements, which names the root. It prints as `:`. */
  static readonly root: Path = new Path([], "");

  private constructor(
    /** The elements, first to last. */
    readonly elements: readonly PathElement[],
    /** The mark, a tag on the whole path; empty if there is none. The server's own paths have none. */
    readonly mark: string,
  ) {}

  /** The path of these elements: `Path.of("a", 3, [1, 2])` prints as `a:3:1,2`. */
  static of(...elements: readonly PathInput[]): Path {
    return elements.length === 0 ? Path.root : new Path(elements.map(toElement), "");
  }

  /** The path of these elements, from any iterable, with a mark. */
  static from(elements: Iterable<PathInput>, mark: string = ""): Path {
    return new Path(Array.from(elements, toElement), mark);
  }

  /** As {@linkcode Path.from}, for elements that are canonical already, in an array that nobody changes any more. */
  static fromCanonical(elements: readonly PathElement[], mark: string = ""): Path {
    return new Path(elements, mark);
  }

  /** The number of elements. */
  get length(): number {
    return this.elements.length;
  }

  /** The element at `index`; negative counts from the end. */
  at(index: number): PathElement | undefined {
    return this.elements.at(index);
  }

  /** This path and one element more. */
  child(element: PathInput): Path {
    return new Path([...this.elements, toElement(element)], this.mark);
  }

  /** This path, then `tail`. The mark is this one's, or `tail`'s if this has none. */
  concat(tail: Path): Path {
    return tail.length === 0 ? this : new Path([...this.elements, ...tail.elements], this.mark || tail.mark);
  }

  /** The elements from `start` up to and without `end`, as `Array.slice` counts them. */
  slice(start?: number, end?: number): Path {
    return new Path(this.elements.slice(start, end), this.mark);
  }

  /** The same elements with another mark; `""` removes it. */
  marked(mark: string): Path {
    return mark === this.mark ? this : new Path(this.elements, mark);
  }

  /** Whether the first elements are those of `prefix`. Marks do not count. */
  startsWith(prefix: Path): boolean {
    return prefix.length <= this.length &&
      prefix.elements.every((element, i) => sameElement(element, this.elements[i]));
  }

  /** Whether `other` is a path of the same elements and mark. */
  equals(other: unknown): boolean {
    return other instanceof Path && other.length === this.length && other.mark === this.mark && this.startsWith(other);
  }

  /** Iterates over the elements. */
  [Symbol.iterator](): Iterator<PathElement> {
    return this.elements[Symbol.iterator]();
  }

  /** The text that `parsePath` reads back as this path. */
  toString(): string {
    return printPath(this.elements, this.mark);
  }

  /** As {@linkcode Path.toString}, for `JSON.stringify`. */
  toJSON(): string {
    return this.toString();
  }

  /** How consoles show it: `P(a.b:3)`. */
  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return `P(${this.toString()})`;
  }
}

/** Whether two elements name the same child. */
export function sameElement(a: PathElement, b: PathElement): boolean {
  if (a === b) return true;
  if (a instanceof Path) return b instanceof Path && a.length === b.length && a.startsWith(b);
  if (a instanceof Uint8Array) {
    return b instanceof Uint8Array && a.length === b.length && a.every((byte, i) => byte === b[i]);
  }
  return false;
}

/**
 * The canonical form of an element: floats and bigints that are safe integers become such numbers, arrays become
 * nested paths, bytes are copied.
 * @throws {RequestError} If it cannot be an element: NaN, an integer below −2^63, a map, …
 */
export function toElement(input: PathInput): PathElement {
  switch (typeof input) {
    case "string":
      if (!input.isWellFormed()) throw new RequestError("value", "A path element cannot hold half a surrogate pair");
      return input;
    case "boolean":
      return input;
    case "number":
      return numberElement(input);
    case "bigint":
      return integerElement(input);
    case "object":
      if (input === null) return null;
      if (input instanceof Uint8Array) return input.slice();
      if (input instanceof Path) return input.mark === "" ? input : input.marked("");
      if (input instanceof Float) return numberElement(input.valueOf());
      if (Array.isArray(input)) return Path.from(input);
  }
  throw new RequestError("value", `A path element cannot be ${describe(input)}`);
}

/** The element of a float: the integer if it is one, else the float. */
export function numberElement(x: number): number | bigint {
  if (Number.isSafeInteger(x)) return x + 0; // −0 → 0
  if (Number.isNaN(x)) throw new RequestError("value", "A path element cannot be NaN");
  return Number.isInteger(x) && x >= -(2 ** 63) ? BigInt(x) : x;
}

/** The element of an integer of any size. */
export function integerElement(n: bigint): number | bigint {
  if (n >= BigInt(Number.MIN_SAFE_INTEGER) && n <= BigInt(Number.MAX_SAFE_INTEGER)) return Number(n);
  if (n < -(2n ** 63n)) throw new RequestError("value", "A path element cannot be an integer below −2^63");
  return n;
}

function describe(input: unknown): string {
  if (input === undefined) return "undefined";
  return typeof input === "object" ? `a ${(input as object).constructor?.name ?? "map"}` : `a ${typeof input}`;
}
