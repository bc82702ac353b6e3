/**
 * What became of a node's state, in a line for each effect, for people.
 *
 * @module
 */

import type { Effect } from "../../server/core/effect.ts";
import type { Store } from "../../server/core/store.ts";
import { NO_VALUE } from "../../server/core/values.ts";
import { decode } from "../../wire/msgpack/decoder.ts";
import type { ElementKey } from "../../wire/path/keys.ts";
import { pathText } from "./ghost.ts";

const shownMax = 40;

/** `logs a.b = 3 B7@19, was A2@12`; the effect's values can still be read. */
export function effectText(effect: Effect, store: Store): string {
  switch (effect.kind) {
    case "change": {
      const { entry, writer, tick, tock, oldWriter, oldTick, oldTock, value, local } = effect;
      const was = oldWriter === null ? "" : `, was ${oldWriter.name}:${oldTick}@${oldTock}`;
      const shown = value === NO_VALUE ? "deleted" : valueText(store.values.read(value));
      return `${local ? "makes" : "merges"} ${pathOf(entry)} = ${shown} ${writer.name}:${tick}@${tock}${was}`;
    }
    case "superseded":
      return `has ${effect.writer.name}:${effect.first}-${effect.last} as superseded`;
    case "believed":
      return `believes that ${effect.writer.name}:${JSON.stringify(effect.ticks.toWire())} is superseded`;
    case "purged":
      return `purges ${pathOf(effect.entry)} ${effect.writer.name}:${effect.tick}`;
    case "conflict":
      return `notes a conflict at ${pathText(effect.path)}: ${effect.writer.name}:${effect.tick}@${effect.tock} lost`;
    case "renamed":
      return `writes as ${effect.writer.name} from now on`;
    default:
      return `notes: ${effect.kind}`;
  }
}

function pathOf(entry: { readKeys(keys: ElementKey[]): number }): string {
  const keys: ElementKey[] = [];
  return pathText(keys, entry.readKeys(keys)) || "(root)";
}

function valueText(bytes: Uint8Array): string {
  const text = String(JSON.stringify(decode(bytes)));
  return text.length > shownMax ? `${text.slice(0, shownMax - 1)}…` : text;
}
