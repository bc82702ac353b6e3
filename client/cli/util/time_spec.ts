/**
 * Partial times, and when they come next: `9 h` is any moment from 9:00:00 to 9:59:59, `3 wed` any moment of a month's
 * third Wednesday, `14 wk mon` the Monday of week 14. A part that is not given may be anything.
 *
 * A moment is counted here in seconds of the wall clock, as if that were UTC: daylight saving plays no part until the
 * result is turned into a `Date`.
 *
 * Source: behaviour of `moat util to`, `spec/cli.md` 1.16.
 *
 * @module
 */

/** What must hold of a moment. Negative numbers count from the end: `hour: -1` is 23, `day: -1` a month's last. */
export interface TimeSpec {
  year?: number;
  month?: number;
  day?: number;
  /** ISO week of the year */
  week?: number;
  /** 0 is Monday */
  weekday?: number;
  /** Which such weekday of the month; −1 is the last */
  nth?: number;
  hour?: number;
  minute?: number;
  second?: number;
}

/** How to search. */
export interface TimeSearch {
  /** The start counts if it matches; else the next match after it */
  now?: boolean;
  /** Look for a moment that does not match */
  invert?: boolean;
  /** Look into the past: for the last second of the last match */
  back?: boolean;
}

const weekdays = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

type NumberField = Exclude<keyof TimeSpec, "weekday" | "nth">;

interface Unit {
  field: NumberField;
  names: string[];
  check: (value: number) => boolean;
  complaint: string;
}

const units: readonly Unit[] = [
  {
    field: "second",
    names: ["s", "sec", "second", "seconds"],
    check: (n) => Math.abs(n) < 60,
    complaint: "Seconds need to be between 0 and 59",
  },
  {
    field: "minute",
    names: ["m", "min", "minute", "minutes"],
    check: (n) => Math.abs(n) < 60,
    complaint: "Minutes need to be between 0 and 59",
  },
  {
    field: "hour",
    names: ["h", "hr", "hour", "hours"],
    check: (n) => Math.abs(n) < 24,
    complaint: "Hours need to be between 0 and 23",
  },
  {
    field: "day",
    names: ["d", "dy", "day", "days"],
    check: (n) => n !== 0 && Math.abs(n) <= 31,
    complaint: "Months have days 1 to 31",
  },
  {
    field: "week",
    names: ["w", "wk", "week", "weeks"],
    check: (n) => n !== 0 && Math.abs(n) <= 53,
    complaint: "Years have weeks 1 to 53",
  },
  {
    field: "month",
    names: ["mo", "month", "months"],
    check: (n) => n !== 0 && Math.abs(n) <= 12,
    complaint: "Years have months 1 to 12",
  },
  {
    field: "year",
    names: ["y", "yr", "year", "years"],
    check: (n) => n > 1600 && n < 10_000,
    complaint: "Years have four digits, or are counted from this one (1 to 99)",
  },
];

/** 0 for `monday`, `mon`, `mo` …; undefined if it is no weekday */
function weekdayOf(word: string): number | undefined {
  const index = weekdays.findIndex((day) => word === day || word === day.slice(0, 3) || word === day.slice(0, 2));
  return index < 0 ? undefined : index;
}

function setOnce<K extends keyof TimeSpec>(spec: TimeSpec, field: K, value: number, name: string): void {
  if (spec[field] !== undefined) throw new SyntaxError(`The ${name} is given twice`);
  spec[field] = value as TimeSpec[K];
}

/**
 * Reads a partial time.
 * @param words Such as `["14", "wk", "mon"]` or `["-", "10", "sec"]`; `9h` is read like `9 h`
 * @param thisYear What years below 100 are added to
 * @throws {SyntaxError} If a word or number has no meaning, or a unit is given twice
 */
export function parseTimeSpec(words: readonly string[], thisYear: number): TimeSpec {
  const rest = words.flatMap((word) => word.toLowerCase().split(/\s+|(?<=[-+\d])(?=[a-z])|(?<=^[-+])(?=\d)/))
    .filter((word) => word !== "");
  const spec: TimeSpec = {};
  while (rest.length > 0) {
    const sign = rest[0] === "-" || rest[0] === "+" ? rest.shift() : undefined;
    const word = rest.shift();
    if (word === undefined) throw new SyntaxError("A number is missing at the end");
    const bareDay = weekdayOf(word);
    if (bareDay !== undefined) {
      if (sign !== undefined) throw new SyntaxError(`A sign makes no sense before '${word}'`);
      setOnce(spec, "weekday", bareDay, "day of the week");
      continue;
    }
    if (!/^\d+$/.test(word)) throw new SyntaxError(`Cannot read '${word}': a number or a weekday is needed here`);
    const unit = rest.shift();
    if (unit === undefined) throw new SyntaxError(`A unit is missing after '${word}': sec, min, hr, dy, wk, mo, yr`);
    addPart(spec, sign === "-" ? -Number(word) : Number(word), unit, thisYear);
  }
  return spec;
}

