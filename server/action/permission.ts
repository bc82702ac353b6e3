/**
 * Whether the client of a call may do what it asks for, at the path that the call has read. Clients without rights of their
 * own may do everything, and cost one comparison.
 *
 * Source: `spec/client-protocol.md` 5.4.
 *
 * @module
 */

import type { ElementKey } from "../../wire/path/keys.ts";
import type { Entry } from "../core/entry.ts";
import type { Store } from "../core/store.ts";
import { NO_VALUE } from "../core/values.ts";
import { Walk } from "../core/walk.ts";
import { type AclLetter, refusalOf, type Rights, type WritePlace } from "../meta/acl/rights.ts";
import { isBetrayal } from "../meta/acl/subject.ts";
import type { Call } from "./call.ts";

/** Entries that are looked at to see whether there is anything at all; more of them count as something. */
const visitsMax = 1000;

/** Refuses what the rules do not allow. @throws {AclError} */
export function checkLetter(call: Call, letter: AclLetter): void {
  call.client.rights?.check(letter, call.keys, call.keyCount);
}

/** Refuses to show a value. @throws {AclError} */
export function checkRead(call: Call, value: number): void {
  const { rights } = call.client;
  if (rights === undefined) return;
  rights.check("r", call.keys, call.keyCount);
  if (betrays(call, rights, value)) throw refusalOf({ rule: undefined, letter: "r" });
}

/** Whether a value at the call's path may be shown. */
export function mayRead(call: Call, value: number): boolean {
  const { rights } = call.client;
  if (rights === undefined) return true;
  return rights.may("r", call.keys, call.keyCount) && !betrays(call, rights, value);
}

function betrays(call: Call, rights: Rights, value: number): boolean {
  return isBetrayal(rights.book, call.keys, call.keyCount, call.services.store.values, value);
}

/** Refuses to set, or to take away, the value at the call's path. @throws {AclError} */
export function checkWrite(call: Call, entry: Entry | undefined): void {
  call.client.rights?.checkWrite(call.keys, call.keyCount, writePlace(call, entry));
}

/** What a write at the call's path depends on. */
export function writePlace({ keys, services: { store } }: Call, entry: Entry | undefined): WritePlace {
  return entry !== undefined && entry.value !== NO_VALUE
    ? hasValue
    : { hasValue: false, exists: (levels) => isThere(store, keys, levels) };
}

/** A value: everything on the way to it is there. */
const hasValue: WritePlace = { hasValue: true, exists: () => true };

/** Whether there is a value at or below a place. Entries that were made for a watch are nothing. */
function isThere(store: Store, keys: readonly ElementKey[], levels: number): boolean {
  const entry = store.find(keys, levels);
  if (entry === undefined) return false;
  const walk = new Walk(entry, { empty: true });
  for (let visits = 0; visits < visitsMax; visits++) {
    const found = walk.next();
    if (found === undefined) return false;
    if (found.hasValue) return true;
  }
  return true;
}
