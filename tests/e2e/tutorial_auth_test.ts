/** The tutorial's "Authorization" and "ACLs and distributed servers". Case numbers: tutorial-acceptance. */

import { assertEquals, assertIncludes } from "../support/assert.ts";
import { type CommandResult, runMoat } from "../support/moat_command.ts";
import { moat as program, type ServerProcess } from "../support/server_process.ts";
import { isInstalled } from "../support/shell.ts";
import { freePort } from "../support/free_port.ts";
import { Workplace } from "../support/workplace.ts";

/** Runs `moat kv WORDS` against a server, with what somebody types. */
function moat(
  place: Workplace,
  server: ServerProcess,
  words: readonly string[],
  typed?: string,
): Promise<CommandResult> {
  const args = ["kv", "-p", String(server.port), ...words];
  return runMoat(args, { env: place.env, stdin: typed === undefined ? undefined : `${typed}\n` });
}

const joe = ["-a", "password name=joe password=test123"];

/** A server with the user joe, whose password is asked for (the fixture FP). */
async function lockedServer(place: Workplace): Promise<ServerProcess> {
  const server = await place.start("-i", "Testing", "test1");
  await moat(place, server, ["auth", "compatible", "on"]);
  await moat(place, server, ["auth", "-m", "password", "user", "add", "name=joe", "password=test123"]);
  await moat(place, server, ["auth", "-m", "password", "init", "-s"]);
  return server;
}

/** A server that asks for a name, and knows joe (the fixture FT). */
async function namedServer(place: Workplace): Promise<ServerProcess> {
  const server = await place.start("-i", "Testing", "test1");
  await moat(place, server, ["auth", "-m", "_test", "user", "add", "name=joe"]);
  await moat(place, server, ["auth", "-m", "_test", "init"]);
  return server;
}

