/** Logging in: what clients of the original ask and are answered. The exchanges are those of client-protocol 4.2. */

import { RequestError } from "../../../wire/errors.ts";
import { encode } from "../../../wire/msgpack/encoder.ts";
import { P } from "../../../wire/path/template.ts";
import type { Value } from "../../../wire/value.ts";
import { secretHash } from "../../../wire/login/credentials.ts";
import { tokenText } from "../../../wire/login/names.ts";
import {
  assertEquals,
  assertFalse,
  assertIncludes,
  assertInstance,
  assertRejects,
  assertTrue,
} from "../../support/assert.ts";
import { boxed, boxedPassword, exchangeKey } from "../../support/login.ts";
import { Bench, type TestClient } from "../session/bench.ts";

type Fields = { readonly [name: string]: Value };

/** Adds a user with a password. */
async function addUser(client: TestClient, ident: string, password: string, more: Fields = {}): Promise<Uint8Array> {
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

async function changePassword(client: TestClient, ident: string, password: string): Promise<void> {
  const key = client.session.sharedKey ?? await exchangeKey(client);
  const reply = await client.ask("auth_set", { typ: "password", ident, password: boxedPassword(key, password) });
  assertEquals([reply.error, reply.changed], [undefined, true]);
}

/** A connection that is greeted with a demand for passwords, and the admin's. */
async function locked(bench: Bench, fields: Fields = {}): Promise<{ admin: TestClient; client: TestClient }> {
  const admin = await bench.connect();
  if ("compatible" in fields) await admin.ask("set_auth_typ", fields);
  await addUser(admin, "joe", "test123");
  assertEquals((await admin.ask("set_auth_typ", { typ: "password" })).changed, true);
  return { admin, client: await bench.connect() };
}

async function logIn(client: TestClient, ident: string, password: string): Promise<Value | undefined> {
  const key = client.session.sharedKey ?? await exchangeKey(client);
  const messages = await client.stream("auth", { typ: "password", ident, password: boxedPassword(key, password) });
  assertEquals(messages[0], { state: "start" });
  return messages[1].error;
}

const recordOf = async (admin: TestClient, path = "auth.password.user.joe") =>
  (await admin.ask("get_internal", { path: P(path) })).value as Fields;

Deno.test("password: a new user's password is stretched, and logs in", async () => {
  await using bench = new Bench();
  const { admin, client } = await locked(bench);
  const record = await recordOf(admin);
  assertEquals(Object.keys(record), ["_aux", "scrypt"]);
  const { n, r, p, salt, hash } = record.scrypt as Fields;
  assertEquals([n, r, p, (salt as Uint8Array).length, (hash as Uint8Array).length], [2 ** 15, 8, 1, 16, 32]);
  assertEquals(client.greeting.auth, ["password"]);
  assertEquals((await client.ask("get_value", { path: P("a") })).etype, "auth_required");
  assertEquals(await logIn(client, "joe", "test123"), undefined);
  assertEquals((await client.ask("set_value", { path: P("a"), value: 1 })).changed, true);
  const identity = { method: "password", user: "joe", aclName: undefined, convGroup: undefined, proof: record };
  assertEquals(client.session.identity, identity);
});

Deno.test("password: a record of the original verifies, and is stretched at the login, once", async () => {
  await using bench = new Bench();
  const { admin, client } = await locked(bench, { compatible: true });
  assertEquals(Object.keys(await recordOf(admin)), ["_aux", "password"]);
  assertEquals(await logIn(client, "joe", "test123"), undefined);
  assertEquals(Object.keys(await recordOf(admin)), ["_aux", "password"], "while originals are to understand it");
  assertEquals((await admin.ask("set_auth_typ", { compatible: false })).changed, true);
  assertEquals(
    await logIn(await bench.connect(), "joe", "wrong123"),
    "AuthFailedError('Password hashes do not match', 'joe')",
  );
  assertEquals(Object.keys(await recordOf(admin)), ["_aux", "password"]);
  const [first, second] = await Promise.all([bench.connect(), bench.connect()]);
  assertEquals(await Promise.all([logIn(first, "joe", "test123"), logIn(second, "joe", "test123")]), [
    undefined,
    undefined,
  ]);
  const stretched = await recordOf(admin);
  assertEquals(Object.keys(stretched), ["_aux", "scrypt"]);
  assertEquals(await logIn(await bench.connect(), "joe", "test123"), undefined);
  assertEquals((await admin.ask("set_auth_typ", { compatible: true })).changed, true);
  assertEquals(await logIn(await bench.connect(), "joe", "test123"), undefined);
  assertEquals(await recordOf(admin), stretched, "never the other way round");
});

Deno.test("password: an unknown user and a wrong password are answered alike, and say nothing more", async () => {
  await using bench = new Bench();
  const { client } = await locked(bench);
  assertEquals(await logIn(client, "joe", "wrong123"), "AuthFailedError('Password hashes do not match', 'joe')");
  assertEquals(await logIn(client, "jim", "wrong123"), "AuthFailedError('Password hashes do not match', 'jim')");
  assertEquals((await client.ask("get_value", { path: P("a") })).etype, "auth_required");
  assertEquals(await logIn(client, "joe", "test123"), undefined);
});

Deno.test("password: without a key, with another key, with a truncated or a changed box", async () => {
  await using bench = new Bench();
  const { client } = await locked(bench);
  const ask = async (password: Value) =>
    (await client.stream("auth", { typ: "password", ident: "joe", password }))[1].error;
  const box = boxedPassword(new Uint8Array(32), "test123");
  assertEquals(await ask(box), "RuntimeError('The client has not executed DH key exchange')");
  const key = await exchangeKey(client, 1024);
  const failed = "CryptoError('Decryption failed. Ciphertext failed verification')";
  assertEquals(await ask(box), failed);
  const own = boxedPassword(key, "test123");
  for (const length of [0, 23, 24, 40, 71]) {
    await using other = new Bench();
    const { client } = await locked(other);
    const key = await exchangeKey(client);
    const box = boxedPassword(key, "test123").slice(0, length);
    assertEquals((await client.stream("auth", { typ: "password", ident: "joe", password: box }))[1].error, failed);
  }
  assertEquals(await ask(boxed(key, new Uint8Array(31))), "AuthFailedError('Password hashes do not match', 'joe')");
  assertEquals(await ask("test123"), "ClientError(\"The field 'password' must be bytes\")");
  assertEquals(await ask(own), undefined);
});

Deno.test("password: a recorded handshake is worth nothing on another connection", async () => {
  await using bench = new Bench();
  const { client } = await locked(bench);
  const key = await exchangeKey(client);
  const recorded = { typ: "password", ident: "joe", password: boxedPassword(key, "test123") };
  assertEquals((await client.stream("auth", recorded))[1], { state: "end" });
  const replaying = await bench.connect();
  await exchangeKey(replaying);
  const [, { error }] = await replaying.stream("auth", recorded);
  assertEquals(error, "CryptoError('Decryption failed. Ciphertext failed verification')");
  assertTrue(replaying.session.needsLogin);
});

Deno.test("diffie_hellman: once per connection, with a key that is one", async () => {
  await using bench = new Bench();
  const client = await bench.connect();
  assertEquals((await client.ask("diffie_hellman")).error, "AttributeError('pubkey')");
  assertEquals((await client.ask("diffie_hellman", { pubkey: "abc" })).etype, "request");
  assertEquals((await client.ask("diffie_hellman", { pubkey: new Uint8Array([1]) })).etype, "auth");
  assertEquals((await client.ask("diffie_hellman", { pubkey: new Uint8Array(300).fill(255) })).etype, "auth");
  assertEquals(client.session.sharedKey, undefined);
  const key = await exchangeKey(client);
  assertEquals(client.session.sharedKey, key);
  const again = await client.ask("diffie_hellman", { pubkey: new Uint8Array([9]) });
  assertEquals(again.error, 'RuntimeError("Can\'t call dh twice")');
});

Deno.test("a password that changes keeps its chain in view, and without one the old stays", async () => {
  await using bench = new Bench();
  const { admin } = await locked(bench);
  const key = admin.session.sharedKey!;
  const fields = { typ: "password", kind: "user", ident: "joe" };
  const taken = await admin.ask("auth_set", { ...fields, chain: null, password: boxedPassword(key, "other123") });
  assertEquals(taken.etype, "chain");
  const { chain, name } = await admin.ask("auth_get", { ...fields, nchain: 2 });
  assertEquals(name, "joe");
  const before = await recordOf(admin);
  const kept = await admin.ask("auth_set", { ...fields, chain });
  assertEquals(kept.changed, true);
  assertEquals(await recordOf(admin), before);
  const changed = await admin.ask("auth_set", {
    ...fields,
    chain: kept.chain,
    password: boxedPassword(key, "other123"),
  });
  assertEquals(changed.changed, true);
  assertEquals(await logIn(await bench.connect(), "joe", "other123"), undefined);
  assertIncludes(await logIn(await bench.connect(), "joe", "test123") as string, "AuthFailedError");
});

Deno.test("root: one user, who is asked for nothing", async () => {
  await using bench = new Bench();
  const admin = await bench.connect();
  assertIncludes(
    (await admin.ask("set_auth_typ", { typ: "root" })).error as string,
    "You didn't configure this method yet",
  );
  assertEquals(
    (await admin.ask("auth_set", { typ: "root", kind: "user", ident: "*", chain: null, data: {} })).changed,
    true,
  );
  assertEquals((await admin.ask("set_auth_typ", { typ: "root" })).changed, true);
  const client = await bench.connect();
  assertEquals(client.greeting.auth, ["root"]);
  const login = { typ: "root", ident: "*" };
  assertEquals(
    (await client.stream("auth", { ...login, data: { x: 1 } }))[1].error,
    "<ValidationError: \"Additional properties are not allowed ('x' was unexpected)\">",
  );
  assertEquals(await client.stream("auth", { ...login, data: {} }), [{ state: "start" }, { state: "end" }]);
  assertEquals((await client.ask("get_tock")).error, undefined);
});

/** Adds a `_test` user as the original's client does, step by step. */
async function addTestUser(client: TestClient, name: string, seq: number): Promise<void> {
  client.send({ seq, action: "auth_set", typ: "_test", kind: "user", ident: name, state: "start", wseq: 1 });
  assertEquals((await client.next()).state, "start");
  const { step } = await client.next();
  assertEquals(step, "GiveName");
  client.send({ seq, step: "HasName", name, chain: null, wseq: 2 });
  assertEquals((await client.next()).changed, true);
  assertEquals((await client.next()).state, "end");
}

Deno.test("_test: the step dance of the original's client", async () => {
  await using bench = new Bench();
  const admin = await bench.connect();
  await addTestUser(admin, "joe", 101);
  assertEquals(await recordOf(admin, "auth._test.user.joe"), {});
  admin.send({ seq: 102, action: "auth_get", typ: "_test", kind: "user", ident: "joe", state: "start", nchain: 2 });
  assertEquals((await admin.next()).state, "start");
  assertEquals((await admin.next()).step, "SendWant");
  admin.send({ seq: 102, step: "WantName" });
  const { step, name, chain } = await admin.next();
  assertEquals([step, name, (chain as { node: Value }).node], ["SendName", "joe", "test1"]);
  assertEquals((await admin.next()).state, "end");
  await admin.ask("set_auth_typ", { typ: "_test" });
  const client = await bench.connect();
  const nobody = (await client.stream("auth", { typ: "_test", ident: "nope", data: {} }))[1];
  assertEquals(nobody.error, "KeyError(P('_test.user.nope'))");
  assertEquals((await client.stream("auth", { typ: "_test", ident: "joe", data: {} }))[1], { state: "end" });
});

Deno.test("_test: a dance that goes wrong or breaks off leaves no user", async () => {
  await using bench = new Bench();
  const admin = await bench.connect();
  const fields = { action: "auth_set", typ: "_test", kind: "user", ident: "joe" };
  assertIncludes((await admin.ask("auth_set", fields)).error as string, "RuntimeError(\"Can't explicitly send");
  for (const [seq, answer] of [[201, { step: "What" }], [202, { state: "end" }], [203, { error: "no" }]] as const) {
    admin.send({ ...fields, seq, state: "start" });
    assertEquals([(await admin.next()).state, (await admin.next()).step], ["start", "GiveName"]);
    admin.send({ seq, ...answer });
    assertTrue((await admin.next()).error !== undefined);
    assertEquals((await admin.next()).state, "end");
  }
  assertEquals((await admin.ask("auth_get", { typ: "_test", ident: "joe" })).etype, "not_found");
});

Deno.test("auth_list, auth_get and auth_info show names, and no hash", async () => {
  await using bench = new Bench();
  const { admin } = await locked(bench);
  await addUser(admin, "jim", "test123");
  const item = (ident: string) => ({ typ: "password", kind: "user", ident });
  const list = await admin.stream("auth_list", { typ: "password", kind: "user", nchain: 0 });
  assertEquals(list, [{ state: "start" }, item("joe"), item("jim"), { state: "end" }]);
  const { tock: _, ...one } = await admin.ask("auth_list", { typ: "password", ident: "jim" });
  assertEquals(one, item("jim"));
  assertEquals((await admin.ask("auth_info")).value, { current: "password" });
  assertEquals((await admin.ask("auth_list", { typ: "nope" })).etype, "unsupported");
  assertEquals(
    (await admin.ask("auth_get", { typ: "password", ident: "nope" })).error,
    "KeyError(P('password.user.nope'))",
  );
});

Deno.test("a wrong method is refused; on a connection that is in, auth only verifies", async () => {
  await using bench = new Bench();
  const { admin, client } = await locked(bench);
  await addTestUser(admin, "joe", 101);
  const wrong = (await client.stream("auth", { typ: "_test", ident: "joe", data: {} }))[1];
  assertEquals([wrong.error, wrong.etype], ["RuntimeError('Wrong auth type', 'password')", "auth_method"]);
  assertEquals(await logIn(client, "joe", "test123"), undefined);
  assertEquals((await client.stream("auth", { typ: "_test", ident: "joe", data: {} }))[1], { state: "end" });
  assertEquals(client.session.identity?.method, "password");
});

Deno.test("whoever is bound by an ACL cannot look at users or change them", async () => {
  await using bench = new Bench();
  const admin = await bench.connect();
  await addUser(admin, "joe", "test123", { acl: "some" });
  assertEquals(await recordOf(admin, "auth.password.user.joe.acl"), { key: "some" });
  await admin.ask("set_auth_typ", { typ: "password" });
  const client = await bench.connect();
  assertEquals(await logIn(client, "joe", "test123"), undefined);
  const name = { typ: "password", kind: "user", ident: "joe" };
  const password = boxedPassword(client.session.sharedKey!, "other123");
  for (
    const [action, fields] of [
      ["auth_list", name],
      ["auth_get", name],
      ["auth_info", {}],
      ["auth_set", { ...name, password }],
      ["auth_set", { ...name, acl: null }],
      ["set_auth_typ", { typ: null }],
    ] as const
  ) {
    assertEquals((await client.ask(action, fields)).etype, "acl", action);
  }
  assertEquals(await logIn(await bench.connect(), "joe", "test123"), undefined);
});

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

Deno.test("a stranger may not send long messages, and has a minute to log in", async () => {
  await using bench = new Bench();
  const { client } = await locked(bench);
  client.send({ action: "get_value", seq: 1, path: ["x".repeat(60_000)] });
  assertEquals((await client.next()).etype, "auth_required");
  client.duplex.feed(new Uint8Array([0x81, 0xa1, 0x61, 0xc6, 0, 0x10, 0, 0]), new Uint8Array(70_000));
  assertIncludes((await client.next()).error as string, "before the login is too long");
  const slow = await bench.connect();
  bench.clock.advance(60_000);
  assertIncludes((await slow.next()).error as string, "Nobody has logged in here in time");
});

Deno.test("a handshake that breaks off anywhere lets nobody in, and harms nothing", async () => {
  await using bench = new Bench();
  const { client } = await locked(bench);
  const key = await exchangeKey(client);
  const exchange = encode({ action: "diffie_hellman", seq: 1, pubkey: new Uint8Array(192).fill(9), length: 16 });
  const login = encode({
    action: "auth",
    seq: 2,
    typ: "password",
    ident: "joe",
    password: boxedPassword(key, "test123"),
  });
  for (const message of [exchange, login]) {
    for (let length = 0; length < message.length; length++) {
      const broken = await bench.connect();
      broken.duplex.feed(message.slice(0, length));
      await broken.leave();
      assertTrue(broken.session.needsLogin);
      assertEquals(broken.session.sharedKey, undefined);
    }
  }
  const messages = await client.stream("auth", {
    typ: "password",
    ident: "joe",
    password: boxedPassword(key, "test123"),
  });
  assertEquals(messages.at(-1), { state: "end" });
  assertFalse(client.session.needsLogin);
});

Deno.test("who leaves while the password is stretched is not let in afterwards", async () => {
  await using bench = new Bench();
  const { client } = await locked(bench);
  const key = await exchangeKey(client);
  client.send({ action: "auth", seq: 9, typ: "password", ident: "joe", password: boxedPassword(key, "test123") });
  assertEquals((await client.next()).state, "start");
  await client.leave();
  assertEquals(await logIn(await bench.connect(), "joe", "test123"), undefined); // the stretching before is over
  assertEquals(client.session.identity, undefined);
});

Deno.test("nothing is looked at for those who have left while they waited for their turn", async () => {
  await using bench = new Bench();
  const { client } = await locked(bench);
  let looked = 0;
  const shown = { ident: "joe", field: () => undefined, boxed: () => (looked++, Promise.resolve(new Uint8Array(32))) };
  const identify = (isGone: boolean) =>
    bench.parts.services.auth.identify(client.session, "password", shown, () => isGone);
  await assertRejects(() => identify(true), RequestError, "has left");
  assertEquals(looked, 0);
  await assertRejects(() => identify(false), RequestError, "do not match");
  assertEquals(looked, 1);
});
