/** Tokens, and what ends a login or keeps one out: changed secrets, broken bindings, failures. */

import { P } from "../../../wire/path/template.ts";
import type { Value } from "../../../wire/value.ts";
import { secretHash } from "../../../wire/login/credentials.ts";
import { tokenText } from "../../../wire/login/names.ts";
import { assertEquals, assertFalse, assertIncludes, assertInstance } from "../../support/assert.ts";
import { boxed, exchangeKey } from "../../support/login.ts";
import { Bench } from "../session/bench.ts";

type Fields = { readonly [name: string]: Value };

import { addTestUser, addUser, changePassword, locked, logIn, recordOf } from "./login_bench.ts";

Deno.test("token: logs in beside the method in use, in a box or as text, until its end", async () => {
  await using bench = new Bench();
  const { admin } = await locked(bench);
  bench.clock.advance(5_000);
  const secret = crypto.getRandomValues(new Uint8Array(32));
  const token = tokenText("hall", secret);
  const made = await admin.ask("auth_set", {
    typ: "token",
    ident: "hall",
    chain: null,
    hash: secretHash(secret),
    until: 60,
    note: "the gadget in the hall",
    acl: "gadgets",
  });
  assertEquals(made.changed, true);
  const { tock: _, ...seen } = await admin.ask("auth_get", { typ: "token", ident: "hall" });
  assertEquals(seen, { name: "hall", created: 5, until: 60, note: "the gadget in the hall" });
  const client = await bench.connect();
  assertEquals(client.greeting.auth, ["password", "token"]);
  assertEquals((await client.stream("auth", { typ: "token", token }))[1], { state: "end" });
  assertEquals([client.session.identity?.aclName, client.session.rights?.name], ["gadgets", "gadgets"]);
  const other = await bench.connect();
  const key = await exchangeKey(other);
  const failed = "AuthFailedError('The token is not valid, or not any more')";
  const wrong = { typ: "token", ident: "hall", token: boxed(key, new Uint8Array(32)) };
  assertEquals((await other.stream("auth", wrong))[1].error, failed);
  const unknown = { ...wrong, ident: "nobody", token: boxed(key, secret) };
  assertEquals((await other.stream("auth", unknown))[1].error, failed);
  const right = { ...wrong, token: boxed(key, secret) };
  assertEquals((await other.stream("auth", right))[1], { state: "end" });
  bench.clock.advance(55_000);
  for (const ended of [client, other]) {
    assertIncludes((await ended.next()).error as string, "time of this login is over");
  }
  assertEquals((await (await bench.connect()).stream("auth", { typ: "token", token }))[1].error, failed);
});

Deno.test("what ends at once: removed users, revoked tokens, changed bindings, and everybody when a login is demanded", async () => {
  await using bench = new Bench();
  const bystander = await bench.connect();
  const { admin, client } = await locked(bench);
  assertIncludes((await bystander.next()).error as string, "asks for a login");
  await addUser(admin, "jim", "test123");
  const jim = await bench.connect();
  assertEquals([await logIn(client, "joe", "test123"), await logIn(jim, "jim", "test123")], [undefined, undefined]);
  await admin.ask("delete_internal", { path: P("auth.password.user.joe") });
  assertIncludes((await client.next()).error as string, "not there any more");
  await jim.ask("set_value", { path: P("a"), value: 1 });
  await admin.ask("set_internal", { path: P("auth.password.user.jim.acl"), value: { key: "some" } });
  assertIncludes((await jim.next()).error as string, "rights of this user have changed");
  assertEquals((await admin.ask("get_tock")).error, undefined);
});

Deno.test("a changed password ends the logins with the old one, and not the one that changed it", async () => {
  await using bench = new Bench();
  const { admin, client: own } = await locked(bench);
  const other = await bench.connect();
  for (const each of [own, other]) assertEquals(await logIn(each, "joe", "test123"), undefined);
  await changePassword(own, "joe", "changed1");
  assertIncludes((await other.next()).error as string, "password or token of this user has changed");
  assertEquals((await own.ask("get_tock")).error, undefined);
  await changePassword(admin, "joe", "changed2");
  assertIncludes((await own.next()).error as string, "password or token of this user has changed");
});

Deno.test("a changed secret ends logins by tokens, and a changed note does not", async () => {
  await using bench = new Bench();
  const { admin, client } = await locked(bench);
  const secret = new Uint8Array(32).fill(5);
  const set = (fields: Fields) => admin.ask("auth_set", { typ: "token", ident: "hall", ...fields });
  await set({ hash: secretHash(secret) });
  assertEquals((await client.stream("auth", { typ: "token", token: tokenText("hall", secret) }))[1], { state: "end" });
  await set({ note: "the lamp" });
  assertEquals((await client.ask("get_tock")).error, undefined);
  await set({ hash: secretHash(new Uint8Array(32).fill(6)) });
  assertIncludes((await client.next()).error as string, "password or token of this user has changed");
});

