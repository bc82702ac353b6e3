/**
 * What a command throws when it cannot do its work.
 *
 * @module
 */

/** The words of a command, `moat kv data`, and its usage line. */
export interface CommandUsage {
  readonly words: string;
  readonly usage: string;
}

/** The command line is wrong: usage, hint and `Error: TEXT` on stderr, exit status 2. */
export class UsageError extends Error {
  override name = "UsageError";
  /** @param message A sentence @param command What it is about; by default the command that runs */
  constructor(message: string, readonly command?: CommandUsage) {
    super(message);
  }

  /** All that is printed. */
  text(): string {
    if (this.command === undefined) return `Error: ${this.message}\n`;
    const { words, usage } = this.command;
    return `Usage: ${usage}\nTry '${words} --help' for help.\n\nError: ${this.message}\n`;
  }
}

/** The command failed: this line on stderr, this exit status. */
export class CommandError extends Error {
  override name = "CommandError";
  /** What helps, for people at a terminal. */
  readonly hint: string | undefined;

  /** @param message The whole line, such as `No entry here.` @param status The exit status */
  constructor(message: string, readonly status: number = 1, options: ErrorOptions & { hint?: string } = {}) {
    super(message, options);
    this.hint = options.hint;
  }
}

/** The reader of stdout is gone (`moat … | head`): nothing is left to do. */
export class OutputClosed extends Error {
  override name = "OutputClosed";
}
