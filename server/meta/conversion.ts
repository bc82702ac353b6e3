/**
 * How the values of a group's users differ from what is stored. Changes of its patterns and codecs are effective at once.
 *
 * Source: `spec/client-protocol.md` 6.4.
 *
 * @module
 */

import type { ElementKey } from "../../wire/path/keys.ts";
import type { Entry } from "../core/entry.ts";
import { hashText, mix } from "../core/key_hash.ts";
import { Walk } from "../core/walk.ts";
import type { Codecs } from "./codec/codecs.ts";
import type { Converter } from "./codec/converter.ts";

/** What becomes of the values of a group's users. */
export class Conversion {
  readonly #codecs: Codecs;

  /** @param group The group's name */
  constructor(codecs: Codecs, readonly group: string) {
    this.#codecs = codecs;
  }

  /** Stands for all patterns and codecs that values may pass. */
  get digest(): number[] {
    let [low, high] = [0, 0];
    for (const top of [this.#codecs.group(this.group), this.#codecs.top]) {
      if (top === undefined) continue;
      for (const entry of new Walk(top)) {
        const head = hashHead(entry);
        low = low + head | 0;
        high = high ^ Math.imul(head, 0x9e3779b1);
      }
    }
    return [low, high];
  }

  /** What converts values at `keys[0 … count)`; undefined: they are what is stored. */
  rule(keys: readonly ElementKey[], count: number): Converter | undefined {
    const group = this.#codecs.group(this.group);
    return group?.children ? this.#codecs.rule(group, keys, count) : undefined;
  }
}

function hashHead(entry: Entry): number {
  return mix(hashText(`${entry.path()} ${entry.writer?.name} ${entry.tick}`));
}
