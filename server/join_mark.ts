/**
 * The mark of a copy that has not come to its end: a state that is only part of another server's is not served. The mark lies
 * in the state directory while a new server copies its first state.
 *
 * @module
 */

const name = "joining";

/** The mark in one directory; without a directory there is nothing that could outlast the process. */
export class JoinMark {
  /** @param directory Undefined: memory only */
  constructor(private readonly directory: string | undefined) {}

  /** Whether a copy was begun and did not end. */
  get isSet(): boolean {
    if (this.directory === undefined) return false;
    try {
      return Deno.statSync(this.#path).isFile;
    } catch {
      return false;
    }
  }

  /** A copy begins. */
  set(): void {
    if (this.directory !== undefined) Deno.writeTextFileSync(this.#path, "");
  }

  /** The copy is complete, or is not wanted any more. */
  clear(): void {
    if (this.isSet) Deno.removeSync(this.#path);
  }

  get #path(): string {
    return `${this.directory}/${name}`;
  }
}
