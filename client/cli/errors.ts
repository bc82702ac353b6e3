/**
 * What a command throws, and how it is shown.
 *
 * @module
 */

/** The command line is wrong: usage, hint, `Error: TEXT` on stderr and exit status 2. */
export class UsageError extends Error {
  override name = "UsageError";
}

/** The command failed: `NAME: TEXT`, or just the text, on stderr and this exit status. */
export class CommandError extends Error {
  override name = "CommandError";
  /** @param message The whole line @param status The exit status */
  constructor(message: string, readonly status: number = 1, options?: ErrorOptions) {
    super(message, options);
  }
}
