import { assertEquals, assertIncludes, assertRejects, assertTrue } from "../support/assert.ts";
import { deadUri, startFakeBroker } from "../support/fake_broker.ts";
import { type Message, RawConnection } from "../support/raw_connection.ts";
import { readVectors } from "../support/vectors.ts";
import { ConfigError, readConfig, type ServerOptions } from "../../server/config.ts";
import { PortError, type Server, startServer } from "../../server/mod.ts";
import { KvError } from "../../wire/errors.ts";
import { P } from "../../wire/path/template.ts";
import type { Value } from "../../wire/value.ts";

/** A server that touches nothing but free ports of the loopback interface. */
async function start(options: ServerOptions = {}): Promise<{ server: Server; lines: string[] }> {
  const lines: string[] = [];
  const server = await startServer({
    name: "test1",
    data: false,
    listen: [{ port: 0 }],
    web: false,
    broker: { uri: deadUri() },
    alone: true,
    report: (line) => lines.push(line),
    ...options,
  });
  return { server, lines };
}

const portOf = (address: string) => Number(new URL(address.replace(/^\w+:/, "http:")).port);

async function ask(connection: RawConnection, message: Message): Promise<Message | undefined> {
  await connection.send([message]);
  return await connection.receive();
}

/** What a new client finds at a path. */
async function read(server: Server, path: Value): Promise<Value | undefined> {
  using connection = await RawConnection.open(portOf(server.addresses[0]));
  await connection.receive();
  return (await ask(connection, { seq: 1, action: "get_value", path }))?.value;
}

async function write(server: Server, path: Value, value: Value): Promise<Message | undefined> {
  using connection = await RawConnection.open(portOf(server.addresses[0]));
  await connection.receive();
  return await ask(connection, { seq: 1, action: "set_value", path, value });
}

Deno.test("startServer() serves clients by TCP, and says where", async () => {
  const { server, lines } = await start({ init: "Root" });
  await using _ = server;
  assertEquals([server.node, server.web, server.data], ["test1", undefined, undefined]);
  assertEquals(server.addresses.length, 1);
  using connection = await RawConnection.open(portOf(server.addresses[0]));
  const { version: _version, ...greeting } = (await connection.receive())!;
  assertEquals(greeting, { seq: 0, node: "test1", tick: 1, tock: 1, qlen: 10 });
  assertEquals((await ask(connection, { seq: 1, action: "get_value", path: [] }))?.value, "Root");
  assertEquals(lines, [
    "New network: test1 is its first server",
    `Clients: ${server.addresses[0]}`,
    "Data: none (memory only)",
    "Node: test1",
  ]);
});

Deno.test("several ports, and no port", async () => {
  const { server } = await start({ listen: [{ port: 0 }, { port: 0 }] });
  assertEquals(new Set(server.addresses).size, 2);
  for (const address of server.addresses) (await RawConnection.open(portOf(address)))[Symbol.dispose]();
  await server.stop();
  await server.stop();
  await assertRejects(() => RawConnection.open(portOf(server.addresses[0])));
  const { server: closed } = await start({ listen: [] });
  assertEquals(closed.addresses, []);
  await closed.stop();
});

Deno.test("stop() ends streams and connections", async () => {
  const { server } = await start();
  using connection = await RawConnection.open(portOf(server.addresses[0]));
  await connection.receive();
  assertEquals((await ask(connection, { seq: 1, action: "watch", path: P("a") }))?.state, "start");
  const stopped = server.stop();
  assertEquals((await connection.receive())?.state, "end");
  assertEquals(await connection.receive(), undefined);
  await stopped;
});

Deno.test("a port that was asked for and is taken is an error that names the way out", async () => {
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = taken.addr as Deno.NetAddr;
  const error = await assertRejects(() => start({ listen: [{ port }] }), PortError, "is taken by another program");
  assertIncludes(error.message, "name another port");
  await assertRejects(() => start({ web: { port } }), PortError, "is taken");
  await assertRejects(
    () => start({ listen: [{ host: "203.0.113.1", port: 0 }] }),
    PortError,
    "no address of this machine",
  );
});

