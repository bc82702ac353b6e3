/**
 * Conversations of the original's client with the original's server: our client asks the same and understands the answers.
 */

import type { Path } from "../../wire/path/path.ts";
import { P } from "../../wire/path/template.ts";
import { ChainError, KvError, NotFoundError } from "../../wire/errors.ts";
import { decode } from "../../wire/msgpack/decoder.ts";
import { Ext, Float, type Value } from "../../wire/value.ts";
import type { Client } from "../../client/client.ts";
import { openClient } from "../../client/open_client.ts";
import type { Reply } from "../../client/reply.ts";
import { assertEquals, assertInstance, assertTrue } from "../support/assert.ts";
import { type PeerLine, ScriptPeer } from "../support/script_peer.ts";

interface Recorded {
  readonly conn: number;
  readonly dir: "c>s" | "s>c";
  readonly label: string;
  readonly hex: string;
  readonly len: number;
}

const file = new URL("../vectors/client-server.jsonl", import.meta.url);
const text = (await Deno.readTextFile(file)).replace(/: -?(Infinity|NaN)\b/g, ": null"); // Python's JSON
const records = text.trimEnd().split("\n").map((line) => JSON.parse(line) as Recorded)
  .filter(({ hex }) => hex !== undefined);

function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g) ?? [], (byte) => parseInt(byte, 16));
}

/** Fields that our client adds or the original's adds; the server ignores both. */
const unimportant = ["wseq", "qlen", "tokens", "iter", "long_path"];

function essence(message: Reply): Reply {
  return Object.fromEntries(Object.entries(message).filter(([name]) => !unimportant.includes(name)));
}

/** Says on `line` what the server said on connection `conn`, each time the client has said what the original's had. */
async function replay(conn: number, line: PeerLine): Promise<void> {
  for (const { dir, hex, label } of records.filter((record) => record.conn === conn)) {
    const bytes = bytesOf(hex);
    if (dir === "s>c") line.sendBytes(bytes);
    else {
      const said = decode(bytes) as Reply;
      if (said.state === "ack") continue; // when one is due differs
      let own = await line.receive();
      while (own.state === "ack") own = await line.receive();
      assertEquals(sorted(essence(own)), sorted(essence(said)), label);
    }
  }
}

function sorted(message: Reply): Reply {
  return Object.fromEntries(Object.entries(message).sort(([a], [b]) => a < b ? -1 : 1));
}

async function conversation(conn: number, talk: (client: Client) => Promise<void>): Promise<void> {
  const peer = new ScriptPeer();
  const opening = openClient({ transport: peer.connect });
  const line = await peer.accept(null);
  const replaying = replay(conn, line);
  const client = await opening;
  await talk(client);
  await replaying;
  await client.close();
}

Deno.test("recorded: reading the root and missing entries", async () => {
  await conversation(3, async (client) => {
    assertEquals(await client.get(P(":"), { nchain: 0 }), { value: "Root", chain: undefined, tock: 3 });
    const chain = { node: "test1", tick: 1, prev: null };
    assertEquals(await client.get(P(":"), { nchain: 3 }), { value: "Root", chain, tock: 3 });
  });
  await conversation(4, async (client) => {
    assertEquals(await client.get(P("no.such"), { nchain: 0 }), { chain: undefined, tock: 25 });
    assertEquals(await client.get(P("no.such"), { nchain: 2 }), { chain: null, tock: 26 });
  });
});

Deno.test("recorded: a value of every type comes back as it was sent", async () => {
  const sets = records.filter(({ conn, dir }) => conn === 5 && dir === "c>s")
    .map(({ hex }) => decode(bytesOf(hex)) as Reply)
    .filter(({ action }) => action === "set_value");
  assertTrue(sets.length > 40);
  await conversation(5, async (client) => {
    for (const { path, value } of sets) {
      const set = client.set(path as Path, value as Value, { nchain: 0 });
      const refused = await set.then(() => undefined, (error) => error);
      if (refused) assertInstance(refused, KvError);
      const { value: found } = await client.get(path as Path, { nchain: 0 });
      if (!refused) assertEquals(found, value);
      assertTrue(!(found instanceof Ext) || found.equals(value));
    }
  });
  assertTrue(sets.some(({ value }) => value instanceof Float) && sets.some(({ value }) => typeof value === "bigint"));
});

