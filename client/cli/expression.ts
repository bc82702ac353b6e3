/**
 * Evaluates the argument of `-e`: Python literals, as the original's users know them.
 *
 * ```text
 * 42  -7  1.5  1_000  0x1f  True  False  None  'text'  "text"  """text"""  r"\d"  b"bytes"
 * [1, 2]  (1, 2)  1,  {"a": 1, 2: [None]}
 * ```
 *
 * Tuples and lists become the same array. Nothing is computed: no names, no calls, no operators but the sign.
 *
 * @module
 */

import { Float, type Value } from "../../wire/value.ts";
import { ExpressionError, readQuoted, textStart } from "./expression_text.ts";
import { type Mapping, mappingOf } from "./mapping.ts";

export { ExpressionError };

/** Nested lists, tuples and mappings. */
const depthMax = 100;

/**
 * The value of a Python literal.
 * @throws {ExpressionError} If it is none; the message names the place
 */
export function evaluate(text: string): Value {
  const reader = new ExpressionReader(text);
  const value = reader.tupleOr(0, "");
  reader.end();
  return value;
}

const blank = /(?:\s|\\\n)*/y;
const float =
  /(?:(?:\d(?:_?\d)*)?\.\d(?:_?\d)*|\d(?:_?\d)*\.)(?:[eE][+-]?\d(?:_?\d)*)?|\d(?:_?\d)*[eE][+-]?\d(?:_?\d)*/y;
const integer = /0[xX](?:_?[0-9a-fA-F])+|0[oO](?:_?[0-7])+|0[bB](?:_?[01])+|[1-9](?:_?\d)*|0(?:_?0)*/y;
const word = /[\p{L}_][\p{L}\p{N}_]*/uy;

const operators = "+-*/%<>=!&|^";
const noOperators = "only values are understood, no operators";

/** What people write for Python's constants. */
const meant: Readonly<Record<string, string>> = {
  true: "True",
  false: "False",
  null: "None",
  none: "None",
  nil: "None",
};

class ExpressionReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  end(): void {
    const rest = this.#peek();
    if (rest !== "") this.#fail(operators.includes(rest) ? noOperators : "this does not belong here");
  }

  /** One value, or a tuple if a comma follows it; `close` may follow a trailing comma. */
  tupleOr(depth: number, close: string): Value {
    const first = this.#value(depth);
    if (this.#peek() !== ",") return first;
    const items = [first];
    while (this.#take(",") && this.#peek() !== close) items.push(this.#value(depth));
    return items;
  }

  #value(depth: number): Value {
    if (depth > depthMax) this.#fail(`nested deeper than ${depthMax}`);
    const char = this.#peek();
    if (this.#match(textStart, false) !== undefined) return this.#texts();
    if (this.#take("(")) return this.#parenthesis(depth + 1);
    if (this.#take("[")) return this.#items("]", depth + 1);
    if (this.#take("{")) return this.#mapping(depth + 1);
    if (char === "-" || char === "+" || char === "." || char >= "0" && char <= "9") return this.#number();
    return this.#constant();
  }

  #constant(): Value {
    const at = this.#at;
    const name = this.#match(word);
    if (name === "True" || name === "False") return name === "True";
    if (name === "None") return null;
    if (name === undefined) this.#fail(this.#at === this.#text.length ? "a value is missing" : "this is no value");
    const hint = meant[name.toLowerCase()];
    this.#fail(hint ? `write ${hint}` : `'${name}' is a name; write '"${name}"' for the text, or use -v`, at);
  }

  #number(): Value {
    let negative = false;
    for (let sign = this.#peek(); sign === "-" || sign === "+"; sign = this.#peek()) {
      negative = negative !== (sign === "-");
      this.#at++;
    }
    const fraction = this.#match(float);
    const whole = fraction === undefined ? this.#match(integer) : undefined;
    if (fraction === undefined && whole === undefined) this.#fail("a number is expected");
    if (this.#match(/[jJ]\b/y) !== undefined) this.#fail("complex numbers cannot be stored");
    if (this.#match(/[\p{L}\p{N}_]/uy, false) !== undefined) this.#fail("this is no number");
    if (fraction === undefined) return integerOf(whole!.replaceAll("_", ""), negative);
    const x = Number(fraction.replaceAll("_", "")) * (negative ? -1 : 1);
    return Number.isInteger(x) ? new Float(x) : x;
  }

  /** Adjacent texts are one, as in Python. */
  #texts(): Value {
    const at = this.#at;
    let sum = this.#oneText();
    while (this.#match(textStart, false) !== undefined) {
      const next = this.#oneText();
      if (typeof sum === "string" && typeof next === "string") sum += next;
      else if (typeof sum !== "string" && typeof next !== "string") sum = Uint8Array.of(...sum, ...next);
      else this.#fail("text and bytes cannot be joined", at);
    }
    return sum;
  }

  #oneText(): string | Uint8Array {
    const { value, end } = readQuoted(this.#text, this.#at);
    this.#at = end;
    this.#match(blank);
    return value;
  }

  #parenthesis(depth: number): Value {
    if (this.#peek() === ")") return this.#items(")", depth);
    const value = this.tupleOr(depth, ")");
    this.#expect(")");
    return value;
  }

  #items(close: string, depth: number): Value[] {
    const items: Value[] = [];
    while (this.#peek() !== close) {
      items.push(this.#value(depth));
      if (this.#peek() !== close) this.#expect(",", close);
    }
    this.#at++;
    return items;
  }

  #mapping(depth: number): Mapping {
    const entries: [Value, Value][] = [];
    while (this.#peek() !== "}") {
      const at = this.#at;
      const key = this.#value(depth);
      if (this.#peek() === "," || this.#peek() === "}") this.#fail("sets cannot be stored", at);
      if (!isHashable(key)) this.#fail("a mapping cannot be a key", at);
      this.#expect(":");
      entries.push([key, this.#value(depth)]);
      if (this.#peek() !== "}") this.#expect(",", "}");
    }
    this.#at++;
    return mappingOf(entries);
  }

  #expect(char: string, or?: string): void {
    if (this.#take(char)) return;
    const next = this.#peek();
    const wanted = or === undefined ? `'${char}'` : `'${char}' or '${or}'`;
    if (operators.includes(next)) this.#fail(next === "" ? `${wanted} is missing` : noOperators);
    this.#fail(`${wanted} is expected here`);
  }

  /** The next character that is no blank; empty at the end. */
  #peek(): string {
    this.#match(blank);
    return this.#text[this.#at] ?? "";
  }

  #take(char: string): boolean {
    if (this.#peek() !== char) return false;
    this.#at++;
    return true;
  }

  #match(pattern: RegExp, eat: boolean = true): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    if (found !== undefined && eat) this.#at += found.length;
    return found;
  }

  #fail(reason: string, at: number = this.#at): never {
    throw new ExpressionError(this.#text, at, reason);
  }
}

function integerOf(digits: string, negative: boolean): number | bigint {
  const n = negative ? -BigInt(digits) : BigInt(digits);
  return n >= Number.MIN_SAFE_INTEGER && n <= Number.MAX_SAFE_INTEGER ? Number(n) : n;
}

function isHashable(key: Value): boolean {
  if (Array.isArray(key)) return key.every(isHashable);
  return typeof key !== "object" || key === null || key instanceof Float || key instanceof Uint8Array;
}
