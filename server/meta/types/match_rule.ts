/**
 * One entry of the match tree, `:n.match.PATTERN`: `{type: PATH}`. Values at the paths that it fits have to be of that type
 * and of all types above it.
 *
 * Source: `spec/client-protocol.md` 6.2.
 *
 * @module
 */

import type { Path } from "../../../wire/path/path.ts";
import type { Value } from "../../../wire/value.ts";
import type { TypeNode } from "./type_node.ts";
import { fieldsOf, pathIn } from "../record.ts";

/** What a match's record says. */
export class MatchRule {
  /** The type's path below `:n.type`. */
  readonly type: Path | undefined;
  /** The type and those above it, as they were when the types had that version. */
  chain: readonly TypeNode[] | undefined;
  chainVersion = -1;

  /**
   * @param pattern Its path below `:n.match`, printed
   * @param record Its value, encoded
   */
  constructor(readonly pattern: string, readonly record: Uint8Array, value: Value) {
    const type = pathIn(fieldsOf(value)?.get("type"));
    this.type = type?.length === 0 ? undefined : type;
  }
}
