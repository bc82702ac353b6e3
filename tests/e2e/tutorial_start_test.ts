/** The tutorial's "Installation" and "Start the server", and the rules of starting. Case numbers: tutorial-acceptance. */

import { assertEquals, assertIncludes, assertTrue } from "../support/assert.ts";
import { deadUri, startFakeBroker } from "../support/fake_broker.ts";
import { run } from "../support/moat_command.ts";
import { ServerProcess } from "../support/server_process.ts";
import { isInstalled, shell } from "../support/shell.ts";
import { Workplace } from "../support/workplace.ts";

Deno.test("A-001, A-002: --help names the kv subcommand", async () => {
  await using place = await Workplace.make();
  const { stdout, code } = await place.moat("--help");
  assertIncludes(stdout, /^ +kv\b/m);
  assertEquals(code, 0);
});

Deno.test("A-001: moat, installed from a checkout as README says, works from any directory", async () => {
  await using place = await Workplace.make();
  const checkout = new URL("../../", import.meta.url);
  const line = /^deno (install .*-c deno\.json \.\/mod\.ts)/m.exec(
    await Deno.readTextFile(new URL("README.md", checkout)),
  );
  const env = { ...place.env, DENO_INSTALL_ROOT: place.directory };
  const installed = await run([Deno.execPath(), ...line![1].split(" ")], { env, cwd: checkout });
  assertEquals(installed.code, 0, installed.stderr);
  const path = `${Deno.execPath().replace(/\/[^/]*$/, "")}:${Deno.env.get("PATH")}`;
  const moat = (...args: string[]) =>
    run([`${place.directory}/bin/moat`, ...args], { env: { ...env, PATH: path }, cwd: place.directory });
  assertIncludes((await moat("--help")).stdout, /^ +kv\b/m);
  assertEquals((await moat("util", "cfg", "kv.conn.port")).stdout, "27586\n");
});

for (const withBroker of [true, false]) {
  Deno.test(`A-003, A-005: a first server, ${withBroker ? "with" : "without"} a broker`, async () => {
    await using place = await Workplace.make();
    using broker = startFakeBroker();
    if (withBroker) place.broker = broker.uri;
    await using server = await place.start("-i", "Testing", "test1");
    assertEquals(server.stdout, "Running.\n");
    assertIncludes(server.stderr, /^Clients: tcp:\/\/127\.0\.0\.1:\d+$/m);
    assertIncludes(server.stderr, /^Data: .*\/state\/moat\/kv\/test1$/m);
    assertIncludes(server.stderr, /^Node: test1$/m);
    assertEquals((await place.kv(server, "data", ":")).stdout, '"Testing"\n');
    assertEquals((await server.stop()).code, 0);
    assertEquals(server.stdout, "Running.\n");
  });
}

Deno.test("A-004: -C names the broker, with kv. or without", async () => {
  await using place = await Workplace.make();
  using broker = startFakeBroker();
  for (const conf of [`kv.server.mqtt.uri=${broker.uri}`, `server.mqtt.uri=${broker.uri}`]) {
    const args = ["--memory", "--bind", "127.0.0.1:0", "--web", "none", "waiting"];
    await using server = ServerProcess.spawn({ globals: ["kv", "-C", conf], args, env: place.env });
    await broker.asked;
    await server.output(({ stderr }) => /wait/i.test(stderr));
    assertEquals(server.stdout, "");
  }
});

Deno.test("A-009: without -i but with a broker it waits, refuses clients, and says for what", async () => {
  await using place = await Workplace.make();
  using broker = startFakeBroker();
  place.broker = broker.uri;
  const port = freePort();
  const args = ["--bind", `127.0.0.1:${port}`, "--web", "none", "test1"];
  await using server = ServerProcess.spawn({ globals: place.globals, args, env: place.env });
  await server.output(({ stderr }) => stderr.includes("-i"));
  assertIncludes(server.stderr, broker.uri);
  assertEquals((await place.moat("kv", "-p", String(port), "data", ":")).code, 1);
  assertEquals(server.stdout, "");
  assertEquals((await server.stop()).code, 0);
});

