/**
 * The commander program with this command line's option rules.
 *
 * @module
 */
import { Command, Option } from "commander";

/** A command whose options may take two operands and whose group may begin with a path. */
export class MoatCommand extends Command {
  override createCommand(name?: string): MoatCommand {
    return new MoatCommand(name);
  }
  /** Adds an option that is given with two operands and may be repeated: its value is a list of pairs. */
  pairs(flags: string, description: string): this {
    return this.addOption(new PairOption(flags, description));
  }
}

/** An option with two operands. */
export class PairOption extends Option {}
