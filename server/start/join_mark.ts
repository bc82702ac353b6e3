/**
 * The mark of a first state that is not complete: part of another server's state is not served. The mark lies in the state
 * directory while a new server waits for others, and copies from them.
 *
 * @module
 */

const name = "joining";

/** The mark in one directory; without a directory there is nothing that could outlast the process. */
export class JoinMark {
  /** @param directory Undefined: memory only */
  constructor(private readonly directory: string | undefined) {}

  /** Whether the state here is only part of one. */
  get isSet(): boolean {
    if (this.directory === undefined) return false;
    try {
      return Deno.statSync(this.#path).isFile;
    } catch {
      return false;
    }
  }

  /** What comes from now on is only part of a state. */
  set(): void {
    if (this.directory !== undefined) Deno.writeTextFileSync(this.#path, "");
  }

  /** The state is complete, or is all there is to be. */
  clear(): void {
    if (this.isSet) Deno.removeSync(this.#path);
  }

  get #path(): string {
    return `${this.directory}/${name}`;
  }
}
