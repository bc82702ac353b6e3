import { P } from "../../wire/path/template.ts";
import {
  AuthError,
  ChainError,
  ConnectionError,
  NotFoundError,
  ProtocolError,
  RequestError,
} from "../../wire/errors.ts";
import { Float } from "../../wire/value.ts";
import { ConnectionLostError, remoteErrorOf } from "../../client/errors.ts";
import { rootLogin, testLogin } from "../../client/login.ts";
import { openClient } from "../../client/open_client.ts";
import { assertEquals, assertIncludes, assertInstance, assertRejects } from "../support/assert.ts";
import { greeting, ScriptPeer, settled } from "../support/script_peer.ts";

Deno.test("openClient() answers the greeting with the smaller window and knows the server's name", async () => {
  const peer = new ScriptPeer();
  const opening = openClient({ transport: peer.connect, dynamicConfig: false });
  const line = await peer.accept(null);
  line.send({ ...greeting, qlen: 1000 });
  assertEquals(await line.receive(), { seq: 0, qlen: 256 });
  await using client = await opening;
  assertEquals(client.node, "test1");
  assertEquals(client.name.length, 9);
});

Deno.test("openClient() sends no window to a server that has none", async () => {
  const peer = new ScriptPeer();
  const opening = openClient({ transport: peer.connect, dynamicConfig: false });
  const line = await peer.accept(null);
  line.send({ seq: 0, node: "old" });
  await using client = await opening;
  void client.getTock().catch(() => {});
  assertEquals(await line.receive(), { seq: 1, action: "get_tock" });
});

Deno.test("openClient() gives up on a server that does not greet", async () => {
  const peer = new ScriptPeer();
  const opening = openClient({ transport: peer.connect, initTimeoutMs: 10 });
  const line = await peer.accept(null);
  await assertRejects(() => opening, ConnectionError, "did not answer within 10 ms");
  await line.closed;
});

Deno.test("openClient() fails with what the first message is, if it is no greeting", async () => {
  const peer = new ScriptPeer();
  const opening = openClient({ transport: peer.connect });
  (await peer.accept(null)).send({ seq: 0, hello: "world" });
  await assertRejects(() => opening, ProtocolError, "not a server's greeting");
});

Deno.test("openClient() ends with its signal", async () => {
  const peer = new ScriptPeer();
  const stop = new AbortController();
  const opening = openClient({ transport: peer.connect, signal: stop.signal });
  const line = await peer.accept(null);
  stop.abort(new Error("enough"));
  await assertRejects(() => opening, Error, "enough");
  await line.closed;
});

Deno.test("a later abort of the client's signal closes it", async () => {
  const peer = new ScriptPeer();
  const stop = new AbortController();
  const { client, line } = await peer.open({ signal: stop.signal });
  const pending = client.get(P("a"));
  stop.abort();
  await line.closed;
  await assertRejects(() => pending, ConnectionLostError);
  await client.close();
});

Deno.test("openClient() says which login the server wants", async () => {
  for (
    const [auth, text, code] of [
      [undefined, "You need to log in using: root", "auth_required"],
      [testLogin("joe"), "You cannot use '_test' auth as the server wants 'root'", "auth_method"],
    ] as const
  ) {
    const peer = new ScriptPeer();
    const opening = openClient({ transport: peer.connect, auth, reconnect: { initially: true } });
    await peer.accept({ ...greeting, auth: ["root", "_test"] });
    const error = await assertRejects(() => opening, AuthError, text);
    assertEquals(error.code, code);
  }
});

Deno.test("openClient() logs in, and needs no login where none is asked for", async () => {
  const peer = new ScriptPeer();
  const opening = openClient({ transport: peer.connect, auth: rootLogin(), dynamicConfig: false });
  const line = await peer.accept({ ...greeting, auth: ["root"] });
  assertEquals(await line.receive(), { seq: 1, action: "auth", typ: "root", ident: "*", data: {} });
  line.send({ seq: 1, state: "start", wseq: 1 }, { seq: 1, state: "end", wseq: 2 });
  await (await opening).close();

  const { client } = await peer.open({ auth: rootLogin() });
  await client.close();
});

Deno.test("openClient() fails if the login is refused", async () => {
  const peer = new ScriptPeer();
  const opening = openClient({ transport: peer.connect, auth: rootLogin(), dynamicConfig: false });
  const line = await peer.accept({ ...greeting, auth: ["root"] });
  await line.request("auth");
  const error = "AuthFailedError('Password hashes do not match', 'joe')";
  line.send({ seq: 1, state: "start" }, { seq: 1, error }, { seq: 1, state: "end" });
  await assertRejects(() => opening, AuthError, "Password hashes");
  await line.closed;
});

