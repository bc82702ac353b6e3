/**
 * Changing users, and which login is demanded: see users.ts.
 *
 * @module
 */

import { RequestError } from "../../wire/errors.ts";
import { readChain } from "../../wire/message/chain.ts";
import { encode, type Encoder } from "../../wire/msgpack/encoder.ts";
import type { ElementKey } from "../../wire/path/keys.ts";
import type { Value } from "../../wire/value.ts";
import type { Method, Shown, UserRecord } from "../auth/method.ts";
import { outOfPlace } from "../auth/refusals.ts";
import { usersPath } from "../auth/users.ts";
import type { Change } from "../core/effect.ts";
import { checkChain } from "../core/precondition.ts";
import { NO_VALUE } from "../core/values.ts";
import { type Call, pathOf } from "./call.ts";
import { Dialogue, expectStep, type Talk } from "./dialogue.ts";
import { writeChain } from "./entry_fields.ts";
import { kindOf, shownBy } from "./login.ts";
import { badField } from "./refusal.ts";
import { requireUnbound } from "./unbound.ts";

/** Answers `auth_set`. */
export async function authSet(call: Call): Promise<void> {
  const { request, client, services: { auth, turn } } = call;
  const method = auth.method(call.text("typ"));
  kindOf(call);
  const shown = shownBy(call);
  if (request.state === "start") {
    if (method.name === "_test") return client.open(call, new Dialogue((talk) => setByName(call, method, shown, talk)));
    throw outOfPlace("Can't explicitly send in simple interaction");
  }
  if (method.name === "_test" && !request.has("data")) throw outOfPlace("Can't explicitly send in simple interaction");
  call.holds = true;
  const change = await store(call, method, shown, request.has("chain") ? request.value("chain") : undefined);
  writeChange(call.begin(changeFields + 1), change);
  call.tock(change.tock);
  call.end();
  await turn.committed();
}

/** The original's client tells the name of a `_test` user when it is asked. */
async function setByName(call: Call, method: Method, shown: Shown, talk: Talk): Promise<void> {
  talk.send(1, (out) => {
    out.str("step");
    out.str("GiveName");
  });
  const answer = await expectStep(talk, "HasName");
  const name = answer("name");
  if (typeof name !== "string") throw badField("name", "a text");
  const change = await store(call, method, { ...shown, ident: name }, answer("chain"));
  await call.services.turn.committed();
  talk.send(changeFields, (out) => writeChange(out, change), change.tock);
}

/** Makes the record, then checks what the client expects, and writes. */
async function store(call: Call, method: Method, shown: Shown, expected: Value | undefined): Promise<Change> {
  const { auth: { users }, turn } = call.services;
  const bindings = (["acl", "conv"] as const).flatMap((what) => bindingOf(shown, what));
  const record = await method.record(users.record(method.name, shown.ident), shown);
  // The rights may have changed while the password was stretched.
  requireUnbound(call);
  if (turn.refusal !== undefined) throw new RequestError("read_only", turn.refusal);
  const path = [...usersPath(method.name), shown.ident];
  if (expected !== undefined) {
    checkChain(users.entry(method.name, shown.ident), readChain(expected), String(pathOf(path, 0, path.length)));
  }
  // Bound first: nobody may log in as a user that is not bound yet.
  for (const [what, name] of bindings) write(call, [...path, what], name === null ? undefined : { key: name });
  const change = write(call, path, record);
  keepOwn(call, method, shown.ident, record);
  return change;
}

/** Whoever changes his own password stays; his other connections end. */
function keepOwn({ client }: Call, method: Method, user: string, record: UserRecord): void {
  const { identity } = client;
  const isOwn = identity?.method === method.name && identity.user === user && identity.proof !== undefined;
  if (isOwn) client.become({ ...identity, proof: record });
}

function bindingOf(shown: Shown, what: "acl" | "conv"): [string, string | null][] {
  const name = shown.field(what);
  if (name === undefined) return [];
  if (name === null || (typeof name === "string" && name !== "")) return [[what, name]];
  throw badField(what, "a name");
}

function write(call: Call, path: ElementKey[], value: UserRecord | undefined): Change {
  const { store } = call.services;
  const entry = store.ensure(path, path.length);
  if (value === undefined) return store.delete(entry);
  const bytes = encode(value);
  return store.write(entry, bytes, 0, bytes.length);
}

const changeFields = 2;

function writeChange(out: Encoder, change: Change): void {
  out.str("changed");
  out.bool(true);
  writeChain(out, change.writer, change.tick, change.older, 1);
}

/** Answers `set_auth_typ`. */
export function setAuthType(call: Call): void {
  const { request, client, services: { auth, store, turn } } = call;
  const typ = request.value("typ");
  if (typ !== undefined && typ !== null && typeof typ !== "string") throw badField("typ", "a method or nil");
  if (typeof typ === "string") checkConfigured(call, auth.method(typ));
  if (turn.refusal !== undefined) throw new RequestError("read_only", turn.refusal);
  const { current, compatible, ...others } = auth.users.settings ?? {};
  const now = typ === undefined ? current : typ;
  const isCompatible = request.has("compatible") ? request.bool("compatible", false) : compatible === true;
  const settings = {
    ...others,
    ...(now === null || now === undefined ? {} : { current: now }),
    ...(isCompatible ? { compatible: true } : {}),
  };
  if (client.identity === undefined) auth.excuse(client);
  const change = write(call, [null, "auth"], settings);
  const hasPrevious = change.oldValue !== NO_VALUE;
  const out = call.begin(changeFields + (hasPrevious ? 2 : 1));
  writeChange(out, change);
  if (hasPrevious) {
    out.str("prev");
    store.values.copyTo(change.oldValue, out);
  }
  call.tock(change.tock);
  call.end();
}

function checkConfigured(call: Call, method: Method): void {
  for (const _ of call.services.auth.users.entries(method.name)) return;
  throw outOfPlace(`You didn't configure this method yet: ${method.name}`);
}
