/**
 * The slash form of a path, as topics and URLs use it: `sensors/room 1/:3` is `["sensors", "room 1", 3]`.
 *
 * Each element is one segment. In a text, `::` is a colon and `:|` a slash; dots and blanks stand for themselves. An empty
 * segment is the empty text. A segment that starts with another colon is the element of that code in the dot form. The
 * empty path is `:m`.
 *
 * Source: `spec/client-protocol.md` 2.7; escapes are read from left to right, where the original takes them in turn.
 *
 * @module
 */

import { convert } from "./convert.ts";
import { constants, conversions, PathSyntaxError } from "./parse.ts";
import { Path, type PathElement } from "./path.ts";
import { printLiteral, printSpecial } from "./print.ts";

/** Prints a path in slash form. */
export function printSlashPath(path: Path): string {
  const segments = path.elements.map(printSegment);
  if (path.length === 0 || path.mark !== "") segments.unshift(`:m${path.mark}`);
  return segments.join("/");
}

/**
 * Reads a path from its slash form.
 * @throws {PathSyntaxError} If it is none
 */
export function parseSlashPath(text: string): Path {
  const elements: PathElement[] = [];
  let mark = "";
  text.split("/").forEach((segment, i) => {
    const own = /^:m(.*)$/s.exec(segment)?.[1];
    if (own === undefined) elements.push(parseSegment(segment, text, i + 1));
    else if (mark !== "" && own !== "" && own !== mark) fail(text, i + 1);
    else mark ||= own;
  });
  return Path.from(elements, mark);
}

function printSegment(element: PathElement): string {
  if (typeof element === "string") return element.replaceAll(":", "::").replaceAll("/", ":|");
  return printSpecial(element, (text) => text.replaceAll(":", "::").replaceAll("/", ":|").replaceAll(" ", ":_"));
}

function parseSegment(segment: string, text: string, part: number): PathElement {
  if (!/^:(?![:|_])/.test(segment)) return unescape(segment);
  const code = unescape(segment.slice(1));
  const constant = code === "e" ? undefined : constants.get(code);
  if (constant !== undefined) return constant;
  const conversion = conversions.get(code[0]);
  try {
    return conversion === undefined ? convert(code, "literal") : convert(code.slice(1), conversion);
  } catch {
    return fail(text, part);
  }
}

function unescape(text: string): string {
  return text.replaceAll(/:([:|_])/g, (_, code: string) => code === ":" ? ":" : code === "|" ? "/" : " ");
}

function fail(text: string, part: number): never {
  throw new PathSyntaxError(`Cannot eval ${printLiteral(text)}, part ${part}`, text, 0);
}