Deno.test("A-048 … A-052: a user with a password, and the server asks for it", async () => {
  await using place = await Workplace.make();
  await using server = await place.start("-i", "Testing", "test1");
  const unconfigured = await moat(place, server, ["auth", "-m", "password", "init", "-s"]);
  assertEquals(unconfigured.code, 1, "A-050: with no user");
  assertIncludes(unconfigured.stderr, /^ServerError: RuntimeError\(.*You didn't configure this method yet/);
  const added = await moat(
    place,
    server,
    ["auth", "-m", "password", "user", "add", "name=joe", "password?=Code"],
    "test123",
  );
  assertEquals([added.stdout, added.code], ["Code: \njoe\n", 0], "A-048");
  assertEquals((await moat(place, server, ["auth", "-m", "password", "user", "list"])).stdout, "joe\n", "A-049");
  const switched = await moat(place, server, ["auth", "-m", "password", "init", "-s"]);
  assertEquals([switched.stdout, switched.code], ["Authorization switched to password\n", 0], "A-050");
  const refused = await moat(place, server, ["data", ":"]);
  assertEquals(refused.stderr.split("\n")[0], "ClientAuthRequiredError: You need to log in using: password", "A-051");
  assertEquals([refused.stdout, refused.code], ["", 1]);
  const asked = await moat(place, server, ["-a", "password name=joe password?=Code", "data", ":"], "test123");
  assertEquals([asked.stdout, asked.code], ['Code: \n"Testing"\n', 0], "A-052");
});

Deno.test("A-053: a wrong password", async () => {
  await using place = await Workplace.make();
  await using server = await lockedServer(place);
  const { stderr, code } = await moat(place, server, ["-a", "password name=joe password=wrong1", "data", ":"]);
  assertIncludes(stderr, /^ServerError: AuthFailedError\(/);
  assertEquals(code, 1);
});

Deno.test("A-054 … A-056: the user's record, and a key that is called null", async () => {
  await using place = await Workplace.make();
  await using server = await lockedServer(place);
  const dump = await moat(place, server, [...joe, "internal", "dump", ":"]);
  const lines = dump.stdout.split("\n").map((line) => line.trim());
  for (const line of ["current: password", "joe:", "_aux: null", "7NcYcNGWMxapfjrDQIyYNa2M8PPBvHA1J8MCZVNPda4="]) {
    assertIncludes(lines.join("\n"), line, "A-054");
  }
  assertEquals(await moat(place, server, [...joe, "data", "null.foo", "set", "-v", ":", "bar"]), {
    stdout: "",
    stderr: "",
    code: 0,
  }, "A-055");
  const { stdout } = await moat(place, server, [...joe, "data", ":", "get", "-rd_"]);
  assertIncludes(stdout, /^'null':\n {2}foo:\n {4}_: bar$/m, "A-056");
});

Deno.test("A-057 … A-062: users without a secret", async () => {
  await using place = await Workplace.make();
  await using server = await place.start("-i", "Testing", "test1");
  for (const name of ["joe", "root"]) {
    const added = await moat(place, server, ["auth", "-m", "_test", "user", "add", `name=${name}`]);
    assertEquals([added.stdout, added.code], [`${name}\n`, 0], "A-057, A-058");
  }
  const switched = await moat(place, server, ["auth", "-m", "_test", "init"]);
  assertEquals([switched.stdout, switched.code], ["Authorization switched to _test\n", 0], "A-059");
  const refused = await moat(place, server, ["data", ":"]);
  assertEquals(refused.stderr.split("\n")[0], "ClientAuthRequiredError: You need to log in using: _test", "A-060");
  assertEquals(refused.code, 1);
  const mkv = (...words: string[]) => moat(place, server, ["-a", "_test name=joe", ...words]);
  assertEquals((await mkv("data", ":")).stdout, '"Testing"\n', "A-061, A-062");
  const again = await mkv("auth", "-m", "_test", "init");
  assertEquals(again.code, 2, "A-059: a second init needs -s");
  assertIncludes(again.stderr, "Authentication is already set up");
  assertIncludes(
    (await moat(place, server, ["-a", "_test name=nobody", "data", ":"])).stderr,
    "KeyError(P('_test.user.nobody'))",
  );
  const wrong = await moat(place, server, ["-a", "root", "data", ":"]);
  assertIncludes(wrong.stderr, /^ClientAuthMethodError: You cannot use 'root' auth/);
  assertEquals(
    (await moat(place, server, ["-a", "nonsense x=1", "data", ":"])).stderr.split("\n")[0],
    "NoAuthModuleError: nonsense",
  );
});

Deno.test("A-063: a second server logs in at the first to copy from it; without a login it cannot", async () => {
  await using place = await Workplace.make();
  place.embeddedPort = freePort();
  const broker = place.globals;
  await using first = await place.start("-i", "Testing", "test1");
  await moat(place, first, ["auth", "-m", "_test", "user", "add", "name=joe"]);
  await moat(place, first, ["auth", "-m", "_test", "init"]);
  for (const [setting, name] of [["connect.auth", "test2"], ["conn.auth", "test3"]]) {
    place.more = [...broker, "kv", "-C", `${setting}=_test name=joe`];
    await using second = await place.start(name);
    assertEquals(second.stdout, "Running.\n");
    place.more = [];
    assertEquals((await moat(place, second, ["-a", "_test name=joe", "data", ":"])).stdout, '"Testing"\n');
    assertEquals((await moat(place, second, ["data", ":"])).code, 1, "the copy is locked, too");
  }
  await using third = place.spawn("test4");
  await third.output(({ stderr }) => stderr.includes("Cannot copy from test1"));
  assertIncludes(third.stderr, "You need to log in using: _test");
  assertEquals(third.stdout, "");
});

Deno.test("A-064, A-065: the login from a configuration file, in its usual place and elsewhere", async () => {
  await using place = await Workplace.make();
  await using server = await namedServer(place);
  const text = `kv:\n  conn:\n    auth: "_test name=joe"\n    host: 127.0.0.1\n    port: ${server.port}\n`;
  const usual = `${place.directory}/.config/moat.cfg`;
  await Deno.mkdir(`${place.directory}/.config`);
  await Deno.writeTextFile(usual, text);
  assertEquals((await runMoat(["kv", "data", ":"], { env: place.env })).stdout, '"Testing"\n', "A-064");
  await Deno.remove(usual);
  await Deno.writeTextFile(`${place.directory}/test.cfg`, text);
  const named = await runMoat(["-c", `${place.directory}/test.cfg`, "kv", "data", ":"], { env: place.env });
  assertEquals(named.stdout, '"Testing"\n', "A-065");
  assertEquals((await runMoat(["-c", `${place.directory}/none.cfg`, "kv", "data", ":"], { env: place.env })).code, 2);
});

Deno.test(
  { name: "A-048: what is typed at a terminal is not shown", ignore: !await isInstalled("script") },
  async () => {
    await using place = await Workplace.make();
    await using server = await place.start("-i", "Testing", "test1");
    const words = [
      "kv",
      "-p",
      String(server.port),
      "auth",
      "-m",
      "password",
      "user",
      "add",
      "name=joe",
      "password?=Code",
    ];
    const command = [...program, ...words].map((word) => `'${word}'`).join(" ");
    // `script` gives the command a terminal of its own, which echoes unless it is told not to.
    const child = new Deno.Command("script", {
      args: ["-qec", command, "/dev/null"],
      env: place.env,
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    const typing = child.stdin.getWriter();
    let shown = "";
    for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
      shown += text;
      if (shown === "Code: ") await typing.write(new TextEncoder().encode("test123\n"));
    }
    await typing.close();
    assertEquals([shown, (await child.status).code], ["Code: \r\njoe\r\n", 0]);
  },
);
