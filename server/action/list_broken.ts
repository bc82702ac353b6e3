/**
 * `list_broken {?kinds}` → `{result: [{kind, path, reason}]}`: types, matches, codecs and converters (`type`, `match`,
 * `codec`, `conv`) that are inactive, and why.
 *
 * @module
 */

import { encode, type Encoder } from "../../wire/msgpack/encoder.ts";
import { type Broken, brokenIn, type BrokenKind, brokenKinds } from "../meta/broken.ts";
import type { Call } from "./call.ts";
import { badField } from "./refusal.ts";

/** More are not listed. */
const itemsMax = 10_000;

/** Answers `list_broken`. */
export async function listBroken(call: Call): Promise<void> {
  const found: Broken[] = [];
  for (const kind of readKinds(call)) {
    for await (const broken of brokenIn(call.services.meta, kind)) {
      if (call.isStopped || found.length >= itemsMax) break;
      if (broken !== undefined) found.push(broken);
      else await new Promise((resume) => setImmediate(resume));
    }
  }
  const out = call.begin(2);
  out.str("result");
  writeItems(out, found);
  call.tock();
  call.end();
}

function readKinds(call: Call): readonly BrokenKind[] {
  const kinds = call.request.value("kinds") ?? brokenKinds;
  const isKind = (kind: unknown): kind is BrokenKind => (brokenKinds as readonly unknown[]).includes(kind);
  if (Array.isArray(kinds) && kinds.every(isKind)) return kinds;
  throw badField("kinds", `an array of ${brokenKinds.join(", ")}`);
}

function writeItems(out: Encoder, items: readonly Broken[]): void {
  out.arrayHeader(items.length);
  for (const { kind, path, reason } of items) out.raw(encode({ kind, path, reason }));
}
