/**
 * The tree as a gateway writes it: what waits is replaced by what is newer, and nothing is written that is there already.
 *
 * @module
 */

import type { Path } from "../../wire/path/path.ts";
import type { Value } from "../../wire/value.ts";

/** Where values go. Never waits, never throws. */
export interface TreePort {
  /** Writes a value, now or, if the entry was written a moment ago, a moment later; the newest value counts. */
  set(path: Path, value: Value): void;
  /** Deletes an entry's value. */
  delete(path: Path): void;
  /** Tells whoever monitors the topic of something that is no state. */
  tell(topic: Path, data: Value): void;
}
