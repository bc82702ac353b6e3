/** The service files below a root prefix, with the real program. Case numbers: tutorial-acceptance. */

import { assertEquals, assertIncludes, assertTrue } from "../support/assert.ts";
import { files, Machine } from "../support/machine.ts";
import { NotifySocket } from "../support/notify_socket.ts";
import { isInstalled } from "../support/shell.ts";
import { Workplace } from "../support/workplace.ts";

Deno.test("the units and scripts are installed below the root prefix", async () => {
  await using machine = await Machine.make();
  assertEquals(await files(`${machine.root}/usr/lib/moat/kv`), [
    ...["common", "current", "env", "init", "recover", "rotate", "run", "success"],
  ]);
  assertEquals(await files(`${machine.root}/usr/lib/systemd/system`), [
    "moat-kv-recover.service",
    "moat-kv-rotate.service",
    "moat-kv-rotate.timer",
    "moat-kv.service",
  ]);
});

Deno.test("systemd-analyze has nothing to say about the units", async () => {
  if (!await isInstalled("systemd-analyze")) return;
  await using machine = await Machine.make();
  const units = `${machine.root}/usr/lib/systemd/system`;
  await Deno.mkdir(`${machine.root}/usr/bin`);
  await Deno.writeTextFile(`${machine.root}/usr/bin/systemctl`, "", { mode: 0o755 });
  for (const target of ["sysinit", "basic", "shutdown", "network", "timers", "multi-user", "time-set", "time-sync"]) {
    await Deno.writeTextFile(`${units}/${target}.target`, "[Unit]\n");
  }
  const ours = (await files(units)).filter((name) => name.startsWith("moat-kv"));
  const { stdout, stderr } = await new Deno.Command("systemd-analyze", {
    args: [`--root=${machine.root}`, "--recursive-errors=no", "verify", ...ours.map((name) => `${units}/${name}`)],
  }).output();
  const said = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
  assertEquals(said.split("\n").filter((line) => /moat-kv/.test(line)), []);
});

Deno.test("A-039 … A-041: hybrid mode saves state by itself and has it after a restart", async () => {
  await using machine = await Machine.make();
  const { place } = machine;
  await machine.lib("init");
  await machine.setting("MODE=hybrid");
  // There is no network: the start fails, and the next one is from the newest state file.
  {
    await using server = machine.spawn();
    assertEquals((await server.status).code, 1);
    assertEquals(server.stdout, "");
  }
  await machine.lib("recover");
  {
    await using server = await machine.start();
    assertEquals(await files(machine.saved), [".full", "2019-01-01-00", "state"]);
    assertEquals((await place.kv(server, "data", ":")).stdout, '"Initial data"\n');
    await place.kv(server, "data", "a", "set", "-e", ":", "1");
    const date = { DATE: "2031-05-06-07" };
    await machine.lib("rotate", date);
    await place.kv(server, "data", "b", "set", "-e", ":", "2");
    await machine.lib("rotate", date);
    await place.kv(server, "data", "c", "set", "-e", ":", "3");
    assertEquals(await files(`${machine.saved}/2031-05-06-07`), ["0.dkv", "1.dkv"]);
    server.kill("SIGKILL");
    await server.status;
  }
  await using server = await machine.start();
  for (const [path, value] of [["a", "1"], ["b", "2"], ["c", "3"]]) {
    assertEquals((await place.kv(server, "data", path)).stdout, `${value}\n`);
  }
  // After a restart the next file is a full one, and `current` starts with it.
  await machine.lib("rotate", { DATE: "2031-05-06-07" });
  assertEquals(await files(`${machine.saved}/2031-05-06-07`), ["0.dkv", "1.dkv", "2.dkv", "2.full"]);
  await place.kv(server, "log", "stop");
  await machine.lib("current", {}, `${place.directory}/joined`);
  const last = await Deno.readFile(`${machine.saved}/2031-05-06-07/2.dkv`);
  assertEquals(await Deno.readFile(`${place.directory}/joined`), last);
});

Deno.test("A-042: master mode starts from the newest saved state", async () => {
  await using machine = await Machine.make();
  const { place } = machine;
  await machine.setting("MODE=master");
  await machine.lib("init");
  {
    await using server = await machine.start();
    assertEquals((await place.kv(server, "data", ":")).stdout, '"Initial data"\n');
    await machine.lib("rotate", { DATE: "2031-05-06-07" });
    await place.kv(server, "data", "a", "set", "-e", ":", "1");
    await machine.lib("rotate", { DATE: "2031-05-06-07" });
    await place.kv(server, "data", "a", "set", "-e", ":", "2");
    assertEquals((await server.stop()).code, 0);
  }
  {
    await using server = await machine.start();
    assertEquals((await place.kv(server, "data", "a")).stdout, "2\n");
    assertEquals((await server.stop()).code, 0);
  }
  await Deno.remove(machine.state, { recursive: true });
  await using server = await machine.start();
  assertEquals((await place.kv(server, "data", "a")).stdout, "2\n");
});

