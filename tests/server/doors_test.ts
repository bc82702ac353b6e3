/** The doors beside plain TCP: TLS, WebSocket, HTTP. */
import { openClient } from "../../client/mod.ts";
import { ConnectionError } from "../../wire/errors.ts";
import { assertEquals, assertIncludes, assertRejects } from "../support/assert.ts";
import { type Server, type ServerOptions, startServer } from "../../server/mod.ts";
import { MessageReader } from "../../wire/msgpack/chunks.ts";
import { decode } from "../../wire/msgpack/decoder.ts";
import { encode } from "../../wire/msgpack/encoder.ts";
import { P } from "../../wire/path/template.ts";
import type { Value } from "../../wire/value.ts";

const pem = (name: string) => Deno.readTextFileSync(new URL(`../support/tls/${name}`, import.meta.url));
const tls = { cert: pem("server.pem"), key: pem("server.key") };
const caCerts = [pem("ca.pem")];

function start(options: ServerOptions): Promise<Server> {
  return startServer({
    name: "test1",
    data: false,
    listen: [],
    web: { port: 0 },
    init: "Root",
    alone: true,
    ...options,
  });
}

type Message = Record<string, Value>;

/** A WebSocket that sees every message, and the frames they came in. */
class Socket {
  readonly frames: Message[][] = [];
  closed: Promise<void>;
  readonly #socket: WebSocket;
  #wake: () => void = () => {};

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.binaryType = "arraybuffer";
    this.closed = new Promise((resolve) => socket.addEventListener("close", () => resolve()));
    socket.addEventListener("message", ({ data }) => {
      const reader = new MessageReader();
      reader.push(new Uint8Array(data as ArrayBuffer));
      const messages: Message[] = [];
      while (reader.next()) messages.push(decode(reader.bytes, reader.start, reader.end) as Message);
      if (reader.pendingBytes > 0) throw new Error("A frame ends inside a message");
      this.frames.push(messages);
      this.#wake();
    });
  }

  static async open(url: string): Promise<Socket> {
    const socket = new WebSocket(url.replace(/^http/, "ws"));
    const opened = new Socket(socket);
    await new Promise((resolve, reject) => {
      socket.onopen = resolve;
      socket.onerror = reject;
    });
    return opened;
  }

  send(...messages: Value[]): void {
    this.#socket.send(Uint8Array.from(messages.flatMap((message) => [...encode(message)])));
  }

  raw(data: string | Uint8Array<ArrayBuffer>): void {
    this.#socket.send(data);
  }

  async next(): Promise<Message> {
    while (this.frames.length === 0) await new Promise<void>((wake) => this.#wake = wake);
    const message = this.frames[0].shift()!;
    if (this.frames[0].length === 0) this.frames.shift();
    return message;
  }

  async close(): Promise<void> {
    this.#socket.close();
    await this.closed;
  }
}

Deno.test("WebSocket: requests and replies, many in one frame, and streams", async () => {
  await using server = await start({});
  const socket = await Socket.open(server.web!);
  assertEquals((await socket.next()).node, "test1");
  socket.send(
    { seq: 1, action: "get_value", path: [] },
    { seq: 2, action: "set_value", path: P("a"), value: "x".repeat(100_000), nchain: 0 },
    { seq: 3, action: "get_value", path: P("a") },
  );
  assertEquals((await socket.next()).value, "Root");
  assertEquals((await socket.next()).changed, true);
  assertEquals((await socket.next()).value, "x".repeat(100_000));
  socket.send({ seq: 4, action: "watch", path: P("a"), fetch: true, max_depth: 0 });
  assertEquals([(await socket.next()).state, (await socket.next()).tock, (await socket.next()).state], [
    "start",
    2,
    "uptodate",
  ]);
  socket.send({ seq: 5, action: "save", path: "/tmp/x" });
  assertEquals((await socket.next()).etype, "unsupported");
  await socket.close();
});

Deno.test("WebSocket: a frame that ends inside a message, or is text, ends the connection with an error", async () => {
  await using server = await start({});
  const bytes = encode({ seq: 1, action: "get_value", path: [] });
  for (const data of [bytes.slice(0, 10), "text", Uint8Array.of(0xc1)] as (string | Uint8Array<ArrayBuffer>)[]) {
    const socket = await Socket.open(server.web!);
    await socket.next();
    socket.raw(data);
    assertIncludes(String((await socket.next()).error), "ProtocolError");
    await socket.closed;
  }
});

