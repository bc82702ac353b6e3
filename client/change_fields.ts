/**
 * The fields of requests that change an entry.
 *
 * @module
 */

import { Path } from "../wire/path/path.ts";
import { chainField } from "./chain.ts";
import type { ChangeOptions } from "./client_options.ts";
import type { Fields } from "./reply.ts";

/** What a change expects, and how safe it has to be. */
export function changeFields({ chain, prev, nchain, ack, nodes, timeoutMs }: ChangeOptions): Fields {
  const expected = chain === undefined ? undefined : chainField(chain);
  const timeout = timeoutMs === undefined ? undefined : timeoutMs / 1000;
  return { chain: expected, prev, nchain, ack, nodes, timeout };
}

/** @throws {TypeError} If it is no path */
export function checkPath(path: Path): Path {
  if (path instanceof Path) return path;
  throw notPath();
}

/** What is wrong with a text in place of a path. */
export function notPath(): TypeError {
  return new TypeError("You need a path, not a string");
}