function addPart(spec: TimeSpec, given: number, name: string, thisYear: number): void {
  const unit = units.find((u) => u.names.includes(name));
  if (unit) {
    const value = unit.field === "year" && given > 0 && given < 100 ? thisYear + given : given;
    if (!unit.check(value)) throw new SyntaxError(unit.complaint);
    return setOnce(spec, unit.field, value, unit.field);
  }
  const weekday = weekdayOf(name);
  if (weekday === undefined) throw new SyntaxError(`Unknown unit '${name}': sec, min, hr, dy, wk, mo, yr or a weekday`);
  if (given === 0 || Math.abs(given) > 5) {
    throw new SyntaxError("Months have at most five of each weekday; use -1 for the last one");
  }
  setOnce(spec, "weekday", weekday, "day of the week");
  spec.nth = given;
}

const daySeconds = 86_400;

/** Whether `wanted` is `value` of a field that runs from `first` to `last`; negative counts from the end. */
function fits(wanted: number | undefined, value: number, last: number): boolean {
  return wanted === undefined || value === (wanted < 0 ? last + 1 + wanted : wanted);
}

/** The Thursday of a day's ISO week: it lies in the year that the week is counted in. */
function thursdayOf(day: Date): Date {
  return new Date(day.getTime() + (3 - (day.getUTCDay() + 6) % 7) * daySeconds * 1000);
}

function isoWeek(day: Date): number {
  const thursday = thursdayOf(day);
  return 1 + Math.floor((thursday.getTime() - Date.UTC(thursday.getUTCFullYear(), 0, 1)) / (7000 * daySeconds));
}

/** How many ISO weeks the year of a day's week has: 28 December is always in the last one. */
function lastWeek(day: Date): number {
  return isoWeek(new Date(Date.UTC(thursdayOf(day).getUTCFullYear(), 11, 28)));
}

function dayMatches(spec: TimeSpec, dayNumber: number): boolean {
  const day = new Date(dayNumber * daySeconds * 1000);
  const lastDay = new Date(Date.UTC(day.getUTCFullYear(), day.getUTCMonth() + 1, 0)).getUTCDate();
  const date = day.getUTCDate();
  if (spec.year !== undefined && spec.year !== day.getUTCFullYear()) return false;
  if (!fits(spec.month, day.getUTCMonth() + 1, 12) || !fits(spec.day, date, lastDay)) return false;
  if (spec.weekday !== undefined && spec.weekday !== (day.getUTCDay() + 6) % 7) return false;
  if (spec.nth !== undefined) {
    const nth = spec.nth > 0 ? 1 + Math.floor((date - 1) / 7) : -1 - Math.floor((lastDay - date) / 7);
    if (nth !== spec.nth) return false;
  }
  return spec.week === undefined || fits(spec.week, isoWeek(day), lastWeek(day));
}

function secondMatches(spec: TimeSpec, second: number): boolean {
  return fits(spec.hour, Math.floor(second / 3600), 23) && fits(spec.minute, Math.floor(second / 60) % 60, 59) &&
    fits(spec.second, second % 60, 59);
}

/** Days that are searched: years reach 100 ahead. */
const searchDaysMax = 101 * 366;

/** The nearest moment at or after (`back`: at or before) `start` that matches, or with `invert` does not. */
function search(spec: TimeSpec, start: number, invert: boolean, back: boolean): number | undefined {
  const step = back ? -1 : 1;
  const anyTime = spec.hour === undefined && spec.minute === undefined && spec.second === undefined;
  const edge = back ? daySeconds - 1 : 0;
  let day = Math.floor(start / daySeconds);
  let second = start - day * daySeconds;
  for (let i = 0; i < searchDaysMax; i++, day += step, second = edge) {
    const dayFits = dayMatches(spec, day);
    if (!dayFits || anyTime) {
      if (dayFits !== invert) return day * daySeconds + second;
      continue;
    }
    for (let s = second; s >= 0 && s < daySeconds; s += step) {
      if (secondMatches(spec, s) !== invert) return day * daySeconds + s;
    }
  }
  return undefined;
}

/**
 * The next (or last) moment that a partial time matches.
 * @param now Where to start; its local time zone is the one that is meant
 * @param words The partial time, see {@linkcode parseTimeSpec}. A first word above 1,000,000,000 is a Unix time to start at
 * @returns The moment, or `undefined` if there is none within a century
 * @example At 10:00:00 `timeUntil(now, ["9", "h"])` is 9:00:00 tomorrow
 */
export function timeUntil(now: Date, words: readonly string[], options: TimeSearch = {}): Date | undefined {
  const unixTime = Number(words[0]);
  if (unixTime > 1e9) return timeUntil(new Date(unixTime * 1000), words.slice(1), options);
  const spec = parseTimeSpec(words, now.getFullYear());
  const { invert = false, back = false } = options;
  let at: number | undefined = Date.UTC(
    now.getFullYear(),
    now.getMonth(),
    now.getDate(),
    now.getHours(),
    now.getMinutes(),
    now.getSeconds(),
  ) / 1000;
  if (!options.now) at = search(spec, at, !invert, back);
  if (at !== undefined) at = search(spec, at, invert, back);
  if (at === undefined) return undefined;
  const wall = new Date(at * 1000);
  return new Date(
    wall.getUTCFullYear(),
    wall.getUTCMonth(),
    wall.getUTCDate(),
    wall.getUTCHours(),
    wall.getUTCMinutes(),
    wall.getUTCSeconds(),
  );
}
