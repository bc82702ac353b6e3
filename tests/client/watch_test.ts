import { P } from "../../wire/path/template.ts";
import { decode } from "../../wire/msgpack/decoder.ts";
import { encode } from "../../wire/msgpack/encoder.ts";
import { AclError, ConnectionError } from "../../wire/errors.ts";
import { ConnectionLostError } from "../../client/errors.ts";
import type { Watch, WatchItem } from "../../client/watch.ts";
import { assertEquals, assertRejects } from "../support/assert.ts";
import { type PeerLine, ScriptPeer, settled } from "../support/script_peer.ts";

const soon = { firstMs: 0, random: () => 0 };

/** An item in one line: `a.b=1`, `a.b deleted`, `uptodate`. */
function short(item: WatchItem): string {
  if (!("path" in item)) return item.reason ? `${item.state}: ${item.reason}` : item.state;
  return item.value === undefined ? `${item.path} deleted` : `${item.path}=${item.value}`;
}

async function take(watch: Watch, count: number): Promise<string[]> {
  const items: string[] = [];
  while (items.length < count) items.push(short((await watch.next()).value));
  return items;
}

function start(line: PeerLine, seq: number): void {
  line.send({ seq, state: "start", wseq: 1 });
}

Deno.test("watch() yields the state, uptodate, changes and deletions, with paths below its own", async () => {
  const { client, line } = await new ScriptPeer().open();
  const watch = client.watch(P("one.two"), { fetch: true, nchain: 2, minDepth: 1, maxDepth: 4 });
  assertEquals(await line.receive(), {
    seq: 1,
    action: "watch",
    path: P("one.two"),
    fetch: true,
    nchain: 2,
    min_depth: 1,
    max_depth: 4,
    tokens: true,
    qlen: 256,
  });
  start(line, 1);
  line.send(
    { seq: 1, value: 1, tock: 2, path: ["three"], depth: 0 },
    { seq: 1, state: "uptodate", tock: 3 },
    { seq: 1, value: 2, tock: 4, path: ["x"], depth: 1 },
    { seq: 1, tock: 5, path: [], depth: 1 },
    { seq: 1, value: null, tock: 6, path: [], depth: 0 },
  );
  assertEquals(await take(watch, 5), ["three=1", "uptodate", "three.x=2", "three deleted", ":=null"]);
  await watch.return();
  assertEquals((await line.receive()).action, "stop");
  assertEquals((await watch.next()).done, true);
  await client.close();
});

Deno.test("watch() gives absolute paths on request", async () => {
  const { client, line } = await new ScriptPeer().open();
  const watch = client.watch(P("one"), { absolute: true });
  start(line, 1);
  line.send({ seq: 1, value: 1, path: ["two"], depth: 0 });
  assertEquals(await take(watch, 1), ["one.two=1"]);
  await client.close();
});

Deno.test("watch() acknowledges what is taken", async () => {
  const { client, line } = await new ScriptPeer().open();
  const watch = client.watch(P("one"));
  await line.receive();
  start(line, 1);
  for (let wseq = 2; wseq <= 5; wseq++) line.send({ seq: 1, value: wseq, path: ["x"], depth: 0, wseq });
  await settled();
  assertEquals(line.unread, 0);
  await take(watch, 4);
  assertEquals(await line.receive(), { seq: 1, state: "ack", ack: 5 });
  await client.close();
});

Deno.test("watch() throws what the server refuses, and the loss of the connection", async () => {
  const { client, line } = await new ScriptPeer().open();
  const refused = client.watch(P("one"));
  line.send({ seq: 1, state: "start" }, { seq: 1, error: "(None, 'x')", etype: "acl" }, { seq: 1, state: "end" });
  await assertRejects(() => refused.next(), AclError);
  const lost = client.watch(P("one"));
  line.drop();
  await assertRejects(() => lost.next(), ConnectionLostError);
  await assertRejects(() => client.watch(P("one")).next(), ConnectionError);
  await client.close();
});

Deno.test("watch() ends quietly when the client closes, and with its signal's reason", async () => {
  const { client } = await new ScriptPeer().open();
  const stop = new AbortController();
  const aborted = client.watch(P("a"), { signal: stop.signal });
  const quiet = client.watch(P("b"));
  const waiting = quiet.next();
  stop.abort(new Error("enough"));
  await assertRejects(() => aborted.next(), Error, "enough");
  await client.close();
  assertEquals((await waiting).done, true);
});

Deno.test("watch() ignores states of a later protocol", async () => {
  const { client, line } = await new ScriptPeer().open();
  const watch = client.watch(P("a"));
  start(line, 1);
  line.send({ seq: 1, state: "of tomorrow" }, { seq: 1, state: "uptodate" });
  assertEquals(await take(watch, 1), ["uptodate"]);
  await client.close();
});

