import { ConnectionError } from "../../wire/errors.ts";
import { MessageReader } from "../../wire/msgpack/chunks.ts";
import { decode } from "../../wire/msgpack/decoder.ts";
import { encode } from "../../wire/msgpack/encoder.ts";
import type { Value } from "../../wire/value.ts";
import { openClient } from "../../client/open_client.ts";
import { settingsOf } from "../../client/options.ts";
import { tcp } from "../../client/transports/tcp.ts";
import { openNodeSocket } from "../../client/transports/tcp_node.ts";
import type { Connect, Transport } from "../../client/transports/transport.ts";
import { webSocket } from "../../client/transports/websocket.ts";
import { assertEquals, assertRejects, assertThrows, assertTrue } from "../support/assert.ts";
import { greeting } from "../support/script_peer.ts";

const never = new AbortController().signal;

/** Echoes bytes over TCP until the client ends. */
function echoTcp(): { port: number; [Symbol.asyncDispose](): Promise<void> } {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const serving = (async () => {
    for await (const conn of listener) {
      await conn.readable.pipeTo(conn.writable).catch(() => {});
    }
  })();
  return {
    port: (listener.addr as Deno.NetAddr).port,
    async [Symbol.asyncDispose]() {
      listener.close();
      await serving;
    },
  };
}

/** Echoes binary frames over WebSocket. */
function echoWebSocket(onOpen?: (socket: WebSocket) => void): Deno.HttpServer<Deno.NetAddr> {
  return Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
    const { socket, response } = Deno.upgradeWebSocket(request);
    socket.binaryType = "arraybuffer";
    socket.addEventListener("message", ({ data }) => socket.send(data));
    socket.addEventListener("open", () => onOpen?.(socket));
    return response;
  });
}

async function readOne(transport: Transport, reader: MessageReader): Promise<Value> {
  while (!reader.next()) assertTrue(await transport.read(reader), "ended early");
  return decode(reader.bytes, reader.start, reader.end);
}

async function echoes(transport: Transport): Promise<void> {
  const reader = new MessageReader();
  await transport.write(encode({ a: 1 }));
  assertEquals(await readOne(transport, reader), { a: 1 });
  const big = new Uint8Array(1_000_000).fill(7);
  const [, found] = await Promise.all([transport.write(encode(big)), readOne(transport, reader)]);
  assertEquals(found, big);
  const reading = transport.read(reader);
  transport.close();
  transport.close();
  assertEquals(await reading, false);
}

Deno.test("tcp() carries messages of any size and ends quietly when it is closed", async () => {
  await using server = echoTcp();
  const transport = await tcp({ host: "127.0.0.1", port: server.port })(never);
  assertEquals(transport.address, `tcp://127.0.0.1:${server.port}`);
  await echoes(transport);
});

Deno.test("the sockets of Node do the same", async () => {
  await using server = echoTcp();
  const at = { host: "127.0.0.1", port: server.port };
  const transport = await openNodeSocket(at, "tcp://x", never);
  await echoes(transport);
  const refused = () => openNodeSocket({ ...at, port: 1 }, "tcp://x:1", never);
  await assertRejects(refused, ConnectionError, "Cannot connect to tcp://x:1");
  await assertRejects(() => openNodeSocket(at, "tcp://x", AbortSignal.abort(new Error("enough"))), Error, "enough");
});

Deno.test("webSocket() carries the same in binary frames", async () => {
  await using server = echoWebSocket();
  const url = `ws://127.0.0.1:${server.addr.port}/`;
  const transport = await webSocket(url)(never);
  assertEquals(transport.address, url);
  await echoes(transport);
  await assertRejects(() => transport.write(Uint8Array.of(1)), ConnectionError, "is closed");
});

Deno.test("webSocket() refuses frames of text", async () => {
  await using server = echoWebSocket((socket) => socket.send("hello"));
  const transport = await webSocket(`ws://127.0.0.1:${server.addr.port}/`)(never);
  await assertRejects(() => transport.read(new MessageReader()), ConnectionError, "text frame");
  transport.close();
});

