/**
 * Quoted texts and bytes of Python expressions.
 *
 * @module
 */

import { KvError } from "../../wire/errors.ts";
import { escapes } from "../../wire/path/escapes.ts";

/** A text is no expression that can be evaluated. */
export class ExpressionError extends KvError {
  override name = "SyntaxError";
  /** @param text The whole expression @param position Where in it, from 0 @param reason What is wrong there */
  constructor(readonly text: string, readonly position: number, readonly reason: string) {
    super(`Cannot evaluate '${text}' at ${position}: ${reason}`);
  }
}

/** Where a quoted text begins: its prefix and the first quotation mark. */
export const textStart: RegExp = /[rRbBuU]{0,2}['"]/y;

/** What a quoted text means, and where it ends. */
export interface QuotedText {
  readonly value: string | Uint8Array;
  readonly end: number;
}

const opening = /([rRbBuU]{0,2})('''|"""|'|")/y;

/**
 * Reads the quoted text at `start`: `'a'`, `"""a"""`, `r'\d'`, `b'\xff'`.
 * @throws {ExpressionError} If it is not closed or holds what it cannot hold
 */
export function readQuoted(text: string, start: number): QuotedText {
  opening.lastIndex = start;
  const [open, letters, mark] = opening.exec(text)!;
  const prefix = letters.toLowerCase();
  if (!["", "r", "b", "u", "rb", "br"].includes(prefix)) {
    throw new ExpressionError(text, start, `there is no prefix '${letters}'`);
  }
  const from = start + open.length;
  const to = closing(text, from, mark);
  if (to === undefined) throw new ExpressionError(text, start, `the text is not closed: ${mark} is missing`);
  const body = text.slice(from, to);
  const isBytes = prefix.includes("b");
  // deno-lint-ignore no-control-regex -- ASCII begins with them
  const foreign = isBytes ? body.search(/[^\x00-\x7f]/) : -1;
  if (foreign >= 0) throw new ExpressionError(text, from + foreign, "bytes hold ASCII characters and escapes only");
  const content = prefix.includes("r") ? body : unescape(text, body, from, isBytes);
  return { value: isBytes ? toBytes(content) : toText(text, content, from), end: to + mark.length };
}

/** Where the text ends; one with a single mark ends within its line. */
function closing(text: string, from: number, mark: string): number | undefined {
  for (let i = from; i < text.length; i++) {
    if (text[i] === "\\") i++;
    else if (text.startsWith(mark, i)) return i;
    else if (text[i] === "\n" && mark.length === 1) return undefined;
  }
  return undefined;
}

const textEscape = /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{1,3})|([^]))/g;
const bytesEscape = /\\(?:x([0-9a-fA-F]{2})|(?!)()|(?!)()|([0-7]{1,3})|([^]))/g;

/** Resolves backslashes; unknown ones stay, as in Python. */
function unescape(text: string, body: string, from: number, isBytes: boolean): string {
  if (!body.includes("\\")) return body;
  return body.replace(isBytes ? bytesEscape : textEscape, (all, x, u, U, octal, char, offset: number) => {
    if (octal !== undefined) return String.fromCharCode(parseInt(octal, 8) & (isBytes ? 0xff : 0x1ff));
    const code = x ?? u ?? U;
    if (code !== undefined) {
      const point = parseInt(code, 16);
      if (point > 0x10ffff) throw new ExpressionError(text, from + offset, `there is no character ${all}`);
      return String.fromCodePoint(point);
    }
    if (char === "x" || !isBytes && "uUN".includes(char)) {
      throw new ExpressionError(text, from + offset, `'\\${char}' is cut short or not supported`);
    }
    return escapes[char] ?? all;
  });
}

function toText(text: string, content: string, at: number): string {
  if (content.isWellFormed()) return content;
  throw new ExpressionError(text, at, "half a surrogate pair cannot be stored");
}

function toBytes(content: string): Uint8Array {
  return Uint8Array.from(content, (char) => char.charCodeAt(0));
}
