/**
 * How many conflicts this server has dropped because there were too many, over all its runs: somebody's data is gone then, and
 * a restart must not hide it. A file of its own in the state directory.
 *
 * @module
 */

import type { DropCount } from "../replicate/conflict/recorder.ts";

const name = "dropped-conflicts";

/** See the module. */
export class KeptDropCount implements DropCount {
  #value: number;

  /** @param directory The state directory; undefined: memory only */
  constructor(private readonly directory: string | undefined) {
    this.#value = directory === undefined ? 0 : read(`${directory}/${name}`);
  }

  /** So many so far. */
  get value(): number {
    return this.#value;
  }

  /** So many more. */
  add(count: number): void {
    this.#value += count;
    if (this.directory === undefined) return;
    const path = `${this.directory}/${name}`;
    try {
      Deno.writeTextFileSync(`${path}.new`, `${this.#value}\n`);
      Deno.renameSync(`${path}.new`, path);
    } catch { /* a full disk is reported by those who have more to lose */ }
  }
}

function read(path: string): number {
  try {
    const value = Number(Deno.readTextFileSync(path));
    return Number.isSafeInteger(value) && value > 0 ? value : 0;
  } catch {
    return 0; // there is none, or it may not be read
  }
}
