/**
 * What satellite and host say to each other: one or more msgpack arrays in a frame's payload.
 *
 * | array | way | message |
 * | --- | --- | --- |
 * | `[slot, value]` | up | report |
 * | `[slot, value, age]` | up | late report: age in ms, or negative in s |
 * | `[slot, nil, text]` | up | a sensor's error |
 * | `[slot, value, id]` | down | command; id 1 … 127. `nil` asks for a report |
 * | `[-1, ticks]` up, `[-1, ticks, hi, lo]` down | both | time: epoch in ms is hi · 2^24 + lo |
 * | `[-2, slot, path, kind, unit, lo, hi, step, access, policy]` | up | announce; nils at the end are cut |
 * | `[-3, id, result]`, `[-3, id, nil, code, text]` | up | what came of a command |
 * | `[-4, slot, minMs, maxMs, deadband, flags]` | down | report policy |
 * | `[-5, hash, part, data]` down, `[-5, hash, ok, text]` up | both | configuration |
 * | `[-6, severity, text]` | up | log |
 * | `[-7, lost, slot]` | up | so many samples are missing here |
 * | `[-8, op, …]`, `[-9, op, …]` | both | files, system |
 *
 * Source: `spec/satellite.md` 3.3.
 *
 * @module
 */

import { ProtocolError } from "../errors.ts";
import { Decoder } from "../msgpack/decoder.ts";
import { Encoder } from "../msgpack/encoder.ts";
import { Float, type Value } from "../value.ts";

/** The codes of messages that are not about one slot. */
export const codes = {
  time: -1,
  announce: -2,
  result: -3,
  policy: -4,
  config: -5,
  log: -6,
  gap: -7,
  file: -8,
  system: -9,
} as const;

/** Slots of a satellite are numbered below this. */
export const slotsMax = 128;

/** Commands of a satellite that wait for a result are numbered 1 … this. */
export const commandIdMax = 127;

/** A message, as it came: its code or slot, and what follows. */
export interface LinkMessage {
  /** A slot if it is not negative, else one of {@linkcode codes}. */
  readonly code: number;
  readonly rest: readonly Value[];
}

/**
 * Takes a payload apart.
 * @throws {ProtocolError} At what is no message; those before it have been handed to `each` already
 */
export function readMessages(payload: Uint8Array, each: (message: LinkMessage) => void): void {
  const decoder = new Decoder(payload, 0, payload.length);
  while (decoder.offset < payload.length) {
    const start = decoder.offset;
    const value = decoder.value();
    if (!Array.isArray(value) || !isCode(value[0])) {
      throw new ProtocolError("A message of a satellite is an array that begins with a slot or a code", start);
    }
    each({ code: value[0], rest: value.slice(1) });
  }
}

function isCode(value: Value): value is number {
  return typeof value === "number" && Number.isInteger(value) && value > -128 && value < slotsMax;
}

/** Puts a message together. Nils at its end are cut, except behind `keep` elements. */
export function encodeMessage(code: number, rest: readonly Value[], keep: number = 0): Uint8Array {
  let length = rest.length;
  while (length > keep && rest[length - 1] === null) length--;
  const encoder = new Encoder(32);
  encoder.arrayHeader(length + 1);
  encoder.int(code);
  for (const value of rest.slice(0, length)) writeSmall(encoder, value);
  return encoder.take();
}

/** A value, floats in four bytes: most satellites have no longer ones. */
function writeSmall(encoder: Encoder, value: Value): void {
  const isFloat = value instanceof Float || (typeof value === "number" && !Number.isInteger(value));
  if (!isFloat) return encoder.value(value);
  const bytes = new Uint8Array(5);
  bytes[0] = 0xca;
  new DataView(bytes.buffer).setFloat32(1, Number(value));
  encoder.raw(bytes);
}

/** The epoch in two integers that every satellite can compute with. */
export function splitEpoch(epochMs: number): readonly [hi: number, lo: number] {
  return [Math.floor(epochMs / 2 ** 24), epochMs % 2 ** 24];
}

/** How long ago a late report was made, in ms: `age` is ms, or seconds if it is negative. */
export function ageMs(age: number): number {
  return age < 0 ? -age * 1000 : age;
}

/** What a satellite announces of a slot. */
export interface Announcement {
  readonly slot: number;
  /** Below the satellite, such as `air.temp`. */
  readonly path: string;
  readonly kind: string | null;
  readonly unit: string | null;
  readonly lo: number | null;
  readonly hi: number | null;
  /** Values are multiples of it. */
  readonly step: number | null;
  /** Bits: 1 reported, 2 settable, 4 reported when asked, 8 momentary. */
  readonly access: number;
  /** `[min ms, max ms, deadband, flags]`. */
  readonly policy: readonly Value[] | null;
}

/** Reads an announcement. @throws {ProtocolError} If a field is of the wrong type */
export function readAnnouncement({ rest }: LinkMessage): Announcement {
  const [slot, path, kind, unit, lo, hi, step, access, policy] = rest;
  return {
    slot: check("slot", slot, isSlot),
    path: check("path", path, isText),
    kind: checkOptional("kind", kind, isText),
    unit: checkOptional("unit", unit, isText),
    lo: numberOf("lo", lo),
    hi: numberOf("hi", hi),
    step: numberOf("step", step),
    access: access === undefined || access === null ? 1 : check("access", access, isSlot),
    policy: checkOptional("policy", policy, (value): value is readonly Value[] => Array.isArray(value)),
  };
}

function check<T extends Value>(name: string, value: Value | undefined, is: (value: Value) => value is T): T {
  if (value !== undefined && is(value)) return value;
  throw new ProtocolError(`The ${name} of an announcement is missing or of the wrong type`, 0);
}

function checkOptional<T extends Value>(
  name: string,
  value: Value | undefined,
  is: (value: Value) => value is T,
): T | null {
  return value === undefined || value === null ? null : check(name, value, is);
}

function numberOf(name: string, value: Value | undefined): number | null {
  const given = checkOptional(
    name,
    value,
    (each): each is number | Float => typeof each === "number" || each instanceof Float,
  );
  return given === null ? null : Float.toNumber(given);
}

function isSlot(value: Value): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 0 && value < slotsMax;
}

function isText(value: Value): value is string {
  return typeof value === "string";
}
