/**
 * Servers of the original (Python) and of ours by way of Serf, with an agent for each of two machines. Events are small there:
 * what is larger goes in pieces, in the original's form.
 */

import { P } from "../../mod.ts";
import { Path } from "../../wire/path/path.ts";
import { assertEquals } from "../support/assert.ts";
import { all, Place, test } from "../support/mixed_place.ts";
import { hasSerf, SerfAgent } from "../support/serf_agent.ts";

if (!hasSerf) console.log("networks with the original by way of Serf are skipped: it is not installed");

test("changes go both ways over Serf, long ones in pieces", async () => {
  if (!hasSerf) return;
  await using place = await Place.make("p1", "p2", "o1", "o2");
  await using left = await SerfAgent.start();
  await using right = await SerfAgent.start(left);
  const agent = ({ rpcPort: port, auth }: SerfAgent) => ({ host: "127.0.0.1", port, auth });
  const p1 = await place.original("p1", "", { args: ["-I", "Testing"], serf: agent(left) });
  const o1 = await place.ours("o1", "", { broker: undefined, serf: agent(right) });
  assertEquals((await o1.get(Path.root)).value, "Testing");
  const o2 = await place.ours("o2", "", { broker: undefined, serf: agent(left) });
  const p2 = await place.original("p2", "", { serf: agent(right) });
  const everybody = [p1, p2, o1, o2];
  const long = "long ".repeat(500);
  for (const [i, client] of everybody.entries()) {
    await client.set(P("short").child(i), i);
    await client.set(P("long").child(i), `${i} ${long}`);
  }
  for (const i of everybody.keys()) {
    await all(everybody, P("short").child(i), i, 30_000);
    await all(everybody, P("long").child(i), `${i} ${long}`, 30_000);
  }
  await o1.set(P("short").child(0), "o1");
  await p2.set(P("short").child(3), "p2");
  await p1.delete(P("long").child(2));
  await o2.delete(P("long").child(1));
  await all(everybody, P("short").child(0), "o1", 30_000);
  await all(everybody, P("short").child(3), "p2", 30_000);
  await all(everybody, P("long").child(2), undefined, 30_000);
  await all(everybody, P("long").child(1), undefined, 30_000);
  place.mustLive();
});