Deno.test("with reconnect, a watch goes on at the last token and the heads behind it", async () => {
  const peer = new ScriptPeer();
  const { client, line } = await peer.open({ reconnect: soon });
  const watch = client.watch(P("a"), { fetch: true });
  const token = encode([1, Uint8Array.of(7), { n1: ["life1", [[1, 5], 9]], n3: ["life3", [4]] }]);
  start(line, 1);
  line.send(
    { seq: 1, value: 1, path: ["x"], depth: 0, head: ["n1", 1] },
    { seq: 1, state: "uptodate", token },
    { seq: 1, value: 2, path: ["x"], depth: 0, head: ["n1", 5] },
    { seq: 1, value: 3, path: ["x"], depth: 0, head: ["n2", 7] },
  );
  assertEquals(await take(watch, 4), ["x=1", "uptodate", "x=2", "x=3"]);
  line.drop();
  const next = await peer.accept();
  const again = await next.request("watch");
  // n2 is not in the token, so nobody knows its life; left out, a server that is behind would show what was before.
  const expected = [1, Uint8Array.of(7), { n1: ["life1", [[1, 6], 9]], n3: ["life3", [4]], n2: [null, [7]] }];
  assertEquals(decode(again.token as Uint8Array), expected);
  start(next, again.seq);
  next.send(
    { seq: again.seq, tock: 8, path: ["y", "z"], depth: 0, head: ["n1", 6] },
    { seq: again.seq, state: "uptodate", token: Uint8Array.of(4) },
  );
  assertEquals(await take(watch, 2), ["y.z deleted", "uptodate"]);
  await client.close();
});

Deno.test("new tokens are yielded on request, and one of an unknown form goes back as it came", async () => {
  const peer = new ScriptPeer();
  const { client, line } = await peer.open({ reconnect: soon });
  const [quiet, telling] = [client.watch(P("a")), client.watch(P("a"), { tokens: true })];
  for (const seq of [1, 2]) {
    start(line, seq);
    line.send({ seq, state: "token", token: Uint8Array.of(0xc1) }, { seq, path: P("x"), depth: 0, head: ["n", 1] });
  }
  assertEquals(await take(quiet, 1), ["x deleted"]);
  assertEquals(await take(telling, 2), ["token", "x deleted"]);
  line.drop();
  assertEquals((await (await peer.accept()).request("watch")).token, Uint8Array.of(0xc1));
  await client.close();
});

Deno.test("with reconnect, a watch of a server without tokens says resync and sends all again", async () => {
  const peer = new ScriptPeer();
  const { client, line } = await peer.open({ reconnect: soon });
  const watch = client.watch(P("a"), { fetch: true });
  start(line, 1);
  line.send({ seq: 1, value: 1, path: ["x", "y"], depth: 0 }, { seq: 1, state: "uptodate" });
  assertEquals(await take(watch, 2), ["x.y=1", "uptodate"]);
  line.drop();
  const next = await peer.accept();
  const again = await next.request("watch");
  assertEquals([again.token, again.fetch], [undefined, true]);
  start(next, again.seq);
  // Depth counts from nothing again.
  next.send({ seq: again.seq, value: 2, path: ["x"], depth: 0 }, { seq: again.seq, state: "uptodate" });
  assertEquals(await take(watch, 3), ["resync: reconnected", "x=2", "uptodate"]);
  await client.close();
});

Deno.test("a server's resync passes through, and the next reconnect does not use the old token", async () => {
  const peer = new ScriptPeer();
  const { client, line } = await peer.open({ reconnect: soon });
  const watch = client.watch(P("a"), { fetch: true, token: Uint8Array.of(9) });
  assertEquals((await line.request("watch")).token, Uint8Array.of(9));
  start(line, 1);
  line.send({ seq: 1, state: "resync", reason: "purged" }, { seq: 1, value: 1, path: ["x"], depth: 0 });
  assertEquals(await take(watch, 2), ["resync: purged", "x=1"]);
  line.drop();
  const next = await peer.accept();
  assertEquals((await next.request("watch")).token, undefined);
  assertEquals(await take(watch, 1), ["resync: reconnected"]);
  await client.close();
});

Deno.test("a watch that lags is opened anew and says so", async () => {
  const { client, line } = await new ScriptPeer().open();
  const watch = client.watch(P("a"), { fetch: true });
  await line.request("watch");
  start(line, 1);
  line.send(
    { seq: 1, value: 1, path: ["x"], depth: 0 },
    { seq: 1, error: "100 events behind", etype: "lagging" },
    { seq: 1, state: "end" },
  );
  const again = await line.request("watch");
  line.send({ seq: again.seq, state: "start" }, { seq: again.seq, value: 2, path: ["x"], depth: 0 });
  assertEquals(await take(watch, 3), ["x=1", "resync: lagging", "x=2"]);
  await client.close();
});

Deno.test("a flood from a server without flow control costs bounded memory: the watch starts anew", async () => {
  const { client, line } = await new ScriptPeer().open();
  const watch = client.watch(P("a"));
  await line.request("watch");
  line.send({ seq: 1, state: "start" });
  line.send(...Array.from({ length: 10_001 }, (_, i) => ({ seq: 1, value: i, path: ["x"], depth: 0 })));
  assertEquals((await line.receive()).action, "stop");
  const again = await line.request("watch");
  line.send({ seq: again.seq, state: "start" }, { seq: again.seq, value: 7, path: ["y"], depth: 0 });
  assertEquals(await take(watch, 2), ["resync: lagging", "y=7"]);
  await client.close();
});

Deno.test("a watch that the server ends is over; with reconnect it is opened anew", async () => {
  const { client, line } = await new ScriptPeer().open();
  const watch = client.watch(P("a"));
  line.send({ seq: 1, state: "start" }, { seq: 1, state: "end" });
  assertEquals((await watch.next()).done, true);
  await client.close();

  const peer = new ScriptPeer();
  const lasting = await peer.open({ reconnect: soon });
  const other = lasting.client.watch(P("a"), { fetch: true });
  lasting.line.send({ seq: 1, state: "start" }, { seq: 1, state: "end" });
  await settled();
  lasting.line.drop();
  const next = await peer.accept();
  await next.request("watch");
  assertEquals(await take(other, 1), ["resync: reconnected"]);
  await lasting.client.close();
});
