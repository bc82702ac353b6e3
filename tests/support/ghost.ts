/**
 * Remembers what a node has promised, over its deaths.
 *
 * @module
 */

import type { Level } from "../../server/persist/surroundings.ts";
import { assertEquals, assertTrue } from "./assert.ts";
import { Crash } from "./memory_disk.ts";
import { type StoredNode, valuesOf } from "./stored_node.ts";

/** What a node acknowledged, and which ticks it showed to anybody. */
export class Ghost {
  /** Newest acknowledged value by path, and the level it reached. */
  readonly acked = new Map<string, { value: number; level: Level }>();
  /** Newest value that was tried, by path. */
  readonly tried = new Map<string, number>();
  /** What each head stands for. */
  readonly heads = new Map<string, string>();

  /** Writes, and remembers what came of it. Returns false if the process died. */
  write(node: StoredNode, path: string, value: number, level: Level): boolean {
    this.tried.set(path, value);
    try {
      const head = node.set(path, value, level);
      this.learn(head, `${path}=${value}`);
      const reached = node.persistence.journal.durable === node.persistence.journal.written ? "disk" : "memory";
      this.acked.set(path, { value, level: reached });
      return true;
    } catch (error) {
      if (error instanceof Crash) return false;
      throw error;
    }
  }

  learn(head: string, content: string): void {
    assertEquals(this.heads.get(head) ?? content, content, `${head} is used twice`);
    this.heads.set(head, content);
  }

  /** Everything acknowledged is on the disk by now, if the node says so. */
  look(node: StoredNode): void {
    const { durable, written } = node.persistence.journal;
    if (durable === written) {
      for (const [path, { value }] of this.acked) this.acked.set(path, { value, level: "disk" });
    }
  }

  /** After a restart: everything acknowledged at one of these levels is there, or something that was tried later. */
  check(node: StoredNode, levels: Level[], where: string): void {
    const values = valuesOf(node.store);
    for (const [path, { value, level }] of this.acked) {
      if (!levels.includes(level)) continue;
      const found = values[path] as number | undefined;
      assertTrue(found === value || found === this.tried.get(path), `${where}: ${path} is ${found}, not ${value}`);
    }
    for (const path in values) assertTrue(this.tried.has(path), `${where}: ${path} was never written`);
  }
}
