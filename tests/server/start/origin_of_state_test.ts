import { assertEquals, assertRejects } from "../../support/assert.ts";
import { deadUri, startFakeBroker } from "../../support/fake_broker.ts";
import { probeBroker } from "../../../server/backend/probe.ts";
import { readConfig, type ServerOptions } from "../../../server/config.ts";
import type { Reach } from "../../../server/network/reach.ts";
import { decideOrigin, type Origin } from "../../../server/start/origin_of_state.ts";
import { KvError } from "../../../wire/errors.ts";

const cases: [string, ServerOptions, boolean, Reach["answer"], Origin][] = [
  ["state", {}, true, "none", "state"],
  ["state and a broker", {}, true, "answers", "state"],
  ["state and a port that is taken by what is no broker", {}, true, "stuck", "state"],
  ["state and -i", { init: 1 }, true, "own", "state"],
  ["files", { load: ["x"] }, false, "answers", "files"],
  ["files and state", { load: ["x"], init: 1 }, true, "answers", "files"],
  ["-i and no broker but the own", { init: null }, false, "own", "init"],
  ["-i alone", { init: null }, false, "none", "init"],
  ["-i and a configured broker that is silent", { init: null }, false, "silent", "init"],
  ["-i and a port that is taken by what is no broker", { init: null }, false, "stuck", "init"],
  ["-i and a broker", { init: null }, false, "answers", "try"],
  ["-i and a broker that cannot be asked", { init: null }, false, "unknown", "try"],
  ["no broker but the own", {}, false, "own", "new"],
  ["--alone", { alone: true }, false, "none", "new"],
  ["a broker", {}, false, "answers", "wait"],
  ["a configured broker that is silent", {}, false, "silent", "wait"],
  ["a broker that cannot be asked", {}, false, "unknown", "wait"],
  ["--join and a broker", { join: true }, false, "answers", "wait"],
];

for (const [what, options, hasState, answer, expected] of cases) {
  Deno.test(`decideOrigin() with ${what}: ${expected}`, async () => {
    const config = readConfig({ name: "n", ...options });
    const reach = () => Promise.resolve({ where: "The broker at x", answer });
    const { origin, lines } = await decideOrigin(config, hasState, reach);
    assertEquals(origin, expected);
    const isQuiet = origin === "try" || (origin === "state" || origin === "files") && options.init === undefined;
    assertEquals(lines.length > 0, !isQuiet);
  });
}

Deno.test("decideOrigin() with nobody to join is an error", async () => {
  const config = readConfig({ name: "n", join: true });
  for (const answer of ["none", "own", "silent"] as const) {
    const reach = () => Promise.resolve({ where: "The broker at x", answer });
    await assertRejects(() => decideOrigin(config, false, reach), KvError, "--join");
  }
  const reach = () => Promise.resolve({ where: "Another program has 127.0.0.1:1883", answer: "stuck" as const });
  await assertRejects(() => decideOrigin(readConfig({ name: "n" }), false, reach), KvError, "Another program");
});

Deno.test("probeBroker() tells a broker from silence, refusal and other servers", async () => {
  using broker = startFakeBroker();
  assertEquals(await probeBroker(broker.uri, 1000), "answers");
  assertEquals(await probeBroker(deadUri(), 1000), "silent");
  assertEquals(await probeBroker("ws://localhost:1883", 1000), "unknown");
  using mute = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const accepted = mute.accept();
  assertEquals(await probeBroker(`mqtt://127.0.0.1:${(mute.addr as Deno.NetAddr).port}`, 50), "silent");
  (await accepted).close();
  using http = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const answered = http.accept().then(async (conn) => {
    await conn.write(new TextEncoder().encode("HTTP/1.1 400 Bad Request\r\n\r\n"));
    conn.close();
  });
  assertEquals(await probeBroker(`mqtt://127.0.0.1:${(http.addr as Deno.NetAddr).port}`, 1000), "silent");
  await answered;
});
