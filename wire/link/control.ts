/**
 * The frames that open and end a session: `0xC0` and then msgpack values, the first of which says what it is. They carry no
 * number, and are sent again until answered.
 *
 * ```text
 * satellite                                                                  host
 *   1 hello    version, name, uid, boot id, slots, list hash, capabilities, nonce ─▶
 *                 ◀─ 2 welcome   version, epoch in ms, list hash known here or nil, nonce, MAC or nil
 *   3 confirm  MAC, until the first ack ─▶                                   session up, numbers begin with 0
 *                 ◀─ 4 bye       code, text (either way)
 * ```
 *
 * Source: `spec/satellite.md` 4.
 *
 * @module
 */

import { ProtocolError } from "../errors.ts";
import { Decoder } from "../msgpack/decoder.ts";
import { Encoder } from "../msgpack/encoder.ts";
import type { Value } from "../value.ts";
import { controlHead } from "./header.ts";

/** What we speak. */
export const linkVersion = 1;

/** Bits of a satellite's capabilities. */
export const capabilities = {
  /** It has a key, and wants the host to prove that it has it too. */
  auth: 1,
  /** Every frame is signed. */
  sign: 2,
  /** Signatures have 8 bytes instead of 4. */
  longSignature: 4,
  /** It keeps samples while the host is away. */
  ring: 8,
  /** Its files can be updated over the link. */
  files: 16,
  /** It runs the rescue copy only. */
  safeMode: 32,
} as const;

/** A satellite wants a session. */
export interface Hello {
  readonly kind: "hello";
  readonly version: number;
  readonly name: string;
  /** The chip's own number. */
  readonly uid: Uint8Array;
  /** Differs from boot to boot. */
  readonly bootId: number;
  /** How many slots it will announce. */
  readonly slots: number;
  /** Of the announcements: a host that knows it already is spared them. */
  readonly listHash: Uint8Array;
  readonly capabilities: number;
  readonly nonce: Uint8Array;
}

/** The host is there. */
export interface Welcome {
  readonly kind: "welcome";
  readonly version: number;
  readonly epochMs: number;
  /** The list hash that the host knows of this satellite. */
  readonly listHash: Uint8Array | null;
  readonly nonce: Uint8Array;
  /** Proves that the host has the key. */
  readonly mac: Uint8Array | null;
}

/** The satellite has heard the welcome. */
export interface Confirm {
  readonly kind: "confirm";
  /** Proves that it has the key; without a key the nonce of the welcome, so that it cannot be of an older one. */
  readonly mac: Uint8Array | null;
}

/** There is no session, or there is none any more. */
export interface Bye {
  readonly kind: "bye";
  /** `0` just so, else a reason; see {@linkcode byeCodes}. */
  readonly code: number;
  readonly text: string;
}

/** Why a session ended or never began. */
export const byeCodes = { none: 0, noSession: 1, refused: 2, wrongKey: 3, clash: 4, leaving: 5 } as const;

/** A control frame. */
export type Control = Hello | Welcome | Confirm | Bye;

/** Puts a control frame together: the data of a frame. */
export function encodeControl(control: Control): Uint8Array {
  const encoder = new Encoder(64);
  encoder.raw(Uint8Array.of(controlHead));
  for (const value of valuesOf(control)) encoder.value(value);
  return encoder.take();
}

function valuesOf(control: Control): Value[] {
  switch (control.kind) {
    case "hello":
      return [
        1,
        control.version,
        control.name,
        control.uid,
        control.bootId,
        control.slots,
        control.listHash,
        control.capabilities,
        control.nonce,
      ];
    case "welcome":
      return [2, control.version, control.epochMs, control.listHash, control.nonce, control.mac];
    case "confirm":
      return [3, control.mac];
    case "bye":
      return [4, control.code, control.text];
  }
}

/** Takes a control frame apart; values behind those we know are passed over. @throws {ProtocolError} If it is none */
export function decodeControl(data: Uint8Array): Control {
  const read = new FieldReader(data);
  const op = read.int("operation");
  switch (op) {
    case 1:
      return {
        kind: "hello",
        version: read.int("version"),
        name: read.text("name"),
        uid: read.bytes("uid"),
        bootId: read.int("boot id"),
        slots: read.int("slots"),
        listHash: read.bytes("list hash"),
        capabilities: read.int("capabilities"),
        nonce: read.bytes("nonce"),
      };
    case 2:
      return {
        kind: "welcome",
        version: read.int("version"),
        epochMs: read.int("epoch"),
        listHash: read.optionalBytes("list hash"),
        nonce: read.bytes("nonce"),
        mac: read.optionalBytes("MAC"),
      };
    case 3:
      return { kind: "confirm", mac: read.isAtEnd ? null : read.optionalBytes("MAC") };
    case 4:
      return { kind: "bye", code: read.isAtEnd ? 0 : read.int("code"), text: read.isAtEnd ? "" : read.text("text") };
  }
  throw new ProtocolError(`A control frame is 1 to 4, not ${op}`, 1);
}

/** The values of a control frame, one by one. */
class FieldReader {
  readonly #decoder: Decoder;
  readonly #end: number;

  constructor(data: Uint8Array) {
    if (data[0] !== controlHead) {
      throw new ProtocolError(`A control frame begins with ${controlHead}, not ${data[0]}`, 0);
    }
    this.#decoder = new Decoder(data, 1, data.length);
    this.#end = data.length;
  }

  get isAtEnd(): boolean {
    return this.#decoder.offset >= this.#end;
  }

  int(name: string): number {
    const value = this.#next(name);
    if (typeof value === "number" && Number.isSafeInteger(value)) return value;
    throw this.#bad(name, "an integer");
  }

  text(name: string): string {
    const value = this.#next(name);
    if (typeof value === "string") return value;
    throw this.#bad(name, "a text");
  }

  bytes(name: string): Uint8Array {
    return this.optionalBytes(name) ?? this.#fail(name);
  }

  optionalBytes(name: string): Uint8Array | null {
    const value = this.#next(name);
    if (value === null || value instanceof Uint8Array) return value;
    throw this.#bad(name, "bytes");
  }

  #fail(name: string): never {
    throw this.#bad(name, "bytes");
  }

  #next(name: string): Value {
    if (this.isAtEnd) throw new ProtocolError(`The control frame ends where its ${name} should be`, this.#end);
    return this.#decoder.value();
  }

  #bad(name: string, expected: string): ProtocolError {
    return new ProtocolError(`The ${name} of a control frame should be ${expected}`, this.#decoder.offset);
  }
}
