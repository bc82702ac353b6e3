import { assertEquals, assertRejects } from "../support/assert.ts";
import { deadUri, startFakeBroker } from "../support/fake_broker.ts";
import { probeBroker, type ProbeResult } from "../../server/backend/probe.ts";
import { readConfig, type ServerOptions } from "../../server/config.ts";
import { decideOrigin, type Origin } from "../../server/origin_of_state.ts";
import { KvError } from "../../wire/errors.ts";

const configured = { uri: "mqtt://there:1883" };
const cases: [string, ServerOptions, boolean, ProbeResult, Origin][] = [
  ["state", {}, true, "silent", "state"],
  ["state and a broker", {}, true, "answers", "state"],
  ["state and -i", { init: 1 }, true, "silent", "state"],
  ["files", { load: ["x"] }, false, "answers", "files"],
  ["files and state", { load: ["x"], init: 1 }, true, "answers", "files"],
  ["-i", { init: null }, false, "answers", "init"],
  ["nothing", {}, false, "silent", "new"],
  ["a broker", {}, false, "answers", "wait"],
  ["a broker and --alone", { alone: true }, false, "answers", "new"],
  ["a configured broker that is silent", { broker: configured }, false, "silent", "wait"],
  ["a broker that cannot be asked", { broker: configured }, false, "unknown", "wait"],
  ["--join and a broker", { join: true }, false, "answers", "wait"],
];

for (const [what, options, hasState, answer, expected] of cases) {
  Deno.test(`decideOrigin() with ${what}: ${expected}`, async () => {
    const config = readConfig({ name: "n", ...options });
    const { origin, lines } = await decideOrigin(config, hasState, () => Promise.resolve(answer));
    assertEquals(origin, expected);
    assertEquals(lines.length > 0, origin !== "state" && origin !== "files" || options.init !== undefined);
  });
}

Deno.test("decideOrigin() with --join and no broker is an error", async () => {
  const config = readConfig({ name: "n", join: true });
  await assertRejects(() => decideOrigin(config, false, () => Promise.resolve("silent")), KvError, "--join");
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
