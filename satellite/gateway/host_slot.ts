/**
 * One slot of a satellite, as its gateway sees it. Pure.
 *
 * @module
 */

import type { Announcement } from "../../wire/link/messages.ts";
import { Float, type Value } from "../../wire/value.ts";

/** Bits of a slot's access. */
export const access = { reported: 1, settable: 2, onDemand: 4, momentary: 8 } as const;

/** Digits that a float of four bytes has. */
const floatDigits = 7;

/** A slot. */
export class HostSlot {
  /** What it should be, if somebody said so. */
  desired: Value | undefined;
  /** Whether that is still to be sent. */
  isDesiredDue = false;
  /** A momentary command that waits, and since when. */
  momentary: { readonly atMs: number } | undefined;
  isMomentaryDue = false;
  /** A report policy of the tree that is still to be sent. */
  policy: readonly Value[] | undefined;
  isPolicyDue = false;
  /** Whether its last report was an error. */
  hasError = false;
  /** Whether its last command failed. */
  hasFailed = false;

  constructor(readonly announcement: Announcement) {}

  /** The path below the satellite, such as `air.temp`. */
  get path(): string {
    return this.announcement.path;
  }

  /** Whether it has these bits. */
  has(bits: number): boolean {
    return (this.announcement.access & bits) === bits;
  }

  /** What clients see of the announcement: fields that say nothing are left out. */
  get meta(): Value {
    const { kind, unit, lo, hi, step, access: acc } = this.announcement;
    const fields = { kind, unit, lo: rounded(lo), hi: rounded(hi), step: rounded(step), acc };
    return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null));
  }

  /** A value that was reported, without the noise of its four bytes: a multiple of `step`, or seven digits. */
  tidy(value: Value): Value {
    if (typeof value !== "number" && !(value instanceof Float)) return value;
    const isFloat = value instanceof Float || !Number.isInteger(value);
    if (!isFloat) return value;
    const number = toStep(Float.toNumber(value), rounded(this.announcement.step));
    return Number.isInteger(number) ? new Float(number) : number;
  }
}

function rounded(value: number | null): number | null {
  return value === null ? null : Number(value.toPrecision(floatDigits));
}

function toStep(value: number, step: number | null): number {
  if (step === null || step <= 0) return Number(value.toPrecision(floatDigits));
  const digits = Math.max(0, -Math.floor(Math.log10(step))) + 2;
  return Number((Math.round(value / step) * step).toFixed(Math.min(digits, 15)));
}
