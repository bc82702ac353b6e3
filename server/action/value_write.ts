/**
 * A write of user data whose value is converted, or has to be of a type: decoded, checked, then applied.
 *
 * If types or codecs change while it waits, it is prepared again: what is stored has passed what is valid then. So it is
 * also, a few times, if its code looks at the entry's present value and somebody else changes that.
 *
 * @module
 */

import type { Writer } from "../core/writer.ts";
import type { Converter } from "../meta/codec/converter.ts";
import type { Target } from "../meta/target.ts";
import type { MatchRule } from "../meta/types/match_rule.ts";
import { applyWrite, type Converted } from "./apply_write.ts";
import type { Call } from "./call.ts";
import type { WaitingWrite } from "./waiting_write.ts";

/** How often the present value may change under a write. */
const attemptsMax = 16;

/** A write of user data. */
export class ValueWrite implements WaitingWrite {
  readonly isExclusive = false;
  #converter: Converter | undefined;
  #rule: MatchRule | undefined;
  #converted: Converted | undefined;
  #version = NaN;
  /** The event that was there. */
  #writer: Writer | null | undefined;
  #tick = 0;
  #attempts = 0;

  /** @param rule What a new value has to fit */
  constructor(call: Call, readonly isDeletion: boolean, rule: MatchRule | undefined) {
    this.#lookUp(call, rule);
  }

  /** Whether anything has to be done before it. */
  get hasWork(): boolean {
    return this.#converter !== undefined || this.#rule !== undefined;
  }

  /** Whether its code looks at the present value. */
  needsTurn = false;

  #lookUp({ client, services: { meta }, keys, keyCount }: Call, rule: MatchRule | undefined): void {
    this.#version = meta.version;
    this.#converter = client.conversion?.rule(keys, keyCount);
    this.#rule = rule;
    this.needsTurn = (!this.isDeletion && this.#converter?.wantsEntry) ||
      (this.#rule !== undefined && meta.types.wantsEntry(this.#rule));
  }

  /** Converts, then checks. */
  prepare(call: Call): Promise<void> | undefined {
    const { services: { meta, store }, keys, keyCount } = call;
    if (this.#version !== meta.version) {
      this.#lookUp(call, this.isDeletion ? undefined : meta.types.rule(keys, keyCount));
    }
    if (this.needsTurn) this.#see(call);
    const target: Target = { store, keys, count: keyCount };
    if (this.#converter !== undefined) return this.#convert(call, this.#converter, target);
    this.#converted = undefined;
    return this.#rule && meta.types.check(this.#rule, givenValue(call), target);
  }

  async #convert(call: Call, converter: Converter, target: Target): Promise<void> {
    const { request, services: { meta } } = call;
    const rule = this.#rule;
    const converted: Converted = { encode: (stored) => converter.encode(stored, target) };
    const prev = request.rawStart("prev");
    if (prev >= 0) {
      converted.prev = await converter.decode(request.bytes.subarray(prev, request.rawEnd("prev")), target);
    }
    if (!this.isDeletion) converted.value = await converter.decode(givenValue(call), target);
    this.#converted = converted;
    if (rule !== undefined && converted.value !== undefined) await meta.types.check(rule, converted.value, target);
  }

  #see({ services: { store }, keys, keyCount }: Call): void {
    const entry = store.find(keys, keyCount);
    this.#writer = entry?.writer;
    this.#tick = entry?.tick ?? 0;
    this.#attempts++;
  }

  /** Whether types or codecs have changed, or the value that was looked at. */
  isStale({ services: { meta, store }, keys, keyCount }: Call): boolean {
    if (this.#version !== meta.version) return true;
    if (!this.needsTurn || this.#attempts >= attemptsMax) return false;
    const entry = store.find(keys, keyCount);
    return entry?.writer !== this.#writer || (entry?.tick ?? 0) !== this.#tick;
  }

  /** Writes. */
  apply(call: Call): void | Promise<void> {
    const { valueStart, valueEnd } = call.request;
    return this.isDeletion
      ? applyWrite(call, -1, -1, this.#converted)
      : applyWrite(call, valueStart, valueEnd, this.#converted);
  }
}

function givenValue({ request }: Call): Uint8Array {
  return request.bytes.subarray(request.valueStart, request.valueEnd);
}
