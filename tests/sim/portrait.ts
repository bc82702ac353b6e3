/**
 * What the nodes are like, for people who look at a failing run.
 *
 * @module
 */

import { walk } from "../../server/core/walk.ts";
import type { ElementKey } from "../../wire/path/keys.ts";
import { hexOf, pathText } from "./ghost.ts";
import type { World } from "./world.ts";

/** A few lines for each node that lives. */
export function portrait({ living }: World): string {
  return living.map((node) => {
    const { machine, name, state, life } = node;
    const store = node.lastStore;
    const lines = [
      `${machine} (${name}) ${state}${life?.isPaused ? ", paused" : ""}${life?.refusal ? `, ${life.refusal}` : ""}`,
    ];
    if (store === undefined) return lines.join("\n");
    lines.push(
      `  clock ${store.clock}, writes as ${store.local.name}, ${store.openClaims} claims open, digest ${store.digest}`,
    );
    for (const writer of store.writers.values()) {
      const missing = JSON.stringify(writer.missing().toWire());
      const givenUp = JSON.stringify(writer.givenUp.toWire());
      lines.push(
        `  ${writer.name}: heard ${writer.tick}, has ${
          JSON.stringify(writer.have.toWire())
        }, missing ${missing}, given up ${givenUp}`,
      );
    }
    for (const { path, writer, tick } of store.conflicts) {
      lines.push(`  pending: ${pathText(path)} ${writer.name}:${tick}`);
    }
    for (const entry of walk(store.root, { empty: true, meta: true })) {
      if (entry.writer === null) continue;
      const keys: ElementKey[] = [];
      const path = pathText(keys, entry.readKeys(keys));
      const value = entry.hasValue ? hexOf(store.values.read(entry.value)).slice(0, 40) : "deleted";
      let chain = `${entry.writer.name}:${entry.tick}`;
      for (let link = entry.older; link; link = link.prev) chain += ` ${link.writer.name}:${link.tick}`;
      lines.push(`  ${path} = ${value} [${chain}]@${entry.tock}`);
    }
    return lines.join("\n");
  }).join("\n");
}
