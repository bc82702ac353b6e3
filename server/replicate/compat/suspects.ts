/**
 * Originals that seem to have been reset, and when their trees are to be read.
 *
 * @module
 */

/** In between there is never more. */
const againMsMax = 600_000;

/** More names are not remembered. */
const suspectsMax = 1000;

/** One original. */
interface Suspect {
  /** Pings in a row that told a lower tick than is known. */
  lowPings: number;
  /** When its tree is to be read. */
  dueMs: number;
  /** When it may be read again, and how long it is until then the next time. */
  notBeforeMs: number;
  againMs: number;
}

/** See the module. */
export class Suspects {
  readonly #byNode = new Map<string, Suspect>();

  /** @param againMs How long after a reading the next one may come, at first */
  constructor(private readonly againMs: number) {}

  /** When the next tree is to be read. */
  get wakeAtMs(): number {
    let at = Infinity;
    for (const { dueMs } of this.#byNode.values()) at = Math.min(at, dueMs);
    return at;
  }

  #of(node: string): Suspect {
    let suspect = this.#byNode.get(node);
    if (suspect === undefined) {
      if (this.#byNode.size >= suspectsMax) this.#byNode.delete(this.#byNode.keys().next().value!);
      suspect = { lowPings: 0, dueMs: Infinity, notBeforeMs: -Infinity, againMs: this.againMs };
      this.#byNode.set(node, suspect);
    }
    return suspect;
  }

  /** A ping told a lower tick than is known. Returns whether that is certain by now, and was not before. */
  pinged(node: string): boolean {
    return ++this.#of(node).lowPings === 2;
  }

  /** A ping told what is known. */
  clear(node: string): void {
    const suspect = this.#byNode.get(node);
    if (suspect !== undefined) suspect.lowPings = 0;
  }

  /** Its tree is to be read. Returns whether that is news. */
  plan(node: string, nowMs: number): boolean {
    const suspect = this.#of(node);
    if (suspect.dueMs < Infinity) return false;
    suspect.dueMs = Math.max(nowMs, suspect.notBeforeMs);
    return true;
  }

  /** Those whose trees are to be read now. */
  take(nowMs: number): string[] {
    const due: string[] = [];
    for (const [node, suspect] of this.#byNode) {
      if (suspect.dueMs > nowMs) continue;
      due.push(node);
      suspect.dueMs = Infinity;
      suspect.notBeforeMs = nowMs + suspect.againMs;
      suspect.againMs = Math.min(againMsMax, 2 * suspect.againMs);
    }
    return due;
  }
}
