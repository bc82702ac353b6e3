/**
 * `P`, the short way to write a path.
 *
 * @module
 */

import { parsePath } from "./parse.ts";
import { Path, type PathInput } from "./path.ts";

/**
 * A path from its text, or from a template whose values become one element each (a path is spliced in).
 * @example P("a.b:3"), P`sensors.${name}:3`
 */
export function P(text: string): Path;
export function P(text: TemplateStringsArray, ...values: readonly PathInput[]): Path;
export function P(text: string | TemplateStringsArray, ..._values: readonly PathInput[]): Path {
  if (typeof text === "string") return parsePath(text);
  throw new Error("not yet");
}