Deno.test("get() tells no value from null, int from float", async () => {
  const peer = new ScriptPeer();
  const { client, line } = await peer.open();
  const results = Promise.all(["a", "b", "c"].map((name) => client.get(P(name), { nchain: 1 })));
  line.send(
    { seq: 1, chain: null, tock: 25 },
    { seq: 2, value: null, chain: { node: "x", tick: 1, prev: null }, tock: 26 },
    { seq: 3, value: new Float(1), tock: 27 },
  );
  const [none, nil, float] = await results;
  assertEquals(none, { chain: null, tock: 25 });
  assertEquals(nil, { value: null, chain: { node: "x", tick: 1, prev: null }, tock: 26 });
  assertEquals(float, { value: new Float(1), chain: undefined, tock: 27 });
  assertEquals(await line.receive(), { seq: 1, action: "get_value", path: P("a"), nchain: 1 });
  await client.close();
});

Deno.test("set() sends what is given and nothing else, and returns what came", async () => {
  const peer = new ScriptPeer();
  const { client, line } = await peer.open();
  const chain = { node: "test1", tick: 7 };
  const plain = client.set(P("a"), null);
  const careful = client.set(P("a"), 2, { chain, idem: true, nchain: 2, ack: "disk" });
  const fresh = client.set(P("a"), 3, { chain: null, prev: 4 });
  assertEquals(await line.receive(), { seq: 1, action: "set_value", path: P("a"), value: null });
  const options = { idem: true, chain, nchain: 2, ack: "disk" };
  assertEquals(await line.receive(), { seq: 2, action: "set_value", path: P("a"), value: 2, ...options });
  assertEquals(await line.receive(), {
    seq: 3,
    action: "set_value",
    path: P("a"),
    value: 3,
    chain: null,
    prev: 4,
  });
  line.send(
    { seq: 1, changed: true, prev: 5, tock: 3, chain: { node: "test1", tick: 8, prev: null } },
    { seq: 2, changed: false, tock: 3, ack: "disk" },
    { seq: 3, error: "ClientChainError('Entry already exists at a')", tock: 4, etype: "chain" },
  );
  const first = { changed: true, prev: 5, tock: 3, chain: { node: "test1", tick: 8, prev: null }, ack: undefined };
  assertEquals(await plain, first);
  assertEquals(await careful, { changed: false, prev: undefined, tock: 3, chain: undefined, ack: "disk" });
  const error = await assertRejects(() => fresh, ChainError, "Entry already exists at a");
  assertEquals(remoteErrorOf(error)?.action, "set_value");
  await client.close();
});

Deno.test("calls refuse texts as paths and a missing value", async () => {
  const { client } = await new ScriptPeer().open();
  const text = "one.two" as unknown as ReturnType<typeof P>;
  await assertRejects(() => client.get(text), TypeError, "You need a path, not a string");
  await assertRejects(() => client.set(text, 1), TypeError, "You need a path, not a string");
  await assertRejects(() => client.delete(text), TypeError, "You need a path, not a string");
  await assertRejects(async () => client.watch(await text), TypeError, "You need a path, not a string");
  const none = undefined as unknown as null;
  await assertRejects(() => client.set(P("a"), none), TypeError, "You need to supply a value, or call 'delete'");
  await client.close();
});

Deno.test("a value that cannot be encoded fails its own request only", async () => {
  const { client, line } = await new ScriptPeer().open();
  const bad = client.set(P("a"), -(2n ** 70n));
  const good = client.getTock();
  await assertRejects(() => bad, RequestError, "integers begin at −2^63");
  assertEquals((await line.receive()).action, "get_tock");
  line.send({ seq: 2, tock: 12 });
  assertEquals(await good, 12);
  await client.close();
});

Deno.test("requests of one turn leave in one write, also behind a write under way", async () => {
  const { client, line } = await new ScriptPeer().open();
  line.writes = 0;
  const waiting = Promise.withResolvers<void>();
  line.stuck = waiting.promise;
  const all = [1, 2, 3].map((value) => client.set(P("a"), value));
  await settled();
  assertEquals(line.writes, 1);
  all.push(client.set(P("a"), 4));
  await settled();
  all.push(client.set(P("a"), 5));
  await settled();
  assertEquals(line.writes, 1);
  waiting.resolve();
  await settled();
  assertEquals(line.writes, 2);
  line.send(...[1, 2, 3, 4, 5].map((seq) => ({ seq, changed: true, tock: seq })));
  assertEquals((await Promise.all(all)).map(({ tock }) => tock), [1, 2, 3, 4, 5]);
  await client.close();
});

Deno.test("much unsent data holds later requests back, in order", async () => {
  const { client, line } = await new ScriptPeer().open();
  const waiting = Promise.withResolvers<void>();
  line.stuck = waiting.promise;
  const big = new Uint8Array(3 * 1024 * 1024);
  const all = [client.getTock()];
  await settled();
  const paths = Array.from({ length: 6 }, (_, i) => P`n.${i}`);
  const sets = paths.map((path) => client.set(path, big));
  await settled();
  waiting.resolve();
  for (let seq = 1; seq <= 7; seq++) {
    const message = await line.receive();
    assertEquals(message.seq, seq);
    if (seq > 1) assertEquals(message.path, paths[seq - 2]);
    line.send({ seq, tock: seq });
  }
  await Promise.all([...all, ...sets]);
  await client.close();
});

