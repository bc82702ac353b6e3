/**
 * Servers of the original's later generation and of ours. It needs Python 3.12 with `moat-kv==0.71.40`
 * (`pip install --use-deprecated=legacy-resolver`), named by `MOAT_TEST_LATER_PYTHON`; without it the test is skipped.
 *
 * That generation stores floats in 32 bits, so the values here have none that such a float cannot hold.
 */

import { P } from "../../mod.ts";
import { Path } from "../../wire/path/path.ts";
import { assertEquals } from "../support/assert.ts";
import { all, Place, test } from "../support/mixed_place.ts";
import { Mosquitto } from "../support/mosquitto.ts";

const python = Deno.env.get("MOAT_TEST_LATER_PYTHON");
if (python === undefined) console.log("the original's later generation is skipped: MOAT_TEST_LATER_PYTHON is not set");

test("ours join a server of the later generation, one of those joins us, and changes go both ways", async () => {
  if (python === undefined) return;
  await using place = await Place.make("p1", "p2", "o1");
  await using broker = await Mosquitto.start();
  const p1 = await place.original("p1", broker.uri, { later: { python, init: "Testing" } });
  const o1 = await place.ours("o1", broker.uri);
  assertEquals((await o1.get(Path.root)).value, "Testing");
  await o1.set(P("before"), { x: 1.5, y: [1, null, "text"], z: 12345678901 });
  const p2 = await place.original("p2", broker.uri, { later: { python } });
  const everybody = [p1, p2, o1];
  assertEquals((await p2.get(P("before"))).value, { x: 1.5, y: [1, null, "text"], z: 12345678901 });
  for (const [i, client] of everybody.entries()) await client.set(P("from").child(i), [i]);
  for (const i of everybody.keys()) await all(everybody, P("from").child(i), [i]);
  for (let i = 0; i < 300; i++) await o1.set(P("quick").child(i % 50), i);
  for (const i of [0, 25, 49]) await all(everybody, P("quick").child(i), 250 + i);
  await p1.delete(P("from").child(2));
  await o1.delete(P("from").child(0));
  await all(everybody, P("from").child(2), undefined);
  await all(everybody, P("from").child(0), undefined);
  await o1.set(P("from").child(2), "again");
  await p2.set(P("from").child(0), "again");
  await all(everybody, P("from").child(2), "again");
  await all(everybody, P("from").child(0), "again");
  place.mustLive();
});
