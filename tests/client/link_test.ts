import { P } from "../../wire/path/template.ts";
import { ConnectionError } from "../../wire/errors.ts";
import { delayMs } from "../../client/backoff.ts";
import { Connection } from "../../client/connection.ts";
import { ConnectionLostError } from "../../client/errors.ts";
import type { ConnectionState } from "../../client/link.ts";
import { openClient } from "../../client/open_client.ts";
import { assertEquals, assertRejects, assertTrue } from "../support/assert.ts";
import { greeting, PeerLine, ScriptPeer, settled } from "../support/script_peer.ts";

const soon = { firstMs: 0, random: () => 0 };

async function words(states: AsyncIterable<ConnectionState>, until = "closed"): Promise<string[]> {
  const all: string[] = [];
  for await (const { state } of states) {
    all.push(state);
    if (state === until) break;
  }
  return all;
}

Deno.test("delayMs() doubles up to its limit, and chance shortens it by up to a half", () => {
  const plain = [1, 2, 3, 4, 50].map((attempt) => delayMs(attempt, { firstMs: 100, maxMs: 500, random: () => 0 }));
  assertEquals(plain, [100, 200, 400, 500, 500]);
  assertEquals(delayMs(2, { firstMs: 100, random: () => 0.5 }), 150);
  for (let i = 0; i < 100; i++) {
    const ms = delayMs(1);
    assertTrue(ms > 50 && ms <= 100);
  }
});

Deno.test("without reconnect, a lost connection closes the client", async () => {
  const { client, line } = await new ScriptPeer().open();
  const states = words(client.connectionStates());
  line.drop();
  assertEquals(await states, ["connected", "lost", "closed"]);
  const last = client.connectionState;
  assertTrue(last.state === "closed" && last.error instanceof ConnectionError);
  await client.close();
});

Deno.test("with reconnect, the states tell each attempt, and requests wait for the next connection", async () => {
  const peer = new ScriptPeer();
  const { client, line } = await peer.open({ reconnect: soon });
  const states = words(client.connectionStates());
  await settled();
  const writing = client.set(P("a"), 1);
  peer.isDown = true;
  line.drop();
  await assertRejects(() => writing, ConnectionLostError, "is unknown");
  const waiting = client.get(P("a"));
  const later = client.set(P("a"), 2);
  while (peer.attempts < 3) await settled();
  peer.isDown = false;
  const next = await peer.accept({ ...greeting, node: "test2" });
  assertEquals((await next.receive()).action, "get_value");
  assertEquals((await next.receive()).action, "set_value");
  next.send({ seq: 1, value: 5, tock: 1 }, { seq: 2, changed: true, tock: 2 });
  assertEquals((await waiting).value, 5);
  await later;
  assertEquals(client.node, "test2");
  await client.close();
  const told = await states;
  assertEquals(told.slice(0, 4), ["connected", "lost", "waiting", "connecting"]);
  assertEquals(told.slice(-3), ["connecting", "connected", "closed"]);
});

Deno.test("a request that waits for a connection ends with its signal, or with the client", async () => {
  const peer = new ScriptPeer();
  const { client, line } = await peer.open({ reconnect: { firstMs: 100_000 } });
  line.drop();
  await settled();
  const stop = new AbortController();
  const impatient = client.get(P("a"), { signal: stop.signal });
  const patient = client.get(P("a"));
  stop.abort(new Error("enough"));
  await assertRejects(() => impatient, Error, "enough");
  const closing = client.close();
  await assertRejects(() => patient, ConnectionError, "The client is closed");
  await closing;
});

Deno.test("the first connection has to succeed, unless asked otherwise", async () => {
  const peer = new ScriptPeer();
  peer.isDown = true;
  await assertRejects(() => openClient({ transport: peer.connect, reconnect: soon }), ConnectionError, "it is down");
  assertEquals(peer.attempts, 1);
  const opening = openClient({
    transport: peer.connect,
    reconnect: { ...soon, initially: true },
    dynamicConfig: false,
  });
  while (peer.attempts < 4) await settled();
  peer.isDown = false;
  await peer.accept();
  await (await opening).close();
});

Deno.test("a login that is refused later ends the attempts", async () => {
  const peer = new ScriptPeer();
  const { client, line } = await peer.open({ reconnect: soon });
  const states = words(client.connectionStates());
  await settled();
  line.drop();
  await peer.accept({ ...greeting, auth: ["password"] });
  assertEquals(await states, ["connected", "lost", "waiting", "connecting", "closed"]);
  await assertRejects(() => client.get(P("a")), ConnectionError, "You need to log in using: password");
  await client.close();
});

Deno.test("root() is repeated on the next connection, before anything else of later", async () => {
  const peer = new ScriptPeer();
  const { client, line } = await peer.open({ reconnect: soon });
  const before = client.watch(P("x"));
  await line.request("watch");
  const root = client.root(P("home"));
  assertEquals(await line.receive(), { seq: 2, action: "root", path: P("home") });
  line.send({ seq: 2, value: 1, tock: 3, path: P(":"), chain: { node: "a", tick: 1, prev: null } });
  assertEquals((await root).value, 1);
  const after = client.watch(P("y"));
  await line.request("watch");
  line.drop();
  const next = await peer.accept();
  const actions = [await next.receive(), await next.receive(), await next.receive()];
  assertEquals(actions.map(({ action, path }) => `${action} ${path}`), ["watch x", "root home", "watch y"]);
  await before.return();
  await after.return();
  await client.close();
});

Deno.test("connectionStates() ends with its signal and when the loop is left", async () => {
  const { client } = await new ScriptPeer().open();
  assertEquals(await words(client.connectionStates(), "connected"), ["connected"]);
  const stop = new AbortController();
  const states = client.connectionStates({ signal: stop.signal });
  await states.next();
  const waiting = states.next();
  stop.abort(new Error("enough"));
  await assertRejects(() => waiting, Error, "enough");
  await client.close();
});

Deno.test("a connection does not wait for ever on a line that takes nothing", async () => {
  const line = new PeerLine();
  line.send(greeting);
  const connection = await Connection.greet(line.transport, 10, new AbortController().signal);
  const free = Promise.withResolvers<void>();
  line.stuck = free.promise;
  await connection.close(5);
  assertTrue(line.isClosed);
  free.resolve();
});