Deno.test("nobody there is a ConnectionError that says where", async () => {
  const places: [Connect, string][] = [
    [tcp({ host: "127.0.0.1", port: 1 }), "Cannot connect to tcp://127.0.0.1:1"],
    [tcp({ host: "::1", port: 1, tls: true }), "Cannot connect to tls://[::1]:1"],
    [webSocket("ws://127.0.0.1:1/"), "Cannot connect to ws://127.0.0.1:1/"],
  ];
  for (const [connect, text] of places) {
    await assertRejects(() => connect(never), ConnectionError, text);
    await assertRejects(() => connect(AbortSignal.abort(new Error("enough"))), Error, "enough");
  }
});

Deno.test("a TLS handshake that never answers ends with the signal", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const stop = new AbortController();
  const connecting = tcp({ host: "127.0.0.1", port: (listener.addr as Deno.NetAddr).port, tls: true })(stop.signal);
  const silent = await listener.accept();
  stop.abort(new Error("enough"));
  await assertRejects(() => connecting, Error, "enough");
  silent.close();
  listener.close();
});

Deno.test("a client works over WebSocket", async () => {
  await using server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
    const { socket, response } = Deno.upgradeWebSocket(request);
    socket.binaryType = "arraybuffer";
    socket.addEventListener("open", () => socket.send(encode(greeting) as Uint8Array<ArrayBuffer>));
    socket.addEventListener("message", ({ data }) => {
      const reader = new MessageReader();
      reader.push(new Uint8Array(data));
      while (reader.next()) {
        const { seq, action } = decode(reader.bytes, reader.start, reader.end) as { seq: number; action: string };
        if (action) socket.send(encode({ seq, tock: 9 }) as Uint8Array<ArrayBuffer>);
      }
    });
    return response;
  });
  await using client = await openClient({ url: `ws://127.0.0.1:${server.addr.port}/`, dynamicConfig: false });
  assertEquals(await client.getTock(), 9);
});

Deno.test("options say where to connect, in one way only", () => {
  assertThrows(() => settingsOf({ url: "http://x/" }), TypeError, "begins with ws, wss, tcp or tls");
  assertThrows(() => settingsOf({ url: "tcp://x", port: 5 }), TypeError, "either a url, or host and port");
  assertThrows(() => settingsOf({ port: 0 }), TypeError, "1 to 65535");
  assertEquals(settingsOf({ reconnect: true }).keepAliveMs, 20_000);
  assertEquals(settingsOf({}).keepAliveMs, 0);
  assertTrue(/^[a-z2-9]{9}$/.test(settingsOf({}).name));
  assertEquals(settingsOf({ name: "me", reconnect: { firstMs: 5 } }).reconnect, { firstMs: 5 });
});

Deno.test("a url names host, port and encryption", async () => {
  await using server = echoTcp();
  const plain = await settingsOf({ url: `tcp://127.0.0.1:${server.port}` }).connect(never);
  assertEquals(plain.address, `tcp://127.0.0.1:${server.port}`);
  plain.close();
  const refused = (url: string) => settingsOf({ url }).connect(never).then(String, (error) => error.message);
  assertTrue((await refused("tls://[::1]:1")).startsWith("Cannot connect to tls://[::1]:1"));
});

Deno.test("tcp() encrypts, with the certificates that it is given, in Deno's sockets and in Node's", async () => {
  const read = (name: string) => Deno.readTextFileSync(new URL(`../support/tls/${name}`, import.meta.url));
  const listener = Deno.listenTls({
    hostname: "127.0.0.1",
    port: 0,
    cert: read("server.pem"),
    key: read("server.key"),
  });
  const serving = (async () => {
    for (;;) {
      const conn = await listener.accept().catch(() => undefined);
      if (conn === undefined) return;
      conn.readable.pipeTo(conn.writable).catch(() => {});
    }
  })();
  const tls = { caCerts: [read("ca.pem")] };
  const at = { host: "127.0.0.1", port: (listener.addr as Deno.NetAddr).port, tls };
  await echoes(await tcp({ ...at, tls: { ...tls, serverName: "kv.test" } })(never));
  await echoes(await openNodeSocket(at, "tls://x", never));
  await assertRejects(() => tcp({ ...at, tls: true })(never), ConnectionError, "UnknownIssuer");
  await assertRejects(() => tcp({ ...at, tls: { ...tls, serverName: "other" } })(never), ConnectionError);
  listener.close();
  await serving;
});