Deno.test("recorded: careful writes, and every way in which they collide", async () => {
  await conversation(9, async (client) => {
    const path = P("c.x");
    const chain = { node: "test1", tick: 64, prev: null };
    assertEquals((await client.set(path, 1, { nchain: 0 })).chain, undefined);
    assertEquals((await client.set(path, 2, { nchain: 1 })).prev, 1);
    assertEquals((await client.set(path, 2, { nchain: 2 })).changed, false);
    await client.set(path, 3, { nchain: -1 });
    assertEquals((await client.set(path, 3)).chain, chain);
    assertEquals((await client.get(path, { nchain: 3 })).chain, chain);
    assertEquals((await client.set(path, 4, { chain, nchain: 3 })).chain, { node: "test1", tick: 65, prev: null });
    const collisions = [
      () => client.set(path, 5, { chain, nchain: 3 }),
      () => client.set(path, 5, { chain: null }),
    ];
    for (const collide of collisions) assertInstance(await collide().catch((error) => error), ChainError);
    await client.set(P("c.new"), 5, { chain: null, nchain: 1 });
    for (const [at, node] of [["c.new2", "test1"], ["c.x", "nosuch"]]) {
      const error = await client.set(P(at), 5, { chain: { node, tick: 1 } }).catch((error) => error);
      assertInstance(error, ChainError);
    }
  });
});

/** The first message of each label that a client sent. */
function labelsOf(conn: number): Map<string, Reply> {
  const found = new Map<string, Reply>();
  for (const record of records) {
    if (record.conn !== conn || record.dir !== "c>s" || found.has(record.label)) continue;
    found.set(record.label, decode(bytesOf(record.hex)) as Reply);
  }
  return found;
}

Deno.test("recorded: whatever else connections asked, request() asks and understands", async () => {
  const conns = new Set(records.filter(({ label }) => !label.startsWith("raw")).map(({ conn }) => conn));
  let replies = 0;
  for (const conn of conns) {
    const messages = records.filter((record) => record.conn === conn);
    const simple = messages.length > 4 && messages.every(({ hex, len }) => hex.length === 2 * len) &&
      isSimple(messages.map(({ hex }) => decode(bytesOf(hex)) as Reply));
    if (!simple) continue;
    await conversation(conn, async (client) => {
      for (const record of messages.filter(({ dir }) => dir === "c>s").slice(2)) {
        const { action, seq: _, ...fields } = decode(bytesOf(record.hex)) as Reply;
        const reply = await client.request(String(action), fields).catch((error) => error);
        if (reply instanceof Error) assertInstance(reply, KvError);
        else assertTrue(typeof reply.tock === "number");
        if (record.label.includes("get missing")) assertTrue(!(reply instanceof NotFoundError));
        replies++;
      }
    });
  }
  assertTrue(replies > 100, `only ${replies} replies`);
  assertTrue(labelsOf(9).size > 5);
});

/** One request, then its one reply, again and again; the first three messages are hello and configuration. */
function isSimple(messages: Reply[]): boolean {
  if (messages[0].auth !== undefined || messages[2]?.action !== "watch") return false;
  const rest = messages.slice(5).filter(({ seq, state }) => !(seq === 1 && state === "end"));
  return rest.every((message, i) =>
    i % 2 === 0
      ? message.action !== undefined && message.seq === i / 2 + 2
      : message.seq === rest[i - 1].seq && message.state === undefined
  );
}
