/**
 * The expected last change of an entry: `-l NODE TICK`.
 *
 * @module
 */

import type { Value } from "../../../wire/value.ts";
import type { Pair } from "../option_kinds.ts";
import type { MoatCommand } from "../options.ts";

/** Links of a chain that are shown with `-m`. */
export const chainLinksShown = 3;

/** The option as it was given. */
export interface ChainOptions {
  readonly last?: readonly Pair[];
}

/** Adds `-l`. */
export function chainOptions(command: MoatCommand): MoatCommand {
  return command.pairs("-l, --last <node> <tick>", "only if this was the entry's last change");
}

/** The chain to send; `undefined` if none was given. Of several the last one counts. */
export function expectedChain(options: ChainOptions, command: MoatCommand): Value | undefined {
  const last = options.last?.at(-1);
  if (last === undefined) return undefined;
  const [node, text] = last;
  const tick = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(tick)) {
    command.refuse(`Invalid value for '-l' / '--last': '${text}' is not a valid integer.`);
  }
  return { node, tick };
}