Deno.test("A-009: --alone starts although a broker answers", async () => {
  await using place = await Workplace.make();
  using broker = startFakeBroker();
  place.broker = broker.uri;
  await using server = await place.start("--alone", "test1");
  assertEquals(server.stdout, "Running.\n");
});

Deno.test("without state, -i and broker it starts a new network and says so", async () => {
  await using place = await Workplace.make();
  await using lonely = await place.start("test1");
  assertIncludes(lonely.stderr, /new network/i);
  place.embeddedPort = freePort();
  await using server = await place.start("test2");
  assertIncludes(server.stderr, /no other was there.*\n.*new network/i);
});

Deno.test("--join never starts a new network", async () => {
  await using place = await Workplace.make();
  place.broker = deadUri();
  await using server = place.spawn("--join", "test1");
  assertEquals((await server.status).code, 1);
  assertEquals(server.stdout, "");
  assertIncludes(server.stderr, /--join/);
});

Deno.test("the name is the host's if there is none", async () => {
  await using place = await Workplace.make();
  await using server = await place.start("--memory", "--alone");
  assertIncludes(server.stderr, new RegExp(`^Node: ${Deno.hostname()}$`, "m"));
  assertIncludes(server.stderr, /^Data: none \(memory only\)$/m);
});

Deno.test("a stopped server has its data again, and -i does not touch them", async () => {
  await using place = await Workplace.make();
  {
    await using server = await place.start("-i", "first", "test1");
    assertEquals((await place.kv(server, "data", "a.b", "set", "-e", ":", "[1, 2.0]")).code, 0);
    assertEquals((await server.stop()).code, 0);
  }
  await using server = await place.start("-i", "second", "test1");
  assertIncludes(server.stderr, /-i/);
  assertEquals((await place.kv(server, "data", ":")).stdout, '"first"\n');
  assertEquals((await place.kv(server, "data", "a.b")).stdout, "- 1\n- 2.0\n");
});

Deno.test("a killed server serves at once, with its data", async () => {
  await using place = await Workplace.make();
  {
    await using server = await place.start("-i", "kept", "test1");
    server.kill("SIGKILL");
    await server.status;
  }
  await using server = await place.start("test1");
  assertEquals((await place.kv(server, "data", ":")).stdout, '"kept"\n');
});

Deno.test("a state directory that is in use is an error that names the way out", async () => {
  await using place = await Workplace.make();
  await using first = await place.start("--alone", "test1");
  assertTrue(first.port > 0);
  await using second = place.spawn("test1");
  assertEquals((await second.status).code, 1);
  assertIncludes(second.stderr, /--data/);
  assertEquals(second.stdout, "");
});

Deno.test("a port that was asked for and is taken is an error that names the way out", async () => {
  await using place = await Workplace.make();
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = taken.addr as Deno.NetAddr;
  const args = ["--bind", `127.0.0.1:${port}`, "--memory", "--alone", "test1"];
  await using server = ServerProcess.spawn({ globals: place.globals, args, env: place.env });
  assertEquals((await server.status).code, 1);
  assertIncludes(server.stderr, new RegExp(`${port}.*--bind|--bind.*${port}`, "s"));
});

Deno.test("-l moat=error: a server says nothing but that it serves", async () => {
  await using place = await Workplace.make();
  place.more = ["-l", "moat=error", ...place.globals];
  await using server = await place.start("--memory", "test1");
  assertEquals([server.stdout, server.stderr], ["Running.\n", ""]);
});

Deno.test("a default port that is taken becomes the next free one", async () => {
  await using place = await Workplace.make();
  using _taken = tryListen(27586);
  await using server = ServerProcess.spawn({ args: ["--memory", "--alone", "test1"], env: place.env });
  await server.running();
  assertTrue(server.port > 27586, server.stderr);
  assertTrue(server.webPort >= 27590, server.stderr);
});

