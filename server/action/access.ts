/**
 * `test_acl`, `root`: what a client may do, and where it stands.
 *
 * `test_acl {path, ?mode="x", ?acl}` → `{access}`: false, or true, or the letters of the rule that decides if the client's own
 * rules grant it `a` there. `mode` may be `W`: `w` where there is a value, else `c`. With `acl`, that ACL has to allow it, too;
 * whoever is bound by one can name no other.
 * `root {path}` → the entry there, which is the root of everything this connection does from now on.
 *
 * @module
 */

import { AclError } from "../../wire/errors.ts";
import { Path } from "../../wire/path/path.ts";
import { replyKeys } from "../../wire/message/reply.ts";
import type { Entry } from "../core/entry.ts";
import { NO_VALUE } from "../core/values.ts";
import type { RuleBook } from "../meta/acl/rights.ts";
import type { Call } from "./call.ts";
import { versionFields, writeEntryChain, writeValue } from "./entry_fields.ts";
import { readLetter } from "./explain_acl.ts";
import { checkLetter, mayRead, writePlace } from "./permission.ts";
import { answerShown, converterAt } from "./shown_value.ts";
import { noEntry } from "./refusal.ts";

/** Answers `test_acl`. */
export function testAcl(call: Call): void {
  const { client: { rights }, request } = call;
  const count = call.path();
  const named = request.has("acl") ? namedBook(call, call.text("acl")) : undefined;
  const isAllowed = allows(call, rights?.book) && allows(call, named);
  const mayAsk = rights !== undefined && rights.may("a", call.keys, count);
  const out = call.begin(2);
  out.str("access");
  if (isAllowed && mayAsk) out.str(rights.book.spot(call.keys, count).rule?.letters ?? "");
  else out.bool(isAllowed);
  call.tock();
  call.end();
}

function namedBook(call: Call, name: string): RuleBook {
  const { client: { rights }, services: { meta } } = call;
  if (rights !== undefined && rights.name !== name) throw new AclError("Another ACL can be tested without one alone");
  if (!meta.acls.has(name)) throw noEntry(Path.of(null, "acl", name));
  return meta.acls.book(name);
}

function allows(call: Call, book: RuleBook | undefined): boolean {
  const { keys, keyCount, request, services: { store } } = call;
  const isWrite = request.has("mode") && call.request.text("mode") === "W";
  const letter = isWrite ? undefined : readLetter(call, "x");
  if (book === undefined) return true;
  const denial = letter === undefined
    ? book.writeDenial(keys, keyCount, writePlace(call, store.find(keys, keyCount)))
    : book.denial(letter, keys, keyCount);
  return denial === undefined;
}

/** Answers `root`. The entry is made when something is stored at or below it. */
export function setRoot(call: Call): void {
  const { store } = call.services;
  const nchain = call.int("nchain", 2);
  const count = call.path();
  checkLetter(call, "x");
  const entry = store.find(call.keys, count);
  const value = entry !== undefined && mayRead(call, entry.value) ? entry.value : NO_VALUE;
  call.client.root = call.keys.slice(0, count);
  const converter = converterAt(call, value);
  if (converter === undefined) return replyRoot(call, entry, value, nchain);
  answerShown(call, converter, value, (own, shown) => replyRoot(own, entry, value, nchain, shown));
}

/** @param shown The value as the client sees it, if that is not what is stored */
function replyRoot(call: Call, entry: Entry | undefined, value: number, nchain: number, shown?: Uint8Array): void {
  const { store } = call.services;
  const hasChain = value === NO_VALUE ? 0 : nchain;
  const out = call.begin(2 + versionFields(value, hasChain));
  if (shown === undefined) writeValue(out, store.values, value);
  else {
    out.raw(replyKeys.value);
    out.raw(shown);
  }
  writeEntryChain(out, entry, hasChain);
  call.tock(entry?.tock || store.clock);
  out.str("path");
  out.arrayHeader(0);
  call.end();
}
