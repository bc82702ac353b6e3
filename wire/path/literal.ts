/**
 * Python literals as path elements: integers, floats, texts, `True`, `False`, `None`, bytes, tuples.
 *
 * The original evaluates arithmetic and comparisons too; here they are refused, because a path that computes helps
 * nobody and a text from a stranger is not to be run.
 *
 * @module
 */

import { escapes } from "./escapes.ts";
import { integerElement, numberElement, Path, type PathElement } from "./path.ts";

/** A text is no literal. `reason` is what to add for the reader, or empty. */
export class NotLiteral extends Error {
  /** @param reason Why, if that is worth saying */
  constructor(readonly reason: string = "") {
    super(reason);
  }
}

/**
 * Reads one literal. A comma at the top makes a tuple.
 * @throws {NotLiteral} If it is none
 * @example literal("1, (2, 'x')") // Path.of(1, ["2", "x"])
 */
export function literal(text: string): PathElement {
  const reader = new LiteralReader(text);
  const first = reader.element(0);
  if (reader.atEnd()) return first;
  const tuple = reader.tuple([first], 0);
  if (!reader.atEnd()) reader.refuse();
  return tuple;
}

const blank = /\s*/y;
const float =
  /(?:(?:\d(?:_?\d)*)?\.\d(?:_?\d)*|\d(?:_?\d)*\.)(?:[eE][+-]?\d(?:_?\d)*)?|\d(?:_?\d)*[eE][+-]?\d(?:_?\d)*/y;
const integer = /0[xX](?:_?[0-9a-fA-F])+|0[oO](?:_?[0-7])+|0[bB](?:_?[01])+|[1-9](?:_?\d)*|0(?:_?0)*/y;
const name = /[\p{L}_][\p{L}\p{N}_]*/uy;
const quoted = /([bB]?)('(?:[^'\\\n]|\\[^])*'|"(?:[^"\\\n]|\\[^])*")/y;
const constants: ReadonlyMap<string, boolean | null> = new Map([["True", true], ["False", false], ["None", null]]);
const depthMax = 100;

class LiteralReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  atEnd(): boolean {
    this.#match(blank);
    return this.#at === this.#text.length;
  }

  element(depth: number): PathElement {
    this.#match(blank);
    const string = this.#match(quoted);
    if (string !== undefined) return unquote(string);
    if (this.#take("(")) return this.#parenthesis(depth);
    const word = this.#match(name);
    if (word === undefined) return this.#number();
    if (!constants.has(word)) throw new NotLiteral();
    return constants.get(word)!;
  }

  #number(): PathElement {
    const sign = this.#sign();
    const fraction = this.#match(float);
    if (fraction !== undefined) return numberElement(sign * Number(fraction.replaceAll("_", "")));
    const whole = this.#match(integer);
    if (whole === undefined) throw new NotLiteral();
    return integerElement(BigInt(sign) * BigInt(whole.replaceAll("_", "")));
  }

  /** The rest of a tuple whose first elements are read; the next character is a comma or ends it. */
  tuple(elements: PathElement[], depth: number): Path {
    while (this.#take(",")) {
      if (this.atEnd() || this.#text[this.#at] === ")") break;
      elements.push(this.element(depth));
    }
    return Path.from(elements);
  }

  refuse(): never {
    const operator = /^\s*(?:[-+*/%<>=!^&|]|if\b|and\b|or\b|in\b|is\b|not\b)/.test(this.#text.slice(this.#at));
    throw new NotLiteral(operator ? "only literals and tuples are understood, no operators" : "");
  }

  #parenthesis(depth: number): PathElement {
    if (depth === depthMax) throw new NotLiteral(`nested deeper than ${depthMax}`);
    if (this.#take(")")) return Path.root;
    const first = this.element(depth + 1);
    if (this.#take(")")) return first;
    const tuple = this.tuple([first], depth + 1);
    if (!this.#take(")")) this.refuse();
    return tuple;
  }

  #sign(): 1 | -1 {
    let sign: 1 | -1 = 1;
    while (true) {
      if (this.#take("-")) sign = sign === 1 ? -1 : 1;
      else if (!this.#take("+")) return sign;
    }
  }

  #take(char: string): boolean {
    this.#match(blank);
    if (this.#text[this.#at] !== char) return false;
    this.#at++;
    return true;
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    if (found !== undefined) this.#at += found.length;
    return found;
  }
}

/** The content of a quoted text or, with a `b` in front, of bytes. */
function unquote(literal: string): string | Uint8Array {
  const isBytes = /^[bB]/.test(literal);
  const body = literal.slice(isBytes ? 2 : 1, -1);
  const hex = isBytes
    ? /\\(x[0-9a-fA-F]{2}|[0-7]{1,3}|[^])/g
    : /\\(x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[0-7]{1,3}|[^])/g;
  const text = body.replace(hex, (all, code: string) => {
    if (/^[xuU]./.test(code)) return codePoint(parseInt(code.slice(1), 16));
    if (/^[0-7]/.test(code)) return codePoint(parseInt(code, 8));
    if (!isBytes && /^[xuUN]/.test(code)) throw new NotLiteral();
    return escapes[code] ?? all;
  });
  if (!isBytes) return text.isWellFormed() ? text : fail();
  return Uint8Array.from(text, (char) => char.length === 1 && char <= "\xff" ? char.charCodeAt(0) : fail());
}

function codePoint(code: number): string {
  return code <= 0x10ffff ? String.fromCodePoint(code) : fail();
}

function fail(): never {
  throw new NotLiteral();
}