Deno.test("a record that another server has bettered, or made plain again, is of the same password", async () => {
  await using bench = new Bench();
  const { admin, client } = await locked(bench, { compatible: true });
  assertEquals(await logIn(client, "joe", "test123"), undefined);
  const plain = await recordOf(admin);
  assertEquals(Object.keys(plain), ["_aux", "password"]);
  await admin.ask("set_auth_typ", { typ: "password", compatible: false });
  assertEquals(await logIn(await bench.connect(), "joe", "test123"), undefined);
  const stretched = await recordOf(admin);
  assertEquals(Object.keys(stretched), ["_aux", "scrypt"]);
  for (const value of [plain, stretched, plain]) {
    await admin.ask("set_internal", { path: P("auth.password.user.joe"), value });
    // A login that fails comes behind the comparison: both are stretched, in their order.
    assertIncludes(await logIn(await bench.connect(), "joe", "wrong123") as string, "AuthFailedError");
    assertEquals((await client.ask("get_tock")).error, undefined);
  }
  await admin.ask("set_internal", {
    path: P("auth.password.user.joe"),
    value: { ...plain, password: secretHash(plain.password as Uint8Array) },
  });
  assertIncludes((await client.next()).error as string, "password or token of this user has changed");
});

Deno.test("a better record of another password ends a login, as soon as that is known", async () => {
  await using bench = new Bench();
  const { admin, client } = await locked(bench, { compatible: true });
  assertEquals(await logIn(client, "joe", "test123"), undefined);
  await admin.ask("set_auth_typ", { typ: "password", compatible: false });
  await changePassword(admin, "joe", "changed1");
  assertEquals(Object.keys(await recordOf(admin)), ["_aux", "scrypt"]);
  assertIncludes((await client.next()).error as string, "password or token of this user has changed");
});

Deno.test("a broken binding lets nobody in", async () => {
  await using bench = new Bench();
  const { admin, client } = await locked(bench);
  for (const value of [5, {}, { key: "" }, { key: 7 }] as Value[]) {
    await admin.ask("set_internal", { path: P("auth.password.user.joe.acl"), value });
    assertIncludes(await logIn(client, "joe", "test123") as string, "binding 'acl' is broken");
  }
  await admin.ask("delete_internal", { path: P("auth.password.user.joe.acl") });
  assertEquals(await logIn(client, "joe", "test123"), undefined);
});

Deno.test("bindings of 2019, within the record, bind too", async () => {
  await using bench = new Bench();
  const admin = await bench.connect();
  await addTestUser(admin, "joe", 101);
  await admin.ask("set_internal", { path: P("auth._test.user.joe"), value: { _aux: { acl: "old", conv: "fmt" } } });
  await admin.ask("set_auth_typ", { typ: "_test" });
  const client = await bench.connect();
  await client.stream("auth", { typ: "_test", ident: "joe", data: {} });
  assertEquals([client.session.identity?.aclName, client.session.identity?.convGroup], ["old", "fmt"]);
});

Deno.test("failed logins slow down, for that user from that place, and success forgives", async () => {
  await using bench = new Bench();
  const { admin, client } = await locked(bench);
  await addUser(admin, "jim", "test123");
  for (let i = 0; i < 4; i++) assertIncludes(await logIn(client, "joe", "wrong123") as string, "AuthFailedError");
  assertEquals(await logIn(await bench.connect(), "joe", "test123"), undefined);
  for (let i = 0; i < 5; i++) assertIncludes(await logIn(client, "joe", "wrong123") as string, "AuthFailedError");
  assertIncludes(await logIn(client, "joe", "test123") as string, "Too many failed logins");
  assertEquals(await logIn(client, "jim", "test123"), undefined);
});

Deno.test("a method that is demanded stays so without users", async () => {
  await using bench = new Bench();
  const { admin } = await locked(bench);
  await admin.ask("delete_internal", { path: P("auth.password.user.joe") });
  assertEquals((await bench.connect()).greeting.auth, ["password"]);
  assertEquals((await admin.ask("set_auth_typ", { typ: null })).changed, true);
  assertEquals((await bench.connect()).greeting.auth, [null, "password"]);
  assertFalse((await bench.connect()).session.needsLogin);
  assertInstance(admin.session.sharedKey, Uint8Array);
});
