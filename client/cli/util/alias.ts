/**
 * Further spellings of an option that are understood but not shown.
 *
 * @module
 */

import { Option } from "commander";
import type { MoatCommand } from "../options.ts";

/**
 * Makes an option's value also settable by other flags.
 * @param flags As for `command.option`, such as `--dec <format>`
 * @param long The long flag of the option that is meant
 */
export function alias(command: MoatCommand, flags: string, long: string): void {
  const target = command.options.find((option) => option.long === long);
  if (!target) throw new Error(`There is no option ${long}`);
  const option = new Option(flags, target.description).hideHelp();
  option.parseArg = target.parseArg;
  option.attributeName = () => target.attributeName();
  command.addOption(option);
}
