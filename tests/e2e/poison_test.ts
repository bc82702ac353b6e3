/**
 * What peers may put into the hidden tree: nothing of it harms a server, it is listed, and works as soon as it can. The events
 * come in as from another server (`update`), so nobody asks whether they make sense.
 */

import { openClient } from "../../client/mod.ts";
import type { Client } from "../../client/mod.ts";
import { startServer } from "../../server/mod.ts";
import { TypeCheckError } from "../../wire/errors.ts";
import { P } from "../../wire/path/template.ts";
import type { Path } from "../../wire/path/path.ts";
import type { Value } from "../../wire/value.ts";
import { assertEquals, assertIncludes, assertRejects } from "../support/assert.ts";

/** A server in this process, and a client of it. */
class Place implements AsyncDisposable {
  readonly lines: string[] = [];
  readonly #stack = new AsyncDisposableStack();
  #tick = 0;
  client!: Client;

  static async start(): Promise<Place> {
    const place = new Place();
    const report = (line: string) => void place.lines.push(line);
    const server = place.#stack.use(
      await startServer({
        name: "test1",
        data: false,
        listen: [{ port: 0 }],
        web: false,
        alone: true,
        init: 1,
        report,
      }),
    );
    const port = Number(server.addresses[0].split(":").at(-1));
    place.client = place.#stack.use(await openClient({ host: "127.0.0.1", port }));
    return place;
  }

  /** An event of the server `attic` arrives. */
  async hear(path: Path, value: Value): Promise<void> {
    const chain = { node: "attic", tick: ++this.#tick, prev: null };
    await this.client.request("update", { path, value, chain, tock: 1000 + this.#tick });
  }

  async broken(): Promise<string[]> {
    const { result } = await this.client.request("list_broken");
    return (result as { kind: string; path: Path; reason: string }[]).map(({ kind, path }) => `${kind} ${path}`);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#stack.disposeAsync();
  }
}

const int = { code: 'if int(value) != value: raise ValueError("not an integer")', good: [0, 1], bad: [1.5] };

Deno.test("a match before its type, code that does not compile, nonsense: inactive, listed, active when it can", async () => {
  await using place = await Place.start();
  const { client } = place;
  await place.hear(P(":n.match.a"), { type: P("int") });
  await place.hear(P(":n.match.b"), "nonsense");
  await place.hear(P(":n.type.broken"), { code: "if", good: [1, 2], bad: [3] });
  await place.hear(P(":n.match.c"), { type: P("broken") });
  await place.hear(P(":n.type"), 17);
  await place.hear(P(":n.type.schema"), { schema: { type: "no such type" } });
  await place.hear(P(":n.codec.odd"), [1, 2]);
  await place.hear(P(":n.conv.g.x"), { codec: P("gone") });
  assertEquals(await place.broken(), ["type broken", "type schema", "match a", "match b", "codec odd", "conv g.x"]);
  for (const path of [P("a"), P("b"), P("c")]) await assertRejects(() => client.set(path, 1), TypeCheckError);
  await client.set(P("d"), 1);
  await place.hear(P(":n.type.int"), int);
  await client.set(P("a"), 1);
  const error = await assertRejects(() => client.set(P("a"), 1.5), TypeCheckError);
  assertEquals(error.message, "not an integer");
  assertEquals((await place.broken()).includes("match a"), false);
});

Deno.test("code that never ends, from a peer: killed once, then inactive until it is stored anew", async () => {
  await using place = await Place.start();
  const { client } = place;
  await place.hear(P(":n.type.slow"), { code: "while True: pass" });
  await place.hear(P(":n.match.s"), { type: P("slow") });
  const error = await assertRejects(() => client.set(P("s"), 1), TypeCheckError);
  assertIncludes(error.message, /^Cannot check s: the type slow is inactive: TimeoutError/);
  await assertRejects(() => client.set(P("s"), 1), TypeCheckError);
  assertEquals(await place.broken(), ["type slow"]);
  await place.hear(P(":n.type.slow"), { code: "pass" });
  await client.set(P("s"), 1);
  assertEquals(await place.broken(), []);
});

Deno.test("a bad value from a peer is stored, and told of", async () => {
  await using place = await Place.start();
  const { client } = place;
  await place.hear(P(":n.type.int"), int);
  await place.hear(P(":n.match.a.#"), { type: P("int") });
  await place.hear(P("a.b"), 1.5);
  assertEquals((await client.get(P("a.b"))).value, 1.5);
  // The type is asked in the background; this one is asked behind it.
  await client.set(P("a.c"), 1);
  const { types, problems } = await client.status();
  assertEquals([types.bad_values, types.bad_now, problems.length], [1, 1, 1]);
  await client.set(P("a.b"), 2);
  assertEquals((await client.status()).problems, [], "it is mended");
  assertIncludes(
    place.lines.join("\n"),
    "A value from attic at a.b is not of its type int: ValueError('not an integer')",
  );
});

Deno.test("a deleted codec that is in use: reads and writes through it fail with a reason, everything else goes on", async () => {
  await using place = await Place.start();
  const { client } = place;
  const codec = { decode: "return float(value)", encode: "return str(value)", in: [["1", 1]], out: [[2, "2"]] };
  await client.request("set_internal", { path: P("codec.f"), value: codec });
  await client.request("set_internal", { path: P("conv.g.x"), value: { codec: P("f") } });
  await client.request("delete_internal", { path: P("codec.f") });
  assertEquals(await place.broken(), ["conv g.x"]);
  await client.set(P("x"), 1);
  assertEquals((await client.get(P("x"))).value, 1, "whoever has no conversion sees what is stored");
});

Deno.test("types are valid after a restart, from the first write on", async () => {
  const data = await Deno.makeTempDir({ prefix: "moat-test-" });
  const options = {
    name: "test1",
    data,
    listen: [{ port: 0 }],
    web: false,
    alone: true,
    init: 1,
    report: () => {},
  } as const;
  const connect = async (addresses: readonly string[]) =>
    await openClient({ host: "127.0.0.1", port: Number(addresses[0].split(":").at(-1)) });
  try {
    {
      await using server = await startServer(options);
      await using client = await connect(server.addresses);
      await client.request("set_internal", { path: P("type.int"), value: int });
      await client.request("set_internal", { path: P("match.a"), value: { type: P("int") } });
    }
    await using server = await startServer(options);
    await using client = await connect(server.addresses);
    await assertRejects(() => client.set(P("a"), 1.5), TypeCheckError);
    await client.set(P("a"), 2);
  } finally {
    await Deno.remove(data, { recursive: true });
  }
});
