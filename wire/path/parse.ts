/**
 * Text → path.
 *
 * @module
 */

import { KvError } from "../errors.ts";
import { Path } from "./path.ts";

/** A text is no path. The message is the original's: `Cannot parse 'a..b' at 2`. */
export class PathSyntaxError extends KvError {
  override name = "PathSyntaxError";
  /** @param message What is wrong @param text The whole text @param position Where in it, in code points from 0 */
  constructor(message: string, readonly text: string, readonly position: number) {
    super(message);
  }
}

/**
 * Reads a path from its text form.
 * @throws {PathSyntaxError} If it is none
 */
export function parsePath(text: string): Path {
  if (text === "") throw new PathSyntaxError("The empty string is not a path", text, 0);
  if (text === ":") return Path.root;
  return Path.from(text.split(".")); // the colon codes follow
}
