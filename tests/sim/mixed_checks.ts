/**
 * What holds in a network with servers of the original: they make events that nobody here knows of, and keep to other rules,
 * so much less can be said. Ours never forget what they had; in the end all of ours hold the same, with whatever their
 * clients were told in it; and no original has died. That originals end with the same values is a matter of how often they
 * ask: it is waited for, counted, and no failure.
 *
 * @module
 */

import { decode } from "../../wire/msgpack/decoder.ts";
import { keysOf } from "../../wire/path/keys.ts";
import { parsePath } from "../../wire/path/parse.ts";
import { Violation } from "./failure.ts";
import { eventText } from "./ghost.ts";
import type { Life } from "./life.ts";
import type { Parcel } from "./message.ts";
import { comparedPaths } from "./original_peer.ts";
import { has, StepChecks } from "./step_checks.ts";
import type { World } from "./world.ts";

/** See the module. */
export class MixedChecks extends StepChecks {
  override logged({ store, haveSizes, parts }: Life): void {
    for (const { name, have } of store.writers.values()) {
      const [before, { size }] = [haveSizes.get(name) ?? 0, have];
      if (size < before) throw new Violation("have", `${parts.machine} had ${before} ticks of ${name}, now ${size}`);
      haveSizes.set(name, size);
    }
  }
  override covered(): void {}
  override all(): void {}
  override published(life: Life, { content }: Parcel): void {
    if (content?.t === "have") life.saidOnDisk = content.disk ?? content.have;
  }
}

/** What differs between ours and the originals; undefined: nothing, or there are none. */
export function originalsDiffer({ living, originals }: World): string | undefined {
  const [first] = living;
  const { store } = first.life!;
  for (const path of comparedPaths) {
    const keys = keysOf(parsePath(path));
    const entry = store.find(keys, keys.length);
    const ours = JSON.stringify(entry?.hasValue ? decode(store.values.read(entry.value)) : undefined);
    for (const original of originals) {
      const theirs = JSON.stringify(original.get(path));
      if (ours !== theirs) return `${first.machine} shows ${ours} at ${path}, and ${original.machine} ${theirs}`;
    }
  }
  return undefined;
}

/** At the end. @throws {Violation} */
export function checkMixed({ living, originals, ghost }: World): void {
  for (const { machine, rules } of originals) {
    if (rules.death !== undefined) throw new Violation("harm", `${machine} has died: ${rules.death}`);
  }
  for (const events of ghost.byTick.values()) {
    for (const event of events) {
      if (event.acknowledged === "no" || event.isExcused || living.every(({ life }) => has(life!.store, event))) {
        continue;
      }
      throw new Violation("lost", `${eventText(event)}, acknowledged as ${event.acknowledged}, is not everywhere`);
    }
  }
}
