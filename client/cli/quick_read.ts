/**
 * The most frequent command line, recognised without commander, which takes as long to load as Deno to start:
 * `[kv [-h HOST] [-p PORT]] data PATH [get]`. Everything else, also every mistake, is left to the real parser.
 *
 * @module
 */

import type { GlobalOptions } from "./program_context.ts";

/** The command line in parts. */
export interface QuickRead {
  readonly path: string;
  readonly options: { readonly top: GlobalOptions; readonly kv: GlobalOptions };
}

/** Takes the command line apart; `undefined` if it is another one. */
export function quickRead(args: readonly string[]): QuickRead | undefined {
  let at = 0;
  const kv: { host?: string; port?: number } = {};
  if (args[at] === "kv") {
    at++;
    for (; args[at] === "-h" || args[at] === "-p"; at += 2) {
      const operand = args[at + 1] ?? "";
      if (args[at] === "-h") kv.host = operand;
      else if (!/^[1-9]\d{0,4}$/.test(operand) || Number(operand) > 65535) return undefined;
      else kv.port = Number(operand);
    }
  }
  const [command, path, verb = "get", ...more] = args.slice(at);
  if (command !== "data" || path === undefined || path.startsWith("-") || verb !== "get" || more.length > 0) {
    return undefined;
  }
  return { path, options: { top: {}, kv } };
}
