/**
 * Looking at users and making them; for those whom no ACL binds.
 *
 * | action | answer |
 * | --- | --- |
 * | `auth_info {}` | `{?value: {current, …}}` |
 * | `auth_list {typ, ?kind, ?ident, ?nchain=0}` | a stream of `{typ, kind, ident, ?chain, …}`; with `ident` that one alone |
 * | `auth_get {typ, ?kind, ident, ?nchain=0}` | `{name, ?chain, …}` |
 * | `auth_set {typ, ?kind, ident, ?chain, ?acl, ?conv, …}` | as `set_value`; what else there is says the method |
 * | `set_auth_typ {typ, ?compatible}` | as `set_value`; `typ: nil`: no login is demanded |
 *
 * `auth_get` and `auth_set` of method `_test`, asked with `state: "start"`, go step by step, as the original's client does:
 * `SendWant`, `WantName`, `SendName` and `GiveName`, `HasName`.
 *
 * Source: `spec/client-protocol.md` 3.10, 4.2, 4.5.
 *
 * @module
 */

import type { Encoder } from "../../wire/msgpack/encoder.ts";
import type { Value } from "../../wire/value.ts";
import type { Method, UserRecord } from "../auth/method.ts";
import { noUser } from "../auth/refusals.ts";
import type { Entry } from "../core/entry.ts";
import type { Call } from "./call.ts";
import { Dialogue, expectStep } from "./dialogue.ts";
import { writeEntryChain } from "./entry_fields.ts";
import { kindOf } from "./login.ts";
import { missingField } from "./refusal.ts";

/** Answers `auth_info`. */
export function authInfo(call: Call): void {
  const { settings } = call.services.auth.users;
  // Without a `current`, the original's command line would break on it.
  const isKnown = settings?.current !== undefined;
  const out = call.begin(isKnown ? 2 : 1);
  if (isKnown) {
    out.str("value");
    out.value(settings);
  }
  call.tock();
  call.end();
}

/** Answers `auth_list`. */
export function authList(call: Call): void {
  const { request, client, services: { auth } } = call;
  const method = auth.method(call.text("typ"));
  const kind = kindOf(call);
  const nchain = call.int("nchain", 0);
  if (request.has("ident") && request.value("ident") !== null) {
    return reply(call, infoOf(call, method, userEntry(call, method), nchain));
  }
  const all = [...auth.users.entries(method.name, kind)].map((entry) => infoOf(call, method, entry, nchain));
  client.open(
    call,
    new Dialogue((talk) => {
      for (const { fields, write, tock } of all) talk.send(fields, write, tock);
      return Promise.resolve();
    }),
  );
}

/** Answers `auth_get`. */
export function authGet(call: Call): void {
  const { request, client, services: { auth } } = call;
  const method = auth.method(call.text("typ"));
  kindOf(call);
  const nchain = call.int("nchain", 0);
  const entry = userEntry(call, method);
  const name = entry.key as string;
  if (method.name !== "_test" || request.state !== "start") {
    return reply(call, messageOf({ name, ...publicFields(call, method, name) }, entry, nchain));
  }
  client.open(
    call,
    new Dialogue(async (talk) => {
      talk.send(1, (out) => writeFields(out, { step: "SendWant" }));
      await expectStep(talk, "WantName");
      const { fields, write, tock } = messageOf({ step: "SendName", name }, entry, nchain || 3);
      talk.send(fields, write, tock);
    }),
  );
}

/** A message about an entry, to be written once or later. */
interface Message {
  readonly fields: number;
  readonly write: (out: Encoder) => void;
  readonly tock?: number;
}

function infoOf(call: Call, method: Method, entry: Entry, nchain: number): Message {
  const ident = entry.key as string;
  const fields = { typ: method.name, kind: "user", ident, ...publicFields(call, method, ident) };
  return messageOf(fields, entry, nchain);
}

function publicFields(call: Call, method: Method, name: string): UserRecord {
  const { users } = call.services.auth;
  const record = users.record(method.name, name);
  return record === undefined ? {} : method.publicFields(record);
}

function messageOf(fields: { readonly [name: string]: Value }, entry: Entry, nchain: number): Message {
  return {
    fields: Object.keys(fields).length + (nchain === 0 ? 0 : 1),
    write: (out) => {
      writeFields(out, fields);
      writeEntryChain(out, entry, nchain);
    },
  };
}

function writeFields(out: Encoder, fields: { readonly [name: string]: Value }): void {
  for (const [name, value] of Object.entries(fields)) {
    out.str(name);
    out.value(value);
  }
}

function reply(call: Call, { fields, write }: Message): void {
  write(call.begin(fields + 1));
  call.tock();
  call.end();
}

/** The entry of the user that a request names. @throws {RequestError} If there is none */
function userEntry(call: Call, method: Method): Entry {
  if (!call.request.has("ident")) throw missingField("ident");
  const ident = call.text("ident");
  const entry = call.services.auth.users.entry(method.name, ident);
  if (entry === undefined) throw noUser(method.name, ident);
  return entry;
}
