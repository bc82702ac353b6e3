/**
 * Text → path: dots separate, a colon escapes a character or starts an element that is no plain text.
 *
 * | code | means |
 * | --- | --- |
 * | `:.` `::` `:_` | dot, colon, space within a text |
 * | `:t` `:f` `:n` `:e` | True, False, None, the empty text |
 * | `:x1f` `:b101` | an integer in hex, in binary |
 * | `:vabc` `:y616263` `:sYWJj` | bytes as text, in hex, in base64 |
 * | `:3` `:1:.5` `:'a'` `:1,2` `:i…` | a Python literal |
 * | `:mX` | the mark of the whole path |
 *
 * Source: `spec/client-protocol.md` 2.1 to 2.4.
 *
 * @module
 */

import { KvError } from "../errors.ts";
import { type Conversion, convert, NotLiteral } from "./convert.ts";
import { Path, type PathElement } from "./path.ts";
import { printLiteral } from "./print.ts";

/** A text is no path. The message is the original's: `Cannot parse 'a..b' at 2`. */
export class PathSyntaxError extends KvError {
  /** The name that the original gives it. */
  override name = "SyntaxError";
  /**
   * A text that is no path.
   * @param message What is wrong
   * @param text The whole text
   * @param position Where in it, in characters from 0
   */
  constructor(message: string, readonly text: string, readonly position: number) {
    super(message);
  }
}

/** Longer texts are refused unread: the encoded path would exceed its limit, or nearly. */
const textLengthMax = 64 * 1024;

/**
 * Reads a path from its text form.
 * @throws {PathSyntaxError} If it is none
 * @example parsePath("a.b:3").elements // ["a", "b", 3]
 */
export function parsePath(text: string): Path {
  if (text === "") throw new PathSyntaxError("The empty string is not a path", text, 0);
  if (text === ":") return Path.root;
  if (text.length > textLengthMax) throw new PathSyntaxError("The path is too long", text, textLengthMax);
  if (/^:m[^:._]+:$/.test(text)) return Path.root.marked(text.slice(2, -1));
  return new Parser(text).path();
}

/** What is under construction: nothing yet, an element's text, a constant just ended, or a dot that wants an element. */
type State = "start" | "text" | "closed" | "dot";

/** What each letter stands for, as a whole element. */
export const constants: ReadonlyMap<string, PathElement> = new Map<string, PathElement>([
  ["e", ""],
  ["t", true],
  ["f", false],
  ["n", null],
]);

/** The letters that start a typed element. */
export const conversions: ReadonlyMap<string, Conversion> = new Map<string, Conversion>([
  ["i", "literal"],
  ["x", "hex"],
  ["b", "binary"],
  ["y", "hexBytes"],
  ["v", "textBytes"],
  ["s", "base64Bytes"],
]);

class Parser {
  readonly #text: string;
  readonly #elements: PathElement[] = [];
  #mark = "";
  #state: State = "start";
  #part = "";
  #conversion: Conversion = "none";
  /** Where the current token begins. */
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  path(): Path {
    let escaped = false;
    for (const token of this.#text.match(/[^:._]+|[:._]/g) ?? []) {
      if (escaped) this.#escaped(token);
      else if (token === ".") this.#dot();
      else if (token !== ":") this.#plain(token);
      escaped = !escaped && token === ":";
      this.#at += token.length;
    }
    if (escaped || this.#state === "dot") this.#fail();
    this.#finish("closed");
    return Path.from(this.#elements, this.#mark);
  }

  /** A token behind a colon. */
  #escaped(token: string): void {
    if (token === ":" || token === ".") return this.#append(token);
    if (token === "_") return this.#append(" ");
    const constant = constants.get(token);
    if (constant !== undefined) return this.#constant(constant);
    if (/^[PQRS]$/.test(token)) return this.#fail(`The root ':${token}' is not known here, used`);
    if (token.startsWith("m") && token.length > 1) return this.#setMark(token.slice(1));
    const conversion = conversions.get(token[0]);
    if (conversion !== undefined) return this.#open(conversion, token.slice(1));
    if (this.#state === "dot") this.#fail();
    this.#open("literal", token);
  }

  #constant(constant: PathElement): void {
    if (this.#state === "dot") this.#fail("Cannot use None");
    this.#finish("closed");
    this.#elements.push(constant);
  }

  #setMark(mark: string): void {
    this.#finish("closed");
    if (this.#mark !== "" && this.#mark !== mark) this.#fail(`Conflicting tags: ${this.#mark} vs. ${mark}`);
    this.#mark = mark;
  }

  #dot(): void {
    if (this.#state === "start" || this.#state === "dot") this.#fail();
    this.#finish("dot");
  }

  #plain(token: string): void {
    if (this.#state === "closed") this.#fail();
    this.#append(token);
  }

  #append(text: string): void {
    if (this.#state !== "text") this.#part = "", this.#conversion = "none";
    this.#state = "text";
    this.#part += text;
  }

  #open(conversion: Conversion, text: string): void {
    this.#finish("text");
    this.#part = text;
    this.#conversion = conversion;
  }

  /** Ends the element whose text is being collected, if any. */
  #finish(next: State): void {
    if (this.#state === "text") this.#elements.push(this.#converted());
    this.#state = next;
  }

  #converted(): PathElement {
    try {
      return convert(this.#part, this.#conversion);
    } catch (error) {
      const reason = error instanceof NotLiteral && error.reason !== "" ? `: ${error.reason}` : "";
      return this.#fail(`Cannot eval ${printLiteral(this.#part)}`, reason);
    }
  }

  #fail(what: string = `Cannot parse ${printLiteral(this.#text)}`, reason: string = ""): never {
    const position = [...this.#text.slice(0, this.#at)].length;
    throw new PathSyntaxError(`${what} at ${position}${reason}`, this.#text, position);
  }
}
