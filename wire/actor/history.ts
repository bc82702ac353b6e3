/**
 * The members that pinged lately, newest first. A member that moves to the front from the middle shrinks the list by one,
 * so that names of members that are gone fade out: with room for three, `[c, a, b]` + d → `[d, c, a]`, + c → `[c, d]`.
 *
 * Source: `spec/server-protocol.md` 4.3.
 *
 * @module
 */

/** A bounded list of names, newest first. */
export class History {
  #names: string[] = [];

  /** @param max Names kept; 0 or less: no limit */
  constructor(public max: number) {}

  /** The names, newest first. */
  get names(): readonly string[] {
    return this.#names;
  }

  /** How many there are. */
  get length(): number {
    return this.#names.length;
  }

  /** The newest. */
  get leader(): string | undefined {
    return this.#names[0];
  }

  /** The place of a name, 0 for the newest; −1 if it is not there. */
  position(name: string): number {
    return this.#names.indexOf(name);
  }

  /** A member pinged. */
  add(name: string): void {
    const place = this.#names.indexOf(name);
    const rest = this.#names.filter((each) => each !== name);
    const movedUp = place >= 0 && place < rest.length;
    if (this.max > 0 && (movedUp || rest.length >= this.max)) rest.pop();
    this.#names = [name, ...rest];
  }

  /** Another history counts from now on. */
  replace(names: readonly string[]): void {
    this.#names = [...names];
  }
}
