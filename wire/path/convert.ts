/**
 * The text of a typed path element → the element.
 *
 * @module
 */

import { literal } from "./literal.ts";
import { integerElement, type PathElement, toElement } from "./path.ts";

export { NotLiteral } from "./literal.ts";

/** How the text of an element is read. */
export type Conversion = "none" | "literal" | "hex" | "binary" | "hexBytes" | "textBytes" | "base64Bytes";

/**
 * Reads an element's text.
 * @throws {Error} If the text is not of this kind
 */
export function convert(text: string, conversion: Conversion): PathElement {
  switch (conversion) {
    case "none":
      return toElement(text);
    case "literal":
      return literal(text);
    case "hex":
      return integer(text, 16);
    case "binary":
      return integer(text, 2);
    case "hexBytes":
      return hexBytes(text);
    case "textBytes":
      return textBytes(text);
    case "base64Bytes":
      return base64Bytes(text);
  }
}

/** Sign, prefix, blanks around and `_` between digits are allowed, as in Python's `int()`. */
function integer(text: string, base: 16 | 2): number | bigint {
  const form = base === 16
    ? /^([+-]?)(?:0[xX]_?)?([0-9a-fA-F]+(?:_[0-9a-fA-F]+)*)$/
    : /^([+-]?)(?:0[bB]_?)?([01]+(?:_[01]+)*)$/;
  const [, sign, digits] = form.exec(text.trim()) ?? fail();
  const n = BigInt((base === 16 ? "0x" : "0b") + digits.replaceAll("_", ""));
  return integerElement(sign === "-" ? -n : n);
}

/** Blanks are allowed between bytes. */
function hexBytes(text: string): Uint8Array {
  if (!/^\s*(?:[0-9a-fA-F]{2}\s*)*$/.test(text)) fail();
  return Uint8Array.from(text.match(/\S{2}/g) ?? [], (pair) => parseInt(pair, 16));
}

function textBytes(text: string): Uint8Array {
  return Uint8Array.from(text, (char) => char <= "\x7f" ? char.charCodeAt(0) : fail());
}

/** Standard base64 with padding. */
function base64Bytes(text: string): Uint8Array {
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text)) fail();
  return Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
}

function fail(): never {
  throw new SyntaxError("not of this kind");
}
