/** What happens to servers of the original (Python) when ours are busy, when they are reset, and when names collide. */

import { type Client, P } from "../../mod.ts";
import { Path } from "../../wire/path/path.ts";
import type { Value } from "../../wire/value.ts";
import { assertEquals } from "../support/assert.ts";
import { sees } from "../support/convergence.ts";
import { freePort } from "../support/free_port.ts";
import { all, pause, Place, test } from "../support/mixed_place.ts";
import { Mosquitto } from "../support/mosquitto.ts";
import { shortTimes } from "../support/original_server.ts";

test("bursts, and what would kill originals, do not", async () => {
  await using place = await Place.make("p1", "o1", "o2");
  await using broker = await Mosquitto.start();
  const p1 = await place.original("p1", broker.uri, { args: ["-I", "Testing"] });
  const o1 = await place.ours("o1", broker.uri);
  const o2 = await place.ours("o2", broker.uri);
  await Promise.all(Array.from({ length: 1500 }, async (_, i) => {
    await o1.set(P("left").child(i), i);
    await o2.set(P("right").child(i), { value: "x".repeat(i % 700) });
    await o1.set(P("one"), i);
  }));
  const internal = (path: Path, value?: Value) => {
    const fields = value === undefined ? {} : { value };
    return o1.request(value === undefined ? "delete_internal" : "set_internal", { path, ...fields });
  };
  await internal(P("codec.float"), {
    encode: "return str(value)",
    decode: "return float(value)",
    in: [["1.5", 1.5], ["2", 2], ["3.25", 3.25]],
    out: [[1.5, "1.5"], [2.5, "2.5"]],
  }).catch(() => {});
  for (const path of ["codec.float", "match.a", "acl.std", "actor.other", "codec"]) {
    await internal(P(path), "not this").catch(() => {});
    await internal(P(path)).catch(() => {});
  }
  await o1.request("set_value", { path: Path.of("a", null, "b"), value: 1 }).catch(() => {});
  await o2.set(P("big"), "y".repeat(300_000));
  await o2.set(P("last"), 1);
  await all([p1, o1, o2], P("last"), 1, 30_000);
  await all([p1, o1, o2], P("left").child(1499), 1499, 30_000);
  await all([p1, o1, o2], P("one"), (await o1.get(P("one"))).value, 30_000);
  for (const part of ["left", "right"]) {
    const there = await p1.list(P(part), { withData: true });
    const here = await o1.list(P(part), { withData: true });
    assertEquals([there.size, here.size], [1500, 1500]);
  }
  place.mustLive();
});

test("an original that starts from an old file is noticed, and all end alike", async () => {
  await using place = await Place.make("p1", "p2", "o1");
  await using broker = await Mosquitto.start();
  const p1 = await place.original("p1", broker.uri, { args: ["-I", "Testing"] });
  await p1.set(P("a"), 1);
  const file = `${place.directory}/old.state`;
  await p1.request("save", { path: file, full: true });
  const p2 = await place.original("p2", broker.uri);
  const o1 = await place.ours("o1", broker.uri);
  for (let i = 0; i < 5; i++) await p1.set(P("x").child(i), i);
  await all([p2, o1], P("x:4"), 4);
  await place.originals[0].stop("SIGKILL");
  place.originals.shift();
  await pause(1000);
  const again = await place.original("p1", broker.uri, { args: ["-l", file] });
  await again.set(P("reused"), "tick");
  const everybody = [again, p2, o1];
  await all(everybody, P("reused"), "tick", 40_000);
  for (let i = 0; i < 5; i++) await all(everybody, P("x").child(i), i, 40_000);
  await o1.set(P("later"), 1);
  await all(everybody, P("later"), 1);
  place.mustLive();
});

test("a group of deleters: originals forget deletions when ours have purged them", async () => {
  await using place = await Place.make("p1", "p2", "o1");
  await using broker = await Mosquitto.start();
  const settings = "delete:\n  cycle: 1.5\n  gap: 0.3";
  const originals = { ping: shortTimes, delete: shortTimes };
  const p1 = await place.original("p1", broker.uri, { args: ["-I", "Testing"], settings });
  const o1 = await place.ours("o1", broker.uri, { originals });
  await p1.request("set_internal", { path: P("actor.del"), value: { nodes: ["p1", "o1"] } });
  await p1.set(P("gone"), 1);
  await sees(o1, P("gone"), 1);
  await p1.delete(P("gone"));
  await sees(o1, P("gone"), undefined);
  await o1.set(P("again"), 1);
  await o1.delete(P("again"));
  await o1.set(P("again"), 2);
  const deleted = async (client: Client) =>
    Object.keys((await client.state({ deleted: true })).deleted as object).length;
  const endMs = performance.now() + 90_000;
  while (await deleted(o1) + await deleted(p1) > 0 && performance.now() < endMs) await pause(500);
  assertEquals([await deleted(o1), await deleted(p1)], [0, 0]);
  await all([p1, o1], P("again"), 2);
  place.mustLive();
});

test("a server of ours that bears the name of a live original does not kill it", async () => {
  await using place = await Place.make("p1", "o1");
  await using broker = await Mosquitto.start();
  const p1 = await place.original("p1", broker.uri, { args: ["-I", "Testing"] });
  place.ports.p1 = freePort();
  await place.server("p1", broker.uri, { init: "Other" });
  await pause(5000);
  await p1.set(P("alive"), 1);
  place.mustLive();
  assertEquals(place.reports.some((line) => line.includes("Another server is called p1")), true);
});
