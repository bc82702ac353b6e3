/** A server that others reach without a login says so, at its start and in its status. */

import { openClient } from "../../../client/open_client.ts";
import { startServer } from "../../../server/server.ts";
import { Path } from "../../../wire/path/path.ts";
import { P } from "../../../wire/path/template.ts";
import { foreignPasswords, openDoors } from "../../../server/status/doors.ts";
import { assertEquals, assertIncludes } from "../../support/assert.ts";

const port = (host: string) => ({ host, port: 27586, portIsDefault: false, tls: undefined });

Deno.test("openDoors() names what is reached from elsewhere, and no loopback", () => {
  for (const host of ["127.0.0.1", "127.3.2.1", "localhost", "::1", "::ffff:127.0.0.1"]) {
    assertEquals(openDoors({ listen: [port(host)], web: undefined }), undefined, host);
  }
  for (const host of ["0.0.0.0", "::", "192.168.1.5", "127.example.com", "nas"]) {
    assertIncludes(openDoors({ listen: [port("127.0.0.1"), port(host)], web: undefined })!, host);
  }
  const web = { ...port("::"), origins: [] };
  assertIncludes(openDoors({ listen: [port("0.0.0.0")], web })!, "0.0.0.0:27586 and [::]:27586");
});

Deno.test("an open server beyond loopback warns at its start and in its status, until a login is demanded", async () => {
  const lines: string[] = [];
  const place = { name: "test1", data: false as const, alone: true, web: false as const, init: 1 };
  await using server = await startServer({
    ...place,
    listen: [{ host: "0.0.0.0", port: 0 }],
    report: (line) => lines.push(line),
  });
  assertIncludes(lines.join("\n"), /^WARNING: Everybody who can reach 0\.0\.0\.0/m);
  await using client = await openClient({ port: Number(new URL(server.addresses[0]).port), host: "127.0.0.1" });
  assertIncludes((await client.status()).problems.join("\n"), /nobody has to log in/);
  await client.request("auth_set", { typ: "root", ident: "*", data: {}, chain: null });
  await client.request("set_auth_typ", { typ: "root", compatible: true });
  const { problems, login } = await client.status();
  assertEquals([problems, login], [[], "root"]);
});

Deno.test("a server on loopback says nothing of it; one with weak passwords says that", async () => {
  const lines: string[] = [];
  const file = await Deno.makeTempFile();
  {
    const report = (line: string) => lines.push(line);
    await using server = await startServer({
      name: "a",
      data: false,
      alone: true,
      web: false,
      listen: [{ port: 0 }],
      report,
    });
    await using client = await openClient({ url: server.addresses[0] });
    await client.request("set_auth_typ", { compatible: true });
    await client.request("save", { path: `${file}.state`, full: true });
  }
  assertEquals(lines.filter((line) => /WARNING|weak/.test(line)), []);
  const report = (line: string) => lines.push(line);
  await using _server = await startServer({
    name: "a",
    data: false,
    alone: true,
    web: false,
    listen: [{ port: 0 }],
    load: [`${file}.state`],
    report,
  });
  assertEquals(lines.filter((line) => /weak/.test(line)).length, 1);
  await Deno.remove(file);
  await Deno.remove(`${file}.state`);
});

Deno.test("foreignPasswords() names servers of the original that are here and would not understand", () => {
  const peer = { heard: 1, since: 1, behind: 0, ahead: 0, addresses: [] };
  const peers = [
    { ...peer, node: "p1", ours: false, state: "here" as const },
    { ...peer, node: "p2", ours: false, state: "left" as const },
    { ...peer, node: "o2", ours: true, state: "here" as const },
  ];
  assertIncludes(foreignPasswords("password", false, peers)!, "(p1)");
  assertEquals(foreignPasswords("password", true, peers), undefined);
  assertEquals(foreignPasswords("_test", false, peers), undefined);
  assertEquals(foreignPasswords("password", false, peers.slice(1)), undefined);
});

Deno.test("a server that nobody can log in to any more is unlocked at its start, and keeps its users", async () => {
  const data = await Deno.makeTempDir();
  const place = { name: "a", data, alone: true, web: false as const, listen: [{ port: 0 }], init: "kept" };
  {
    await using server = await startServer(place);
    await using client = await openClient({ url: server.addresses[0] });
    await client.request("auth_set", { typ: "_test", ident: "joe", data: {}, chain: null });
    await client.request("set_auth_typ", { typ: "_test", compatible: true });
  }
  const lines: string[] = [];
  await using server = await startServer({ ...place, unlock: true, report: (line) => lines.push(line) });
  await using client = await openClient({ url: server.addresses[0] });
  assertEquals((await client.get(Path.root)).value, "kept");
  assertEquals((await client.request("get_internal", { path: P("auth") })).value, { compatible: true });
  assertEquals((await client.request("auth_get", { typ: "_test", ident: "joe" })).name, "joe");
  assertIncludes(lines.join("\n"), "Nobody has to log in any more");
  await Deno.remove(data, { recursive: true });
});
