/**
 * What a client expects of an entry before it changes it: `idem`, `prev` and `chain`, in this order.
 *
 * | field | passes when |
 * | --- | --- |
 * | `idem: true` | always; an equal value is not written again |
 * | `prev: V` | the stored value equals V |
 * | `chain: nil` | there is no value |
 * | `chain: {node, tick}` | there is a value, and its newest link has this node and this tick |
 *
 * Values are equal if their bytes are, or if they say the same: `1` is not `1.0`, the order of a map does not count.
 *
 * Source: `spec/client-protocol.md` 3.8, 3.9.
 *
 * @module
 */

import { ChainError } from "../../wire/errors.ts";
import { decode } from "../../wire/msgpack/decoder.ts";
import { equalValues } from "../../wire/msgpack/deep_equal.ts";
import type { Value } from "../../wire/value.ts";
import type { Link } from "../core/chain.ts";
import type { Entry } from "../core/entry.ts";
import { NO_VALUE, type ValueArena } from "../core/values.ts";
import type { Call } from "./call.ts";
import { badField, wrongPrevious } from "./refusal.ts";

/** Whether the stored value equals the encoded one. */
export function isEqual(values: ValueArena, value: number, bytes: Uint8Array, start: number, end: number): boolean {
  if (value === NO_VALUE) return false;
  if (values.sameBytes(value, bytes, start, end)) return true;
  values.locate(value);
  return equalValues(values.bytes, values.start, values.end, bytes, start, end);
}

/**
 * Checks `prev` and `chain` of a request against the entry, which may not exist yet.
 * @throws {RequestError} With code `chain`
 */
export function checkExpectation(call: Call, entry: Entry | undefined): void {
  const { request } = call;
  const prev = request.rawStart("prev");
  if (prev >= 0) checkPrevious(call, entry, prev, request.rawEnd("prev"));
  const chain = request.rawStart("chain");
  if (chain >= 0) checkChain(call, entry, chain, request.rawEnd("chain"));
}

function checkPrevious(call: Call, entry: Entry | undefined, start: number, end: number): void {
  const { values } = call.services.store;
  const { bytes } = call.request;
  if (entry !== undefined && isEqual(values, entry.value, bytes, start, end)) return;
  const current = entry?.hasValue ? decode(values.read(entry.value)) : undefined;
  throw wrongPrevious(current, decode(bytes, start, end), String(call.givenPath()));
}

function checkChain(call: Call, entry: Entry | undefined, start: number, end: number): void {
  const expected = decode(call.request.bytes, start, end);
  const isThere = entry?.hasValue === true;
  if (expected === null) {
    if (isThere) throw new ChainError(`Entry already exists at ${call.givenPath()}`);
    return;
  }
  const links = readLinks(expected);
  if (!isThere) throw new ChainError(`Entry is new at ${call.givenPath()}`);
  if (entry.writer?.name === links.node && entry.tick === links.ticks[0]) return;
  const current = linkText(entry.writer!.name, ticksOf(entry));
  throw new ChainError(`Chain is ${current} not ${linkText(links.node, links.ticks)} for ${call.givenPath()}`);
}

/** The newest node of a chain, and the ticks of all its links. */
function readLinks(chain: Value): { node: string; ticks: number[] } {
  const ticks: number[] = [];
  let node: string | undefined;
  for (let link: Value | undefined = chain; link !== null && link !== undefined;) {
    const { node: name, tick, prev }: Record<string, Value | undefined> = isRecord(link) ? link : {};
    if (typeof name !== "string" || typeof tick !== "number" || !Number.isSafeInteger(tick)) {
      throw badField("chain", "nil, or a map of node, tick and maybe prev");
    }
    node ??= name;
    ticks.push(tick);
    link = prev;
  }
  return { node: node!, ticks };
}

function isRecord(value: Value): value is { readonly [key: string]: Value } {
  return typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

function ticksOf(entry: Entry): number[] {
  const ticks = [entry.tick];
  for (let link: Link | null = entry.older; link !== null; link = link.prev) ticks.push(link.tick);
  return ticks;
}

function linkText(node: string, ticks: readonly number[]): string {
  return `<NodeEvent ${node}:${ticks[0]} (${ticks.join(",")}${ticks.length === 1 ? "," : ""})>`;
}
