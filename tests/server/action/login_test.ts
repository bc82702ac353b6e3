/** Logging in: what clients of the original ask and are answered. The exchanges are those of client-protocol 4.2. */

import { P } from "../../../wire/path/template.ts";
import type { Value } from "../../../wire/value.ts";
import { assertEquals, assertIncludes, assertTrue } from "../../support/assert.ts";
import { boxed, boxedPassword, exchangeKey } from "../../support/login.ts";
import { Bench } from "../session/bench.ts";

type Fields = { readonly [name: string]: Value };

import { addTestUser, addUser, locked, logIn, recordOf } from "./login_bench.ts";

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