Deno.test("several --bind, and options that contradict each other", async () => {
  await using place = await Workplace.make();
  await using server = await place.start("--bind", "[::1]:0", "--memory", "--alone", "test1");
  assertEquals(server.stderr.match(/^Clients: /mg)?.length, 2);
  for (
    const [args, message] of [
      [["-a", "-f", "n"], "Using both '-a' and '-f' is redundant. Choose one."],
      [["-l", "/dev/null", "n", "m"], "Either read from a file or fetch from a node. Not both."],
      [["-l", "/no/such/file", "n"], "There is no file '/no/such/file'."],
      [["--memory", "--data", "x"], "'--data' and '--memory' are mutually exclusive."],
      [["--fsync", "sometimes"], "always, everysec, no"],
      [["--bind", "a:b:c"], "is no address"],
      [["-e"], "'-e' needs a value"],
    ] as const
  ) {
    const { code, stderr, stdout } = await place.moat("server", ...args);
    assertEquals([code, stdout], [2, ""], stderr);
    assertIncludes(stderr, message);
  }
});

Deno.test("with certificate and key it serves TLS", async () => {
  if (!await isInstalled("openssl")) return;
  await using place = await Workplace.make();
  const [cert, key] = [`${place.directory}/cert.pem`, `${place.directory}/key.pem`];
  await shell(
    "sh",
    `openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 \
    -subj /CN=localhost -addext basicConstraints=critical,CA:FALSE -addext subjectAltName=DNS:localhost -keyout ${key} -out ${cert} 2>/dev/null`,
  );
  await using server = await place.start("--tls-cert", cert, "--tls-key", key, "--memory", "--alone", "test1");
  assertIncludes(server.stderr, /^Clients: tls:\/\/127\.0\.0\.1:\d+$/m);
  const caCerts = [await Deno.readTextFile(cert)];
  using connection = await Deno.connectTls({ hostname: "localhost", port: server.port, caCerts });
  assertTrue(await connection.read(new Uint8Array(1000)) !== null);
});

Deno.test("the state can be copied from a named node, and an error says if that is not possible", async () => {
  await using place = await Workplace.make();
  await using first = await place.start("-i", "Testing", "test1");
  assertEquals((await place.kv(first, "data", "a.b", "set", "-v", ":", "c")).code, 0);
  await using second = await place.start("test2", `127.0.0.1:${first.port}`);
  assertIncludes(second.stderr, /^Copied 2 entries/m);
  assertEquals((await place.kv(second, "data", "a.b")).stdout, '"c"\n');
  await using lost = place.spawn("--memory", "test3", `127.0.0.1:${freePort()}`);
  assertEquals((await lost.status).code, 1);
  assertIncludes(lost.stderr, /Cannot copy from.*127\.0\.0\.1/);
});

Deno.test("-e takes the root value as a Python literal, and - is None", async () => {
  await using place = await Workplace.make();
  {
    await using server = await place.start("--memory", "-e", "-i", "{'a': (1, None)}", "n");
    assertEquals((await place.kv(server, "data", ":")).stdout, "a:\n- 1\n- null\n");
  }
  await using server = await place.start("--memory", "-I", "-", "n");
  assertEquals((await place.kv(server, "data", ":")).stdout, "null\n...\n");
});

Deno.test("-Q says nothing", async () => {
  await using place = await Workplace.make();
  const port = freePort();
  const args = ["--bind", `127.0.0.1:${port}`, "--web", "none", "--memory", "--alone", "test1"];
  await using server = ServerProcess.spawn({ globals: ["-Q", ...place.globals], args, env: place.env });
  await reachable(port);
  assertEquals((await server.stop()).code, 0);
  assertEquals([server.stdout, server.stderr], ["", ""]);
});

Deno.test("Ctrl-C stops it cleanly", async () => {
  await using place = await Workplace.make();
  await using server = await place.start("--memory", "--alone", "test1");
  server.kill("SIGINT");
  assertEquals((await server.status).code, 0);
});

/** A port that nobody listens at just now. */
function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return (listener.addr as Deno.NetAddr).port;
}

function tryListen(port: number): Disposable {
  try {
    return Deno.listen({ hostname: "127.0.0.1", port });
  } catch (error) {
    if (error instanceof Deno.errors.AddrInUse) return { [Symbol.dispose]: () => {} };
    throw error;
  }
}

async function isOpen(port: number): Promise<boolean> {
  try {
    (await Deno.connect({ hostname: "127.0.0.1", port })).close();
    return true;
  } catch {
    return false;
  }
}

/** Connects until somebody answers. */
async function reachable(port: number): Promise<void> {
  while (!await isOpen(port)) await new Promise((resolve) => setTimeout(resolve, 20));
}
