/** Logins in several steps, and what breaks off in between: it lets nobody in, and harms nothing. */

import { RequestError } from "../../../wire/errors.ts";
import { encode } from "../../../wire/msgpack/encoder.ts";
import type { Value } from "../../../wire/value.ts";
import { assertEquals, assertFalse, assertIncludes, assertRejects, assertTrue } from "../../support/assert.ts";
import { boxedPassword, exchangeKey } from "../../support/login.ts";
import { Bench } from "../session/bench.ts";
import { addTestUser, locked, logIn, recordOf } from "./login_bench.ts";

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
