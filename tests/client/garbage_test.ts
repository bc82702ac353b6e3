import { KvError } from "../../wire/errors.ts";
import { encode } from "../../wire/msgpack/encoder.ts";
import { P } from "../../wire/path/template.ts";
import type { Value } from "../../wire/value.ts";
import { assertInstance } from "../support/assert.ts";
import { Random } from "../support/random.ts";
import { ScriptPeer } from "../support/script_peer.ts";

/** What a server may say to the requests below, in one go. */
const messages: Value[] = [
  { seq: 1, value: [1, "two", { three: 3 }], tock: 7, chain: { node: "a", tick: 1, prev: { node: "b", tick: 2 } } },
  { seq: 2, changed: true, prev: null, tock: 8, chain: { node: "a", tick: 2, prev: null } },
  { seq: 3, state: "start", wseq: 1 },
  { seq: 3, value: 1, path: ["a", "b"], depth: 0, tock: 1, wseq: 2 },
  { seq: 3, value: 1, path: ["c"], depth: 1, tock: 1, wseq: 3 },
  { seq: 3, state: "end", wseq: 4 },
  { seq: 4, state: "start" },
  { seq: 4, state: "uptodate", token: encode([1, Uint8Array.of(1), { a: ["l", [[1, 5]]] }]) },
  { seq: 4, value: 1, path: P("x.y"), depth: 0, tock: 1, head: ["a", 7] },
  { seq: 5, state: "start" },
  { seq: 5, value: 1, path: P("x.y"), depth: 0, tock: 1, chain: { node: "a", tick: 2, prev: null } },
  { seq: 5, state: "uptodate" },
  { seq: 6, result: ["a", 1, null] },
  { error: "seq", tock: 4 },
];
const replies = messages.map(encode);

async function drain(items: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of items);
}

function mutate(random: Random): Uint8Array {
  const all = replies.map((bytes) => bytes.slice());
  for (let n = random.below(4); n >= 0; n--) {
    const bytes = all[random.below(all.length)];
    bytes[random.below(bytes.length)] = random.below(256);
  }
  return Uint8Array.from(all.flatMap((bytes) => [...bytes]));
}

Deno.test("whatever a server says, requests settle with a result or an error of ours, and nothing else breaks", async () => {
  const random = new Random(20261124);
  for (let run = 0; run < 400; run++) {
    const { client, line } = await new ScriptPeer().open();
    const all = [
      client.get(P("a"), { nchain: 2 }),
      client.set(P("a"), 1),
      drain(client.tree(P("t"))),
      drain(client.watch(P("w"), { fetch: true })),
      client.mirror("m").then((root) => root.ended).then((error) => {
        if (error) throw error;
      }),
      client.list(P("l")),
    ];
    line.sendBytes(mutate(random));
    line.drop();
    for (const result of await Promise.allSettled(all)) {
      if (result.status === "rejected") assertInstance(result.reason, KvError, `${run}: ${result.reason?.stack}`);
    }
    await client.close();
  }
});