Deno.test("slave mode keeps nothing and never starts a network", async () => {
  await using machine = await Machine.make();
  await machine.setting("MODE=slave");
  await machine.lib("init");
  await using server = machine.spawn();
  assertEquals((await server.status).code, 1);
  assertEquals(server.stdout, "");
  await machine.lib("rotate");
  assertEquals(await Deno.stat(machine.saved).catch(() => "none"), "none");
});

Deno.test("run does not start a server for clients of another machine, unless LOCAL says so", async () => {
  await using machine = await Machine.make();
  const conf = await Deno.readTextFile(`${machine.root}/etc/moat/moat.cfg`);
  await Deno.writeTextFile(`${machine.root}/etc/moat/moat.cfg`, conf.replace("conn: {}", "conn: {host: elsewhere}"));
  await using server = machine.spawn();
  assertEquals((await server.status).code, 42);
  await machine.setting("MODE=master");
  await using forced = machine.spawn({ LOCAL: "yes" });
  await forced.running();
});

Deno.test("run without a name, or in an unknown mode, says so", async () => {
  await using machine = await Machine.make();
  await Deno.writeTextFile(`${machine.root}/etc/moat/kv.env`, "");
  await using nameless = machine.spawn();
  assertEquals((await nameless.status).code, 1);
  assertIncludes(nameless.stderr, "NAME is not set");
  await using odd = machine.spawn({ NAME: "x", MODE: "boss" });
  assertEquals((await odd.status).code, 1);
  assertIncludes(odd.stderr, "MODE must be master, hybrid or slave, not 'boss'");
});

Deno.test("rotate deletes old directories and keeps first hours, first days and everything else", async () => {
  await using machine = await Machine.make();
  await machine.setting("MODE=master");
  await machine.lib("init");
  await using server = await machine.start();
  const days = (n: number) => new Date(Date.now() - n * 86_400_000);
  const old: readonly [name: string, age: number, stays: boolean][] = [
    ["2030-03-05-13", 9, true],
    ["2030-03-05-14", 11, false],
    ["2030-03-05-00", 11, true],
    ["2030-02-05-00", 46, false],
    ["2030-02-01-00", 46, true],
    ["2029-01-01-00", 401, false],
    ["letters", 500, true],
  ];
  for (const [name, age] of old) {
    await Deno.mkdir(`${machine.saved}/${name}`);
    await Deno.utime(`${machine.saved}/${name}`, days(age), days(age));
  }
  await machine.lib("rotate", { DATE: "2031-05-06-07" });
  const left = await files(machine.saved);
  for (const [name, age, stays] of old) assertEquals(left.includes(name), stays, `${name}, ${age} days`);
  assertTrue(left.includes("2031-05-06-07"));
  assertTrue(server.port > 0);
});

Deno.test("rotate complains about damage in the files that it leaves behind", async () => {
  await using machine = await Machine.make();
  await machine.setting("MODE=master");
  await machine.lib("init");
  await using _server = await machine.start();
  await machine.lib("rotate", { DATE: "2031-05-06-07" });
  await machine.place.kv(_server, "log", "stop");
  await Deno.writeFile(`${machine.saved}/2031-05-06-07/0.dkv`, Uint8Array.of(0xc1), { append: true });
  const failed = await machine.lib("rotate", { DATE: "2031-05-06-08" }).catch((error: Error) => error.message);
  assertIncludes(failed, "damaged");
  assertEquals(await files(`${machine.saved}/2031-05-06-08`), ["0.dkv"]);
});

for (const kind of ["path", "abstract"]) {
  Deno.test(`systemd is told when the server is ready, alive and stopping (${kind} socket)`, async () => {
    await using place = await Workplace.make();
    const name = kind === "path" ? `${place.directory}/notify` : `@moat-test-${crypto.randomUUID()}`;
    using socket = NotifySocket.open(name);
    if (!socket) return console.log("skipped: no libc to make a unix datagram socket with");
    place.env.NOTIFY_SOCKET = name;
    place.env.WATCHDOG_USEC = "300000";
    await using server = await place.start("--memory", "--alone", "test1");
    assertEquals(await socket.receive(), ["READY=1"]);
    assertEquals(await socket.receive(), ["WATCHDOG=1"]);
    server.kill("SIGTERM");
    let last: string[];
    do last = await socket.receive(); while (last[0] === "WATCHDOG=1");
    assertEquals(last, ["STOPPING=1"]);
    assertEquals((await server.status).code, 0);
  });
}
