/**
 * What is due when, by name: a name is due at one time at most.
 *
 * @module
 */

/** Named points in time. */
export class Schedule<Name extends string> {
  readonly #at = new Map<Name, number>();

  /** The earliest; Infinity if nothing is due. */
  get nextMs(): number {
    let next = Infinity;
    for (const at of this.#at.values()) if (at < next) next = at;
    return next;
  }

  /** When `name` is due; Infinity if it is not. */
  at(name: Name): number {
    return this.#at.get(name) ?? Infinity;
  }

  /** `name` is due at `atMs`, and at no other time. */
  set(name: Name, atMs: number): void {
    this.#at.set(name, atMs);
  }

  /** `name` is due at `atMs` at the latest. */
  by(name: Name, atMs: number): void {
    if (atMs < this.at(name)) this.#at.set(name, atMs);
  }

  /** `name` is not due any more. */
  clear(name: Name): void {
    this.#at.delete(name);
  }

  /** Takes out what is due, in its order. */
  take(nowMs: number): Name[] {
    const due = [...this.#at].filter(([, at]) => at <= nowMs).sort((a, b) => a[1] - b[1]).map(([name]) => name);
    for (const name of due) this.#at.delete(name);
    return due;
  }
}
