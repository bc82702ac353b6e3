/** The children of one entry, in the order of their creation. @module */

import type { ElementKey } from "../../wire/path/keys.ts";
import type { Entry } from "./entry.ts";

/** The children of one entry, in the order of their creation. */
export class Children implements Iterable<Entry> {
  size = 0;
  get(_key: ElementKey): Entry | undefined {
    throw new Error("stub");
  }
  add(_child: Entry): void {
    throw new Error("stub");
  }
  delete(_child: Entry): void {
    throw new Error("stub");
  }
  [Symbol.iterator](): Iterator<Entry> {
    throw new Error("stub");
  }
}
