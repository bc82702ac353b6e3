/** Types, matches and codecs of one server are valid on the others. */

import { assertEquals } from "../support/assert.ts";
import { freePort } from "../support/free_port.ts";
import { runMoat } from "../support/moat_command.ts";
import { Workplace } from "../support/workplace.ts";

Deno.test("a type that is stored on one server is checked on the other, and so is what was there when it joined", async () => {
  await using place = await Workplace.make();
  place.embeddedPort = freePort();
  await using one = await place.start("-i", "Testing", "one");
  const words = ["type", "set", "-g", "0", "-g", "7", "-b", "1.5", "int"];
  const stdin = 'if int(value) != value: raise ValueError("not an integer")\n';
  const stored = await runMoat(["kv", "-p", String(one.port), ...words], { env: place.env, stdin });
  assertEquals([stored.stderr, stored.code], ["", 0]);
  assertEquals((await place.kv(one, "type", "match", "-t", "int", "a.#")).code, 0);
  await using two = await place.start("two");
  const refused = "ServerError: ValueError('not an integer')\n";
  assertEquals((await place.kv(two, "data", "a.b", "set", "-e", ":", "1.5")).stderr, refused, "what was there");
  assertEquals((await place.kv(two, "type", "match", "-t", "int", "b.#")).code, 0);
  const marker = await place.kv(two, "data", "marker", "set", "-e", ":", "1", "--ack", "2");
  assertEquals([marker.stderr, marker.code], ["", 0]);
  assertEquals((await place.kv(one, "data", "b.c", "set", "-e", ":", "1.5")).stderr, refused, "what came later");
  assertEquals((await place.kv(one, "data", "b.c", "set", "-e", ":", "2")).code, 0);
});
