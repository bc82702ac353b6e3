/** Users, passwords and logins for tests of the actions. */

import { P } from "../../../wire/path/template.ts";
import type { Value } from "../../../wire/value.ts";
import { assertEquals } from "../../support/assert.ts";
import { boxedPassword, exchangeKey } from "../../support/login.ts";
import type { Bench, TestClient } from "../session/bench.ts";

type Fields = { readonly [name: string]: Value };

/** Adds a user with a password. */
export async function addUser(
  client: TestClient,
  ident: string,
  password: string,
  more: Fields = {},
): Promise<Uint8Array> {
  const key = client.session.sharedKey ?? await exchangeKey(client);
  const reply = await client.ask("auth_set", {
    typ: "password",
    kind: "user",
    ident,
    chain: null,
    password: boxedPassword(key, password),
    ...more,
  });
  assertEquals(reply.error, undefined);
  return key;
}

export async function changePassword(client: TestClient, ident: string, password: string): Promise<void> {
  const key = client.session.sharedKey ?? await exchangeKey(client);
  const reply = await client.ask("auth_set", { typ: "password", ident, password: boxedPassword(key, password) });
  assertEquals([reply.error, reply.changed], [undefined, true]);
}

/** A connection that is greeted with a demand for passwords, and the admin's. */
export async function locked(bench: Bench, fields: Fields = {}): Promise<{ admin: TestClient; client: TestClient }> {
  const admin = await bench.connect();
  if ("compatible" in fields) await admin.ask("set_auth_typ", fields);
  await addUser(admin, "joe", "test123");
  assertEquals((await admin.ask("set_auth_typ", { typ: "password" })).changed, true);
  return { admin, client: await bench.connect() };
}

export async function logIn(client: TestClient, ident: string, password: string): Promise<Value | undefined> {
  const key = client.session.sharedKey ?? await exchangeKey(client);
  const messages = await client.stream("auth", { typ: "password", ident, password: boxedPassword(key, password) });
  assertEquals(messages[0], { state: "start" });
  return messages[1].error;
}

/** A record of the hidden tree. */
export const recordOf = async (admin: TestClient, path = "auth.password.user.joe"): Promise<Fields> =>
  (await admin.ask("get_internal", { path: P(path) })).value as Fields;

/** Adds a `_test` user as the original's client does, step by step. */
export async function addTestUser(client: TestClient, name: string, seq: number): Promise<void> {
  client.send({ seq, action: "auth_set", typ: "_test", kind: "user", ident: name, state: "start", wseq: 1 });
  assertEquals((await client.next()).state, "start");
  const { step } = await client.next();
  assertEquals(step, "GiveName");
  client.send({ seq, step: "HasName", name, chain: null, wseq: 2 });
  assertEquals((await client.next()).changed, true);
  assertEquals((await client.next()).state, "end");
}
