/**
 * What a run and its nodes are like, for people who look at a failing one.
 *
 * @module
 */

import { walk } from "../../server/core/walk.ts";
import type { ElementKey } from "../../wire/path/keys.ts";
import { faults } from "./coverage.ts";
import { hexOf, pathText } from "./ghost.ts";
import type { Plan } from "./plan.ts";
import type { World } from "./world.ts";

/** What a plan has, and what not. */
export function planText({ seed, nodes, originals, faults: on, steps, durationMs }: Plan): string {
  const machines = nodes.map(({ machine, fsync, turnMs, hasBootId }) =>
    `${machine} (${fsync}${turnMs > 0 ? `, turns of ${turnMs} ms` : ""}${hasBootId ? "" : ", no boot id"})`
  );
  const off = faults.filter((fault) => !on.includes(fault));
  return `seed ${seed}: ${
    [...machines, ...originals.map((name) => `${name} (original)`)].join(", ")
  }; ${steps.length} steps in ${durationMs / 1000} s\n` +
    `  faults that are on: ${on.join(", ") || "none"}\n` +
    `  faults that are off: ${off.join(", ") || "none"}`;
}

/** Which checks are off, or not as strict as they could be, by what happened. */
export function slackText({ checks, ghost, originals }: World): string {
  const slack: string[] = [];
  if (originals.length > 0) slack.push("nearly all, because originals keep to rules of their own");
  if (checks.hasReturned) slack.push("a purged path may come back for a while, because a node came back");
  if (ghost.tainted.size > 0) slack.push(`a tick may be used twice by ${[...ghost.tainted].join(", ")}`);
  let excused = 0;
  for (const events of ghost.byTick.values()) for (const { isExcused } of events) if (isExcused) excused++;
  if (excused > 0) slack.push(`${excused} events may be lost, because only lost disks had them`);
  return `  checks that are off: ${slack.join("; ") || "none"}`;
}

/** A few lines for each node that lives. */
export function portrait({ living }: World): string {
  return living.map((node) => {
    const { machine, name, state, life } = node;
    const store = node.lastStore;
    const lines = [
      `${machine} (${name}) ${state}${life?.isPaused ? ", paused" : ""}${
        life?.turns.refusal ? `, ${life.turns.refusal}` : ""
      }`,
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
