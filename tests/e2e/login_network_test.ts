/** Users of a network: what is changed on one server counts on all, at once. */

import { type Client, openClient, P, passwordLogin, testLogin, tokenLogin } from "../../mod.ts";
import { offerBroker } from "../../server/backend/broker.ts";
import { type Server, type ServerOptions, startServer } from "../../server/mod.ts";
import { passwordHash, secretHash } from "../../wire/login/credentials.ts";
import { tokenText } from "../../wire/login/names.ts";
import { AuthError } from "../../wire/errors.ts";
import { assertEquals, assertIncludes, assertRejects } from "../support/assert.ts";

function start(name: string, uri: string, more: ServerOptions = {}): Promise<Server> {
  return startServer({ name, data: false, listen: [{ port: 0 }], web: false, broker: { uri }, ...more });
}

/** Resolves with the reason when the connection has ended. */
async function endOf(client: Client): Promise<string> {
  for await (const state of client.connectionStates()) {
    if (state.state === "closed") return state.error?.message ?? "";
  }
  return "";
}

Deno.test("users and tokens are made on one server and count on the other; what is revoked here ends there", async () => {
  await using broker = (await offerBroker("127.0.0.1", 0))!;
  const uri = `mqtt://127.0.0.1:${broker.port}`;
  await using first = await start("test1", uri, { init: "Testing" });
  await using admin = await openClient({ url: first.addresses[0], dynamicConfig: false });
  const password = await admin.seal(passwordHash("test123"));
  await admin.request("auth_set", { typ: "password", ident: "joe", chain: null, password });
  await admin.request("set_auth_typ", { typ: "password" });
  await using second = await start("test2", uri, { join: true, peers: { auth: passwordLogin("joe", "test123") } });
  const at = { url: second.addresses[0], dynamicConfig: false };
  await using joe = await openClient({ ...at, auth: passwordLogin("joe", "test123") });
  assertEquals((await joe.get(P(":"))).value, "Testing");

  const secret = crypto.getRandomValues(new Uint8Array(32));
  await admin.request("auth_set", { typ: "token", ident: "hall", chain: null, hash: secretHash(secret) });
  const token = tokenLogin(tokenText("hall", secret));
  await until(async () => "value" in await joe.request("get_internal", { path: P("auth.token.user.hall") }));
  await using hall = await openClient({ ...at, auth: token });
  await admin.request("delete_internal", { path: P("auth.token.user.hall") });
  assertIncludes(await endOf(hall), "not there any more");
  await assertRejects(() => openClient({ ...at, auth: token }), AuthError, /not valid/);

  const changed = await admin.seal(passwordHash("changed1"));
  await admin.request("auth_set", { typ: "password", ident: "joe", password: changed });
  assertIncludes(await endOf(joe), "password or token of this user has changed");
  await using again = await openClient({ ...at, auth: passwordLogin("joe", "changed1") });

  await admin.request("delete_internal", { path: P("auth.password.user.joe") });
  assertIncludes(await endOf(again), "not there any more");
});

Deno.test("a login that is demanded on one server is demanded on the other, also of those who are connected", async () => {
  await using broker = (await offerBroker("127.0.0.1", 0))!;
  const uri = `mqtt://127.0.0.1:${broker.port}`;
  await using first = await start("test1", uri, { init: "Testing" });
  await using second = await start("test2", uri, { join: true });
  const at = { url: second.addresses[0], dynamicConfig: false };
  await using bystander = await openClient(at);
  await using admin = await openClient({ url: first.addresses[0], dynamicConfig: false });
  await admin.request("auth_set", { typ: "_test", ident: "joe", data: {}, chain: null });
  await admin.request("set_auth_typ", { typ: "_test" });
  assertIncludes(await endOf(bystander), "asks for a login");
  assertEquals((await assertRejects(() => openClient(at), AuthError)).code, "auth_required");
  await using _joe = await openClient({ ...at, auth: testLogin("joe") });
});

/** Waits until something is so. */
async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!await isSo()) await new Promise((done) => setTimeout(done, 5));
}