Deno.test("WebSocket: stop() ends streams, then the connection", async () => {
  const server = await start({});
  const socket = await Socket.open(server.web!);
  await socket.next();
  socket.send({ seq: 1, action: "watch", path: P("a") });
  assertEquals((await socket.next()).state, "start");
  await Promise.all([server.stop(), socket.closed]);
  assertEquals((await socket.next()).state, "end");
});

/** The status of an upgrade request. */
async function upgrade(server: Server, headers: Record<string, string>): Promise<number> {
  const { hostname, port, host } = new URL(server.web!);
  using conn = await Deno.connect({ hostname, port: Number(port) });
  const all = {
    host,
    connection: "Upgrade",
    upgrade: "websocket",
    "sec-websocket-version": "13",
    "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
    ...headers,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`).join("");
  await conn.write(new TextEncoder().encode(`GET / HTTP/1.1\r\n${lines}\r\n`));
  const answer = new Uint8Array(2000);
  const length = await conn.read(answer);
  return Number(new TextDecoder().decode(answer.subarray(0, length ?? 0)).split(" ")[1]);
}

Deno.test("WebSocket: pages of other origins are refused, unless listed", async () => {
  await using server = await start({ web: { port: 0, origins: ["https://home.example"] } });
  const { host } = new URL(server.web!);
  assertEquals(await upgrade(server, {}), 101);
  assertEquals(await upgrade(server, { origin: `http://${host}` }), 101);
  assertEquals(await upgrade(server, { origin: "https://home.example" }), 101);
  assertEquals(await upgrade(server, { origin: "https://evil.example" }), 403);
  assertEquals(await upgrade(server, { origin: "null" }), 403);
  assertEquals(await upgrade(server, { origin: "http://evil.example", host: "evil.example" }), 403);
});

Deno.test("HTTP: a page, the health, and nothing else", async () => {
  await using server = await start({});
  const get = async (path: string, init?: RequestInit) => {
    const response = await fetch(new URL(path, server.web!), init);
    return { status: response.status, text: await response.text(), type: response.headers.get("content-type") };
  };
  const page = await get("/");
  assertEquals([page.status, page.type], [200, "text/plain; charset=utf-8"]);
  assertIncludes(page.text, "MoaT-KV node test1");
  assertEquals(await get("/healthz"), { status: 200, text: "ok\n", type: "text/plain; charset=utf-8" });
  assertEquals((await get("/nope")).status, 404);
  assertEquals((await get("/", { method: "POST", body: "x" })).status, 405);
});

Deno.test("TLS: the same protocol behind a certificate; plain text gets nowhere", async () => {
  await using server = await start({ listen: [{ port: 0, tls }], web: false });
  const port = Number(new URL(server.addresses[0].replace(/^tls/, "http")).port);
  assertIncludes(server.addresses[0], "tls://127.0.0.1:");
  const conn = await Deno.connectTls({ hostname: "localhost", port, caCerts });
  const reader = new MessageReader();
  const receive = async (): Promise<Message> => {
    while (!reader.next()) reader.advance(await conn.read(reader.writable()) ?? 0);
    return decode(reader.bytes, reader.start, reader.end) as Message;
  };
  assertEquals((await receive()).node, "test1");
  const request = encode({ seq: 1, action: "set_value", path: P("a"), value: "y".repeat(200_000), nchain: 0 });
  for (let at = 0; at < request.length;) at += await conn.write(request.subarray(at));
  assertEquals((await receive()).changed, true);
  await conn.write(encode({ seq: 2, action: "get_value", path: P("a") }));
  assertEquals(String((await receive()).value).length, 200_000);
  conn.close();
  using plain = await Deno.connect({ hostname: "127.0.0.1", port });
  await plain.write(encode({ seq: 1, action: "get_value", path: [] }));
  const answer = new Uint8Array(100);
  const length = await plain.read(answer).catch(() => null);
  // At most a TLS alert (0x15).
  assertEquals(length === null || answer[0] === 0x15, true);
});

Deno.test("HTTPS and WebSocket over TLS are served with a certificate", async () => {
  await using server = await start({ web: { port: 0, tls } });
  assertIncludes(server.web!, "https://");
  const client = Deno.createHttpClient({ caCerts });
  const url = server.web!.replace("127.0.0.1", "localhost");
  assertEquals(await (await fetch(`${url}healthz`, { client })).text(), "ok\n");
  client.close();
  const wss = url.replace("https", "wss");
  await using inside = await openClient({ url: wss, tls: { caCerts } });
  assertEquals((await inside.set(P("a"), 1)).changed, true);
  await assertRejects(() => openClient({ url: wss, reconnect: false }), ConnectionError, /UnknownIssuer/);
});
