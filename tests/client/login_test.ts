/** Our client logs in at our server, by every method, over every kind of line. */

import { openClient } from "../../client/open_client.ts";
import { type Login, passwordLogin, rootLogin, testLogin, tokenLogin } from "../../client/login.ts";
import type { Client } from "../../client/client.ts";
import { type Server, startServer } from "../../server/server.ts";
import { AuthError, RequestError } from "../../wire/errors.ts";
import { passwordHash, secretHash } from "../../wire/login/credentials.ts";
import { tokenText } from "../../wire/login/names.ts";
import { P } from "../../wire/path/template.ts";
import type { Value } from "../../wire/value.ts";
import { assertEquals, assertRejects } from "../support/assert.ts";

type Fields = { readonly [name: string]: Value };

function start(): Promise<Server> {
  return startServer({
    name: "test1",
    data: false,
    alone: true,
    listen: [{ port: 0 }],
    web: { port: 0 },
    init: "Test",
  });
}

const tcpUrl = (server: Server) => server.addresses[0];
const webUrl = (server: Server) => server.web!.replace("http", "ws");

/** Demands a method, as somebody who was there before. */
async function lock(server: Server, typ: string, users: (client: Client) => Promise<Fields[]>): Promise<Client> {
  const admin = await openClient({ url: tcpUrl(server) });
  for (const user of await users(admin)) await admin.request("auth_set", { chain: null, ...user });
  await admin.request("set_auth_typ", { typ });
  return admin;
}

const joe = async (client: Client): Promise<Fields[]> => [
  { typ: "password", ident: "joe", password: await client.seal(passwordHash("test123")) },
];

async function reads(url: string, auth: Login): Promise<Value | undefined> {
  await using client = await openClient({ url, auth });
  return (await client.get(P(":"))).value;
}

Deno.test("login: a password opens the server, over TCP and WebSocket; a wrong one or none does not", async () => {
  await using server = await start();
  await using _admin = await lock(server, "password", joe);
  for (const url of [tcpUrl(server), webUrl(server)]) {
    assertEquals(await reads(url, passwordLogin("joe", "test123")), "Test");
    const wrong = await assertRejects(() => reads(url, passwordLogin("joe", "test124")), AuthError, /do not match/);
    assertEquals(wrong.code, "auth");
    assertEquals((await assertRejects(() => openClient({ url }), AuthError)).code, "auth_required");
    const method = await assertRejects(() => openClient({ url, auth: testLogin("joe") }), AuthError);
    assertEquals(method.code, "auth_method");
    await assertRejects(() => reads(url, passwordLogin("joe", "1234")), RequestError, /at least 5/);
  }
});

Deno.test("login: root and _test", async () => {
  for (
    const [typ, ident, login] of [["root", "*", rootLogin()], ["_test", "joe", testLogin("joe")]] as const
  ) {
    await using server = await start();
    await using _admin = await lock(server, typ, () => Promise.resolve([{ typ, ident, data: {} }]));
    assertEquals(await reads(tcpUrl(server), login), "Test");
  }
});

Deno.test("login: a token opens a server that asks for passwords; revoked, its connection ends", async () => {
  await using server = await start();
  const secret = crypto.getRandomValues(new Uint8Array(32));
  await using admin = await lock(server, "password", async (client) => [
    ...await joe(client),
    { typ: "token", ident: "hall", hash: secretHash(secret) },
  ]);
  const token = tokenText("hall", secret);
  assertEquals(await reads(webUrl(server), tokenLogin(token)), "Test");
  const other = tokenText("hall", new Uint8Array(32));
  await assertRejects(() => reads(tcpUrl(server), tokenLogin(other)), AuthError, /not valid/);
  await assertRejects(() => reads(tcpUrl(server), tokenLogin("hall")), RequestError, /no token/);
  await using client = await openClient({ url: tcpUrl(server), auth: tokenLogin(token), reconnect: true });
  await admin.request("delete_internal", { path: P("auth.token.user.hall") });
  const states: string[] = [];
  for await (const state of client.connectionStates()) {
    states.push(state.state === "closed" ? `closed: ${state.error?.name}` : state.state);
  }
  assertEquals(states.slice(-4), ["lost", "waiting", "connecting", "closed: AuthError"]);
});

Deno.test("login: many at once, while others work", async () => {
  await using server = await start();
  await using admin = await lock(server, "password", joe);
  const logins = Array.from({ length: 6 }, () => reads(tcpUrl(server), passwordLogin("joe", "test123")));
  for (let i = 0; i < 20; i++) assertEquals((await admin.set(P("a"), i)).changed, true);
  assertEquals(await Promise.all(logins), logins.map(() => "Test"));
});
