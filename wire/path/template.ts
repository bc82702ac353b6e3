/**
 * `P`, the short way to write a path.
 *
 * @module
 */

import { parsePath, PathSyntaxError } from "./parse.ts";
import { Path, type PathElement, type PathInput } from "./path.ts";

/** The path of each template in the source, its values still open. */
const skeletons = new WeakMap<TemplateStringsArray, Path>();

/**
 * A path from its text, or from a template in which each value is one element; a path as value is spliced in.
 * @example P("a.b:3"), P`sensors.${name}:3`, P`${P("sensors")}.${name}`
 * @throws {PathSyntaxError} If the text is no path, or a value is only part of an element
 */
export function P(text: string | TemplateStringsArray, ...values: readonly PathInput[]): Path {
  if (typeof text === "string") return parsePath(text);
  let skeleton = skeletons.get(text);
  if (skeleton === undefined) skeletons.set(text, skeleton = parseSkeleton(text));
  if (values.length === 0) return skeleton;
  return Path.from(skeleton.elements.flatMap((element) => fill(element, values)), skeleton.mark);
}

function parseSkeleton(pieces: TemplateStringsArray): Path {
  const text = pieces.reduce((joined, piece, i) => `${joined}⟦${i - 1}⟧${piece}`);
  try {
    const path = parsePath(text);
    const whole = path.elements.filter((element) => valueIndex(element) >= 0).length;
    if (whole === pieces.length - 1) return path;
  } catch (error) {
    if (!(error instanceof PathSyntaxError)) throw error;
    throw new PathSyntaxError(readable(error.message), readable(text), error.position);
  }
  throw new PathSyntaxError(`A value must be a whole element: ${readable(text)}`, readable(text), 0);
}

/** The number of the value that this element stands for (`⟦0⟧`), −1 if it stands for itself. */
function valueIndex(element: PathElement): number {
  return typeof element === "string" && /^⟦\d+⟧$/.test(element) ? parseInt(element.slice(1)) : -1;
}

function fill(element: PathElement, values: readonly PathInput[]): readonly PathInput[] {
  const index = valueIndex(element);
  if (index < 0) return [element];
  const value = values[index];
  return value instanceof Path ? value.elements : [value];
}

function readable(text: string): string {
  return text.replaceAll(/⟦\d+⟧/g, "${…}");
}
