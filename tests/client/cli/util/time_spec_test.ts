import { assertEquals, assertThrows } from "../../../support/assert.ts";
import { parseTimeSpec, timeUntil } from "../../../../client/cli/util/time_spec.ts";
import { humanDelta } from "../../../../client/cli/util/human_delta.ts";

/** A Saturday, in local time like everything here. */
const now = new Date(2003, 3, 5, 6, 7, 8, 250);

function show(date: Date | undefined): string {
  if (!date) return "-";
  const two = (n: number) => String(n).padStart(2, "0");
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ` +
    `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

function check(expected: string, spec: string, options: { invert?: boolean; back?: boolean; now?: boolean } = {}) {
  const words = spec === "" ? [] : spec.split(" ");
  assertEquals(show(timeUntil(now, words, { now: true, ...options })), expected, `${spec} ${JSON.stringify(options)}`);
}

Deno.test("timeUntil() finds the next time of day", () => {
  check("2003-04-05 06:07:08", "6 h 4 month 8 sec");
  check("2003-04-05 06:07:10", "10 sec");
  check("2003-04-05 06:08:02", "2 sec");
  check("2003-04-05 06:07:50", "- 10 sec");
  check("2003-04-05 06:07:50", "-10 sec");
  check("2003-04-05 06:11:02", "11 min 2 sec");
  check("2003-04-05 11:00:50", "11 h - 10 sec");
  check("2003-04-05 23:05:50", "- 1 h 5 min - 10 sec");
  check("2003-04-05 11:45:50", "11 h - 15 min - 10 sec");
  check("2003-04-05 09:00:00", "9h");
});

Deno.test("timeUntil() finds weeks, weekdays and the n-th weekday of a month", () => {
  check("2003-12-29 00:00:00", "1 wk");
  check("2004-01-01 00:00:12", "1 wk thu 12 sec");
  check("2004-01-05 00:00:00", "2 wk");
  check("2003-04-05 06:07:08", "14 wk");
  check("2003-04-07 00:00:00", "15 wk");
  check("2004-03-22 00:00:00", "13 wk");
  check("2003-12-22 00:00:00", "-1 wk");
  check("2003-04-05 06:07:08", "sat");
  check("2003-04-06 00:00:00", "sunday");
  check("2003-04-08 00:00:00", "tu");
  check("2003-04-05 06:07:08", "1 sat");
  check("2003-04-08 00:00:00", "2 tue");
  check("2003-04-16 00:00:00", "3 wed");
  check("2003-04-16 00:00:00", "-3 wed");
  check("2003-04-24 00:00:00", "-1 thu");
  check("2003-05-01 00:00:00", "1 thu");
  check("2003-05-07 00:00:00", "1 wed");
});

Deno.test("timeUntil() finds days, months and years; a day that some months lack waits for one that has it", () => {
  check("2003-05-31 00:00:00", "31 d");
  check("2003-04-30 00:00:00", "-1 dy");
  check("2003-11-01 00:00:00", "-2 mo");
  check("2004-02-29 12:00:00", "29 d 2 mo 12 h");
  check("2005-01-01 00:00:00", "2 yr");
  check("2010-01-01 00:00:00", "2010 yr");
  check("-", "2002 yr");
  check("-", "31 d 2 mo");
});

Deno.test("timeUntil() inverted finds the next moment that does not match", () => {
  const options = { invert: true };
  check("-", "", options);
  check("2003-04-05 06:07:09", "8 sec", options);
  check("2003-04-05 06:07:08", "9 sec", options);
  check("2003-04-05 06:07:09", "7 min 8 sec", options);
  check("2003-04-07 00:00:00", "14 wk", options);
  check("2003-04-05 06:07:08", "14 wk mon", options);
  check("2003-04-06 00:00:00", "14 wk sat", options);
  check("2003-04-05 06:07:08", "15 wk", options);
});

Deno.test("timeUntil() backwards finds the last second of the last match", () => {
  const options = { back: true };
  check("2003-04-05 06:07:08", "6 h 4 month 8 sec", options);
  check("2003-04-05 06:07:05", "5 sec", options);
  check("2003-04-05 06:06:10", "10 sec", options);
  check("2003-04-05 05:59:50", "05 h - 10 sec", options);
  check("2003-04-04 23:05:50", "- 1 h 5 min - 10 sec", options);
  check("2003-01-05 23:59:59", "1 wk", options);
  check("2002-12-31 23:59:12", "1 wk tue 12 sec", options);
  check("2003-03-30 23:59:59", "13 wk", options);
  check("2002-04-14 23:59:59", "15 wk", options);
  check("2003-03-30 23:59:59", "sun", options);
  check("2003-03-11 23:59:59", "2 tue", options);
  check("2003-03-12 23:59:59", "-3 wed", options);
  check("2003-03-31 23:59:59", "-1 mon", options);
  check("2003-03-02 23:59:59", "1 sun", options);
  check("2003-04-05 06:07:07", "8 sec", { back: true, invert: true });
  check("2003-04-04 23:59:59", "14 wk sat", { back: true, invert: true });
});

Deno.test("timeUntil() without `now` goes to the match after the present one", () => {
  check("2003-04-06 06:00:00", "6 h", { now: false });
  check("2003-04-05 09:00:00", "9 h", { now: false });
  check("2003-04-12 00:00:00", "sat", { now: false });
  check("2003-04-05 10:00:00", "9 h", { now: false, invert: true });
});

Deno.test("timeUntil() starts at a Unix time if the first word is one", () => {
  assertEquals(timeUntil(now, ["1700000000", "0", "s"])?.getTime(), 1700000040_000);
});

Deno.test("parseTimeSpec() names what is wrong", () => {
  const fails = (text: string, message: RegExp) =>
    assertThrows(() => parseTimeSpec(text.split(" "), 2003), SyntaxError, message);
  fails("60 sec", /between 0 and 59/);
  fails("3 h 4 h", /given twice/);
  fails("0 d", /days 1 to 31/);
  fails("5", /unit is missing/);
  fails("5 parsec", /Unknown unit 'parsec'/);
  fails("x", /Cannot read 'x'/);
  fails("+ mon", /sign makes no sense/);
  fails("6 mon", /at most five/);
  fails("-", /missing at the end/);
});

Deno.test("humanDelta() prints the units that are not zero", () => {
  assertEquals(humanDelta(22 * 3600 + 50 * 60 + 6), "22 hr 50 min 6.0 sec");
  assertEquals(humanDelta(0), "now");
  assertEquals(humanDelta(-61.25), "-1 min 1.3 sec");
  assertEquals(humanDelta(86_400 * 400), "1 yr 1 mo 5 dy");
  assertEquals(humanDelta(86_400 * 400, 2), "1 yr 1 mo");
});