Deno.test("a lost connection fails what is under way and says of which the outcome is unknown", async () => {
  const { client, line } = await new ScriptPeer().open();
  const reading = client.get(P("a"));
  const writing = client.set(P("a"), 1);
  await settled();
  line.drop();
  const read = await assertRejects(() => reading, ConnectionLostError, "script closed the connection");
  assertEquals(read.outcome, "none");
  const write = await assertRejects(() => writing, ConnectionLostError, "whether set_value was done is unknown");
  assertEquals(write.outcome, "unknown");
  assertInstance(write, ConnectionError);
  await assertRejects(() => client.get(P("a")), ConnectionError, "script closed the connection");
  assertEquals(client.connectionState.state, "closed");
  await client.close();
});

Deno.test("a server's last words without a number are told when it hangs up", async () => {
  const { client, line } = await new ScriptPeer().open();
  const pending = client.request("nonsense");
  line.send({ error: "unhandled errors in a TaskGroup (1 sub-exception)", tock: 7 });
  line.drop();
  await assertRejects(() => pending, ConnectionLostError, "TaskGroup (1 sub-exception)");
  await client.close();
});

Deno.test("a broken line and malformed bytes end the connection with their reason", async () => {
  const broken = await new ScriptPeer().open();
  const first = broken.client.getTock();
  broken.line.drop(new Error("reset by peer"));
  await assertRejects(() => first, ConnectionLostError, "The connection broke: reset by peer");
  await broken.client.close();
  for (const bytes of [[0xc1], [0x93, 1, 2, 3], [0xc0]]) {
    const { client, line } = await new ScriptPeer().open();
    const pending = client.getTock();
    line.sendBytes(Uint8Array.from(bytes));
    const error = await assertRejects(() => pending, ConnectionLostError);
    assertInstance(error.cause, ProtocolError);
    await client.close();
  }
});

Deno.test("an aborted request rejects, and its late reply harms nothing", async () => {
  const { client, line } = await new ScriptPeer().open();
  const stop = new AbortController();
  const pending = client.get(P("a"), { signal: stop.signal });
  await settled();
  stop.abort(new Error("changed my mind"));
  await assertRejects(() => pending, Error, "changed my mind");
  await assertRejects(() => client.get(P("a"), { signal: stop.signal }), Error, "changed my mind");
  line.send({ seq: 1, value: 1, tock: 1 });
  const next = client.getTock();
  line.send({ seq: 2, tock: 2 });
  assertEquals(await next, 2);
  await client.close();
});

Deno.test("close() sends what waits, then closes; requests under way fail", async () => {
  const { client, line } = await new ScriptPeer().open();
  const writing = client.set(P("a"), 1);
  writing.catch(() => {});
  await client.close();
  assertEquals((await line.receive()).action, "set_value");
  await assertRejects(() => writing, ConnectionLostError, "whether set_value was done is unknown");
  await assertRejects(() => client.get(P("a")), ConnectionError, "The client is closed");
  await client.close();
});

Deno.test("request() refuses many replies and stops them", async () => {
  const { client, line } = await new ScriptPeer().open();
  const pending = client.request("get_tree", { path: P("a") });
  await line.request("get_tree");
  line.send({ seq: 1, state: "start" });
  await assertRejects(() => pending, RequestError, "as the server sends many");
  assertEquals(await line.receive(), { seq: 2, action: "stop", task: 1 });
  await client.close();
});

Deno.test("list() returns names or values, whatever kind the names have", async () => {
  const { client, line } = await new ScriptPeer().open();
  const names = client.list(P("a"));
  const data = client.list(P("a"), { withData: true });
  const missing = client.list(P("nope"));
  assertEquals(await line.receive(), { seq: 1, action: "enum", path: P("a"), with_data: false, empty: true });
  assertEquals(await line.receive(), { seq: 2, action: "enum", path: P("a"), with_data: true, empty: false });
  line.send(
    { seq: 1, result: ["x", 1, null, [1, 2]] },
    { seq: 2, result: new Map<string | number, number>([["x", 1], [2, 3]]) },
    { seq: 3, error: "KeyError(P('nope'))" },
  );
  assertEquals((await names).map(String), ["x", "1", "null", ":1:2"]);
  assertEquals(await data, new Map<string | number, number>([["x", 1], [2, 3]]));
  await assertRejects(() => missing, NotFoundError);
  await client.close();
});

Deno.test("a silent server is asked for a sign of life, then given up", async () => {
  const { client, line } = await new ScriptPeer().open({ keepAliveMs: 5 });
  assertEquals((await line.receive()).action, "get_tock");
  line.send({ seq: 1, tock: 3 });
  assertEquals((await line.receive()).action, "get_tock");
  await line.closed;
  await settled();
  assertIncludes((client.connectionState as { error: Error }).error.message, "silent");
  await client.close();
});
