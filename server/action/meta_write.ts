/**
 * A write of a type, a match, a codec or a converter: it is refused if it makes no sense. Requests behind it wait, because
 * what they write may have to fit it.
 *
 * @module
 */

import type { Validator } from "../meta/validator.ts";
import { applyWrite, type Converted } from "./apply_write.ts";
import type { Call } from "./call.ts";
import type { WaitingWrite } from "./waiting_write.ts";

/** A write of something that others are checked by. */
export class MetaWrite implements WaitingWrite {
  readonly isExclusive = true;
  readonly needsTurn = true;
  #version = NaN;
  #converted: Converted | undefined;

  constructor(readonly validator: Validator) {}

  /** Validates it. */
  async prepare({ request, services: { meta }, keys, keyCount }: Call): Promise<void> {
    this.#version = meta.version;
    const given = request.bytes.slice(request.valueStart, request.valueEnd);
    const value = await this.validator(given, keys.slice(0, keyCount));
    this.#converted = value === undefined ? undefined : { value };
  }

  /** Whether the types or codecs that it builds on have changed. */
  isStale({ services: { meta } }: Call): boolean {
    return this.#version !== meta.version;
  }

  /** Writes. */
  apply(call: Call): void | Promise<void> {
    const done = applyWrite(call, call.request.valueStart, call.request.valueEnd, this.#converted);
    // What comes behind it may be in the same turn.
    call.services.meta.reload();
    return done;
  }
}
