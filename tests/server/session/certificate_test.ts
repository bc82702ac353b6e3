/** Clients that show who they are by a TLS certificate. */

import { openClient } from "../../../client/open_client.ts";
import { passwordLogin } from "../../../client/login.ts";
import type { ClientOptions } from "../../../client/options.ts";
import { type ListenOptions, type Server, startServer } from "../../../server/mod.ts";
import { AuthError, ConnectionError } from "../../../wire/errors.ts";
import { passwordHash } from "../../../wire/login/credentials.ts";
import { P } from "../../../wire/path/template.ts";
import type { Value } from "../../../wire/value.ts";
import { assertEquals, assertRejects } from "../../support/assert.ts";

const pem = (name: string) => Deno.readTextFileSync(new URL(`../../support/tls/${name}`, import.meta.url));
const tls = { cert: pem("server.pem"), key: pem("server.key"), clientCa: pem("clients.pem") };

/** A server that asks for certificates, knows joe, and demands a password of everybody else. */
async function start(more: Partial<NonNullable<ListenOptions["tls"]>> = {}): Promise<Server> {
  const listen = [{ port: 0, tls: { ...tls, ...more } }, { port: 0 }];
  const server = await startServer({ name: "test1", data: false, alone: true, web: false, init: "Test", listen });
  await using admin = await openClient({ url: server.addresses[1] });
  const password = await admin.seal(passwordHash("test123"));
  await admin.request("auth_set", { typ: "password", ident: "joe", chain: null, password });
  await admin.request("set_auth_typ", { typ: "password" });
  return server;
}

async function reads(server: Server, who: string | undefined, more: ClientOptions = {}): Promise<Value | undefined> {
  const own = who === undefined ? {} : { cert: pem(`${who}.pem`), key: pem(`${who}.key`) };
  const port = Number(new URL(server.addresses[0].replace("tls:", "http:")).port);
  await using client = await openClient({
    host: "localhost",
    port,
    tls: { caCerts: [pem("ca.pem")], ...own },
    ...more,
  });
  return (await client.get(P(":"))).value;
}

Deno.test("certificate: the user of its name is logged in by it", async () => {
  await using server = await start();
  assertEquals(await reads(server, "joe"), "Test");
});

Deno.test("certificate: who has none, or one that nobody signed, logs in as usual", async () => {
  await using server = await start();
  for (const who of [undefined, "mallory"]) {
    assertEquals((await assertRejects(() => reads(server, who), AuthError)).code, "auth_required");
    assertEquals(await reads(server, who, { auth: passwordLogin("joe", "test123") }), "Test");
  }
});

Deno.test("certificate: required, nobody comes in without a good one", async () => {
  await using server = await start({ clientRequired: true });
  assertEquals(await reads(server, "joe"), "Test");
  for (const who of [undefined, "mallory"]) {
    await assertRejects(() => reads(server, who, { auth: passwordLogin("joe", "test123") }), ConnectionError);
  }
});

Deno.test("certificate: large values pass both ways, and the server stops with clients connected", async () => {
  await using server = await start();
  const port = Number(new URL(server.addresses[0].replace("tls:", "http:")).port);
  const own = { cert: pem("joe.pem"), key: pem("joe.key") };
  await using client = await openClient({ host: "localhost", port, tls: { caCerts: [pem("ca.pem")], ...own } });
  const value = new Uint8Array(5_000_000).map((_, i) => i * 7);
  await client.set(P("big"), value);
  assertEquals((await client.get(P("big"))).value, value);
  await server.stop();
});

Deno.test("certificate: without the user it says nothing, and nobody speaks plain TCP to the port", async () => {
  await using server = await start();
  await using admin = await openClient({ url: server.addresses[1], auth: passwordLogin("joe", "test123") });
  await admin.request("auth_set", { typ: "_test", ident: "joe", data: {}, chain: null });
  await admin.request("set_auth_typ", { typ: "_test" });
  await admin.request("delete_internal", { path: P("auth._test.user.joe") });
  assertEquals((await assertRejects(() => reads(server, "joe"), AuthError)).code, "auth_required");
  const port = Number(new URL(server.addresses[0].replace("tls:", "http:")).port);
  await using conn = await plain(port);
  assertEquals(await conn.ended, true);
});

/** Says something that is no TLS, and waits for the end. */
async function plain(port: number): Promise<AsyncDisposable & { ended: Promise<boolean> }> {
  const conn = await Deno.connect({ hostname: "127.0.0.1", port });
  await conn.write(new TextEncoder().encode("hello, is there anybody\n\n"));
  const ended = (async () => {
    const bytes = new Uint8Array(1000);
    for (;;) {
      const count = await conn.read(bytes).catch(() => null);
      if (count === null) return true;
    }
  })();
  return { ended, [Symbol.asyncDispose]: () => Promise.resolve(conn.close()) };
}