Deno.test("a server that cannot have its ports makes no state", async () => {
  const directory = await Deno.makeTempDir();
  try {
    const data = `${directory}/state`;
    const good = { host: "127.0.0.1", port: 0 };
    for (const host of ["nonsense.invalid", "203.0.113.1"]) {
      const bad = { host, port: 0 };
      await assertRejects(() => start({ listen: [good, bad], data, init: 1 }), PortError, host);
      await assertRejects(() => start({ listen: [good], web: bad, data, init: 1 }), PortError, host);
    }
    assertEquals([...Deno.readDirSync(directory)], []);
    const { server } = await start({ listen: [good], data, init: 1 });
    await server.stop();
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});

Deno.test("a default port that is taken becomes the next free one", async () => {
  const { server } = await start({ listen: [{}] });
  const { server: second } = await start({ listen: [{}], web: {} });
  const [first, next] = [portOf(server.addresses[0]), portOf(second.addresses[0])];
  assertTrue(first >= 27586 && next > first && next < 27686, `${first} ${next}`);
  assertTrue(portOf(second.web!) >= 27590);
  await second.stop();
  await server.stop();
});

Deno.test("options that cannot be are refused by name", () => {
  const bad: [ServerOptions, string][] = [
    [{ name: "" }, "node name"],
    [{ name: "a/b" }, "node name"],
    [{ name: "a~b" }, "node name"],
    [{ window: 3 }, "window"],
    [{ fsync: "sometimes" as "no" }, "fsync"],
    [{ listen: [{ port: 70000 }] }, "port"],
    [{ web: { port: -1 } }, "port"],
  ];
  for (const [options, text] of bad) {
    let message = "";
    try {
      readConfig({ name: "x", ...options });
    } catch (error) {
      assertTrue(error instanceof ConfigError);
      message = error.message;
    }
    assertIncludes(message, text);
  }
});

Deno.test("state survives a restart; -i on a node with state keeps it and says so", async () => {
  const data = await Deno.makeTempDir({ prefix: "moat-kv-" });
  try {
    const { server } = await start({ data, init: "first" });
    assertEquals((await write(server, P("a"), 1))?.changed, true);
    await server.stop();
    const { server: again, lines } = await start({ data, init: "second" });
    assertEquals([await read(again, []), await read(again, P("a"))], ["first", 1]);
    assertTrue(lines.includes("There is a state, and it is kept: -i is ignored"), lines.join("\n"));
    await assertRejects(() => start({ data }), KvError, "in use");
    await again.stop();
  } finally {
    await Deno.remove(data, { recursive: true });
  }
});

Deno.test("a node that has state asks no broker", async () => {
  const data = await Deno.makeTempDir({ prefix: "moat-kv-" });
  try {
    const { server } = await start({ data });
    await write(server, P("a"), 1);
    await server.stop();
    using broker = startFakeBroker();
    const { server: again } = await start({ data, alone: false, broker: { uri: broker.uri } });
    assertEquals(await read(again, P("a")), 1);
    await again.stop();
  } finally {
    await Deno.remove(data, { recursive: true });
  }
});

Deno.test("no state, but a broker: waits, says for what, and serves nobody; --alone and -i do not wait long", async () => {
  using broker = startFakeBroker();
  const options: ServerOptions = { alone: false, broker: { uri: broker.uri } };
  const stop = new AbortController();
  const lines: string[] = [];
  const said = Promise.withResolvers<void>();
  const report = (line: string) => {
    lines.push(line);
    if (line.includes("-i VALUE")) said.resolve();
  };
  const waiting = start({ ...options, signal: stop.signal, report });
  await said.promise;
  assertIncludes(lines.join("\n"), "waiting for another server of this network");
  assertEquals(lines.some((line) => line.startsWith("Clients:")), false);
  stop.abort();
  await assertRejects(() => waiting, DOMException, "abort");
  await (await start({ ...options, alone: true })).server.stop();
  await (await start({ ...options, init: "x" })).server.stop();
});

Deno.test("a configured broker is waited for even if it does not answer yet", async () => {
  const stop = new AbortController();
  const report = (line: string) => line.includes("does not answer yet") && stop.abort();
  await assertRejects(() => start({ alone: false, signal: stop.signal, report }), DOMException, "abort");
});

Deno.test("state files of the original load, in any number, and are kept", async () => {
  const data = await Deno.makeTempDir({ prefix: "moat-kv-" });
  const file = (name: string) => new URL(`../vectors/${name}`, import.meta.url).pathname;
  try {
    const load = [file("log-save-full.state"), file("log-incremental.state")];
    const { server, lines } = await start({ name: "other", data, load, init: "ignored" });
    const wanted = readVectors("log-save-full.state.txt").filter(({ full_path }) => full_path !== undefined);
    assertTrue(wanted.length > 10);
    assertTrue(lines.some((line) => line.startsWith("Loaded ")), lines.join("\n"));
    const before = await read(server, []);
    assertTrue(before !== undefined && before !== "ignored");
    await write(server, P("new"), 1);
    await server.stop();
    const { server: again } = await start({ name: "other", data });
    assertEquals(await read(again, []), before);
    await again.stop();
  } finally {
    await Deno.remove(data, { recursive: true });
  }
});

Deno.test("a file of this very node loads under a new writer name, and one that is not there is an error", async () => {
  const load = [new URL("../vectors/log-save-full.state", import.meta.url).pathname];
  const { server } = await start({ load });
  const reply = await write(server, P("new"), 1);
  assertTrue(/^test1~[a-z2-7]{8}$/.test(String((reply?.chain as Message).node)), Deno.inspect(reply));
  await server.stop();
  await assertRejects(() => start({ load: ["/nonexistent"] }), KvError, "Cannot load /nonexistent");
});

Deno.test("save and log write state files that load again, and nothing else is overwritten", async () => {
  const dir = await Deno.makeTempDir({ prefix: "moat-kv-" });
  try {
    const { server } = await start({ init: "Root" });
    using connection = await RawConnection.open(portOf(server.addresses[0]));
    await connection.receive();
    await ask(connection, { seq: 1, action: "set_value", path: P("a"), value: 1 });
    assertEquals((await ask(connection, { seq: 2, action: "save", path: `${dir}/x.state` }))?.result, true);
    assertEquals((await ask(connection, { seq: 3, action: "log", path: `${dir}/l.state`, fetch: true }))?.result, true);
    await ask(connection, { seq: 4, action: "set_value", path: P("b"), value: 2 });
    assertEquals((await ask(connection, { seq: 5, action: "log", path: null }))?.result, true);
    await Deno.writeTextFile(`${dir}/precious.txt`, "precious");
    const refused = await ask(connection, { seq: 6, action: "save", path: `${dir}/precious.txt` });
    assertEquals(refused?.etype, "file");
    assertEquals(await Deno.readTextFile(`${dir}/precious.txt`), "precious");
    assertEquals((await ask(connection, { seq: 7, action: "save", path: `${dir}/no/x` }))?.etype, "file");
    await server.stop();
    const { server: again } = await start({ load: [`${dir}/x.state`] });
    assertEquals([await read(again, P("a")), await read(again, P("b"))], [1, undefined]);
    await again.stop();
    const { server: logged } = await start({ load: [`${dir}/l.state`] });
    assertEquals([await read(logged, []), await read(logged, P("a")), await read(logged, P("b"))], ["Root", 1, 2]);
    await logged.stop();
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});

Deno.test("a client that vanishes in the middle of everything harms nobody", async () => {
  const { server } = await start({ init: "Root" });
  const port = portOf(server.addresses[0]);
  for (let i = 0; i < 30; i++) {
    const connection = await RawConnection.open(port);
    const messages = Array.from(
      { length: 50 },
      (_, seq) => ({ seq, action: "set_value", path: P("a"), value: "x".repeat(seq * 100) }),
    );
    await connection.send([{ seq: 100, action: "watch", path: [], fetch: true }, ...messages]);
    connection[Symbol.dispose]();
  }
  assertEquals(await read(server, []), "Root");
  await server.stop();
});

Deno.test("many idle connections are served beside busy ones", async () => {
  const { server } = await start({ init: "Root" });
  const port = portOf(server.addresses[0]);
  const idle = await Promise.all(Array.from({ length: 300 }, () => RawConnection.open(port)));
  assertEquals(await read(server, []), "Root");
  for (const connection of idle) connection[Symbol.dispose]();
  await server.stop();
});
