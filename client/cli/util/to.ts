/**
 * `util to`: how long until a partial time.
 *
 * @module
 */

import type { CliContext } from "../context.ts";
import { CommandError } from "../errors.ts";
import { wholeNumber } from "../option_kinds.ts";
import type { MoatCommand } from "../options.ts";
import { humanDelta } from "./human_delta.ts";
import { timeUntil } from "./time_spec.ts";

interface ToOptions {
  sleep?: boolean;
  human?: boolean;
  parts?: number;
  now?: boolean;
  inv?: boolean;
  back?: boolean;
}

const description = [
  "Print how many seconds there are until the next moment that a partial time matches.",
  '"9 h" is any moment from 9:00 to 9:59; parts that are not given may be anything, and all given ones must match. ' +
  'Negative numbers count from the end: "-2 hr" is 22 o\'clock, "-1 thu" a month\'s last Thursday. "3 wed" is a ' +
  "month's third Wednesday. A number above 1000000000 in front is the Unix time to start from.",
  "If the time matches already, the match after it counts; --now makes that 0.",
  "Units:\n" +
  "  s sec   second (0 to 59)          w wk    ISO week of the year (1 to 53)\n" +
  "  m min   minute (0 to 59)          mo      month (1 to 12)\n" +
  "  h hr    hour (0 to 23)            y yr    year\n" +
  "  d dy    day of the month (1 to 31)\n" +
  "  mon … sun: that day of the week, with a number the n-th of the month",
].join("\n\n");

/** Adds `util to`. */
export function registerTo(util: MoatCommand, context: CliContext): void {
  util.command("to").summary("print how long it is until a partial time").description(description)
    .argument("[args...]", "the partial time, such as: 9 h 30 min")
    .option("-s, --sleep", "wait until then instead of printing")
    .option("-h, --human", "print for people, such as: 22 hr 50 min 6.0 sec")
    .option("-H, --parts <n>", "as -h, but at most so many units", wholeNumber(1))
    .option("-n, --now", "if it matches now, the answer is 0")
    .option("-i, --inv", "until it does not match")
    .option("-b, --back", "since the end of the last match")
    .examples(
      ["moat util to 9 h", "until nine o'clock"],
      ["moat util to -h 3 wed", "until the month's third Wednesday"],
      ["moat util to -s 0 min && backup", "wait for the full hour"],
      ["moat util to -h 14 wk mon", "until Monday of week 14"],
    )
    .action(async (words: string[], options: ToOptions, command: MoatCommand) => {
      if (words.length === 0) command.refuse("Up to when please?");
      if (options.back && options.sleep) command.refuse("We don't have time machines.");
      await answer(context, secondsUntil(context.now(), words, options, command), options);
    });
}

/** Whole seconds, rounded up. */
function secondsUntil(now: number, words: string[], options: ToOptions, command: MoatCommand): number {
  let at: Date | undefined;
  try {
    at = timeUntil(new Date(now), words, { now: options.now, invert: options.inv, back: options.back });
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    command.refuse(`${error.message}.`);
  }
  if (at === undefined) throw new CommandError(`There is no such time within a century: ${words.join(" ")}`);
  const seconds = Math.trunc((at.getTime() - now) / 1000 + 0.9);
  return options.back ? -seconds : seconds;
}

async function answer(context: CliContext, seconds: number, options: ToOptions): Promise<void> {
  const human = options.human || options.parts !== undefined;
  if (human) context.stdout.write(humanDelta(seconds, options.parts) + "\n");
  else if (!options.sleep) context.stdout.write(`${seconds + 0}\n`);
  if (options.sleep) {
    context.stdout.flush();
    await sleep(seconds * 1000, context.signal);
  }
}

/** Timers hold at most 2^31 ms. */
const timerMsMax = 2 ** 31 - 1;

async function sleep(ms: number, signal: AbortSignal): Promise<void> {
  for (let rest = ms; rest > 0; rest -= timerMsMax) {
    await new Promise<void>((resolve, reject) => {
      const stop = () => {
        clearTimeout(timer);
        reject(signal.reason);
      };
      const timer = setTimeout(() => {
        signal.removeEventListener("abort", stop);
        resolve();
      }, Math.min(rest, timerMsMax));
      if (signal.aborted) stop();
      else signal.addEventListener("abort", stop, { once: true });
    });
  }
}
