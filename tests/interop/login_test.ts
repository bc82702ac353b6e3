/** Logins between the original and ours, both ways, with all three methods. */

import { AuthError, openClient, passwordLogin, Path } from "../../mod.ts";
import { passwordHash } from "../../wire/login/credentials.ts";
import { assertEquals, assertIncludes, assertRejects } from "../support/assert.ts";
import { Place as MixedPlace, test } from "../support/mixed_place.ts";
import { Mosquitto } from "../support/mosquitto.ts";
import { CommandLines, isOriginalMissing as ignore } from "../support/command_lines.ts";

const reads = ["data", ":"];

Deno.test({ name: "python login: password, set up by the original's command line", ignore }, async () => {
  await using place = await CommandLines.make();
  const auth = ["-a", "password name=joe password=test123"];
  assertEquals(await place.original("auth", "-m", "password", "user", "add", "name=joe", "password=test123"), "joe\n");
  assertEquals(await place.original("auth", "-m", "password", "init", "-s"), "Authorization switched to password\n");
  assertIncludes(await place.original(...reads), "You need to log in using:");
  assertEquals(await place.original(...auth, ...reads), "'Testing'\n");
  assertIncludes(
    await place.original("-a", "password name=joe password=wrong1", ...reads),
    "Password hashes do not match",
  );
  assertIncludes(
    await place.original("-a", "password name=jim password=wrong1", ...reads),
    "Password hashes do not match",
  );
  assertIncludes(await place.original("-a", "_test name=joe", ...reads), "You cannot use '_test' auth");
  assertEquals(await place.original(...auth, "auth", "-m", "password", "user", "list"), "joe\n");
  assertEquals(await place.ours(...auth, ...reads), '"Testing"\n');
  assertEquals(await place.original(...auth, "data", "a.b", "set", "-v", ":", "x"), "");
  assertEquals(await place.original(...auth, "data", "a.b"), "'x'\n");
});

Deno.test(
  { name: "python login: password, set up by ours; records of the original go on to work", ignore },
  async () => {
    await using place = await CommandLines.make();
    const auth = ["-a", "password name=joe password=test123"];
    await place.ours("auth", "compatible", "on");
    assertEquals(await place.ours("auth", "-m", "password", "user", "add", "name=joe", "password=test123"), "joe\n");
    assertEquals(await place.ours("auth", "init"), "Authorization switched to password\n");
    assertEquals(await place.original(...auth, ...reads), "'Testing'\n");
    assertIncludes(
      await place.ours(...auth, "internal", "dump", "auth"),
      "7NcYcNGWMxapfjrDQIyYNa2M8PPBvHA1J8MCZVNPda4=",
    );
    await place.ours(...auth, "auth", "compatible", "off");
    assertEquals(await place.original(...auth, ...reads), "'Testing'\n");
    assertIncludes(await place.ours(...auth, "internal", "dump", "auth"), "scrypt:");
    assertEquals(await place.original(...auth, ...reads), "'Testing'\n");
  },
);

Deno.test({ name: "python login: _test, with its step dance", ignore }, async () => {
  await using place = await CommandLines.make();
  assertEquals(await place.original("auth", "-m", "_test", "user", "add", "name=joe"), "joe\n");
  assertEquals(await place.original("auth", "-m", "_test", "user", "add", "name=root"), "root\n");
  assertEquals(await place.original("auth", "-m", "_test", "user", "list"), "joe\nroot\n");
  assertEquals(await place.original("auth", "-m", "_test", "init"), "Authorization switched to _test\n");
  assertEquals(await place.original("-a", "_test name=joe", ...reads), "'Testing'\n");
  assertIncludes(await place.original("-a", "_test name=nobody", ...reads), "KeyError(P('_test.user.nobody'))");
});

Deno.test({ name: "python login: root", ignore }, async () => {
  await using place = await CommandLines.make();
  assertEquals(await place.original("auth", "-m", "root", "user", "add"), "*\n");
  assertEquals(await place.original("auth", "-m", "root", "init"), "Authorization switched to root\n");
  assertIncludes(await place.original(...reads), "You need to log in using:");
  assertEquals(await place.original("-a", "root", ...reads), "'Testing'\n");
});

test("our client sets up passwords at a server of the original, logs in there, and so does our server", async () => {
  await using place = await MixedPlace.make("p1", "o1");
  await using broker = await Mosquitto.start();
  const p1 = await place.original("p1", broker.uri, { args: ["-I", "Testing"] });
  const password = await p1.seal(passwordHash("test123"));
  await p1.request("auth_set", { typ: "password", kind: "user", ident: "joe", chain: null, password });
  await p1.request("set_auth_typ", { typ: "password" });
  const joe = passwordLogin("joe", "test123");
  const at = { host: "127.0.0.1", port: place.ports.p1 };
  await assertRejects(() => openClient(at), AuthError, /You need to log in/);
  await assertRejects(() => openClient({ ...at, auth: passwordLogin("joe", "wrong123") }), AuthError, /do not match/);
  await using client = await openClient({ ...at, auth: joe });
  assertEquals((await client.get(Path.root)).value, "Testing");
  const hostmap = { p1: ["127.0.0.1", place.ports.p1] as const };
  await place.server("o1", broker.uri, { peers: { hostmap, auth: joe } });
  await using o1 = await openClient({ port: place.ports.o1, auth: joe });
  assertEquals((await o1.get(Path.root)).value, "Testing");
  place.mustLive();
});
