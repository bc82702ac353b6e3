/**
 * How the values of a group's users differ from what is stored. Changes of its patterns and codecs are effective at once.
 *
 * Source: `spec/client-protocol.md` 6.4.
 *
 * @module
 */

import type { ElementKey } from "../../wire/path/keys.ts";
import type { Codecs } from "./codec/codecs.ts";
import type { Converter } from "./codec/converter.ts";

/** What becomes of the values of a group's users. */
export class Conversion {
  readonly #codecs: Codecs;

  /** @param group The group's name */
  constructor(codecs: Codecs, readonly group: string) {
    this.#codecs = codecs;
  }

  /** What converts values at `keys[0 … count)`; undefined: they are what is stored. */
  rule(keys: readonly ElementKey[], count: number): Converter | undefined {
    const group = this.#codecs.group(this.group);
    return group?.children ? this.#codecs.rule(group, keys, count) : undefined;
  }
}
