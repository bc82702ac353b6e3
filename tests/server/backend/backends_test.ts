/** The contract suite over every backend, and what each has to itself. */
import { attached, type BackendFixture, Inbox, testBackend } from "../../contract/backend_suite.ts";
import { assertEquals, assertThrows, assertTrue } from "../../support/assert.ts";
import { freePort } from "../../support/free_port.ts";
import { hasMosquitto, Mosquitto } from "../../support/mosquitto.ts";
import { hasSerf, SerfAgent } from "../../support/serf_agent.ts";
import { type BackendEvent, matchesChannel } from "../../../server/backend/backend.ts";
import { Backoff } from "../../../server/backend/backoff.ts";
import { type Broker, offerBroker } from "../../../server/backend/broker.ts";
import { Bus, type InProcessBackend } from "../../../server/backend/in_process.ts";
import { MqttBackend } from "../../../server/backend/mqtt.ts";
import { SerfBackend } from "../../../server/backend/serf.ts";
import { encodeSerf, SerfReader, type SerfValue, textOf } from "../../../server/backend/serf_codec.ts";

testBackend("bus", false, () => {
  const bus = new Bus();
  const members: InProcessBackend[] = [];
  const fixture: BackendFixture = {
    open: () => {
      members.push(bus.join(`n${members.length}`));
      return Promise.resolve(members.at(-1)!);
    },
    interrupt: () => {
      for (const member of members) member.detach("pulled");
      for (const member of members) member.attach();
      return Promise.resolve();
    },
    hasWildcards: true,
    payloadBytesMax: 1 << 20,
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
  return Promise.resolve(fixture);
});

async function openAttached(uri: string): Promise<MqttBackend> {
  const backend = await MqttBackend.open({ uri, random: () => 0 });
  await attached(backend);
  return backend;
}

testBackend("mqtt with the embedded broker", false, async () => {
  let broker: Broker = (await offerBroker("127.0.0.1", 0))!;
  const port = broker.port;
  return {
    open: () => openAttached(`mqtt://127.0.0.1:${port}`),
    interrupt: async () => {
      await broker[Symbol.asyncDispose]();
      broker = (await offerBroker("127.0.0.1", port))!;
    },
    hasWildcards: true,
    payloadBytesMax: 1 << 20,
    [Symbol.asyncDispose]: () => broker[Symbol.asyncDispose](),
  };
});

testBackend("mqtt with mosquitto", !hasMosquitto, async () => {
  const broker = await Mosquitto.start();
  return {
    open: () => openAttached(broker.uri),
    interrupt: async () => {
      await broker.stop();
      await broker.start();
    },
    hasWildcards: true,
    payloadBytesMax: 1 << 20,
    [Symbol.asyncDispose]: () => broker[Symbol.asyncDispose](),
  };
});

Deno.test({
  name: "MqttBackend speaks TLS and logs in; with a wrong password it does not get in",
  ignore: !hasMosquitto,
  fn: async () => {
    const directory = await Deno.makeTempDir({ prefix: "moat-mqtt-" });
    const tls = new URL("../../support/tls/", import.meta.url).pathname;
    const port = freePort();
    await new Deno.Command("mosquitto_passwd", { args: ["-c", "-b", `${directory}/passwords`, "joe", "secret"] })
      .output();
    const lines = [
      `listener ${port} 127.0.0.1`,
      `certfile ${tls}server.pem`,
      `keyfile ${tls}server.key`,
      "allow_anonymous false",
      `password_file ${directory}/passwords`,
      ...(Deno.uid() === 0 ? ["user root"] : []),
    ];
    await Deno.writeTextFile(`${directory}/mosquitto.conf`, lines.join("\n") + "\n");
    try {
      await using _broker = await Mosquitto.start(port, `${directory}/mosquitto.conf`);
      const options = { uri: `mqtts://localhost:${port}`, user: "joe", ca: await Deno.readTextFile(`${tls}ca.pem`) };
      await using backend = await MqttBackend.open({ ...options, password: "secret" });
      await attached(backend);
      await using stranger = await MqttBackend.open({ ...options, password: "wrong" });
      const { promise, resolve } = Promise.withResolvers<BackendEvent>();
      stranger.watch(resolve);
      const event = await promise;
      assertTrue(event.kind === "detached" && /not authori[sz]ed/i.test(event.reason), JSON.stringify(event));
    } finally {
      await Deno.remove(directory, { recursive: true });
    }
  },
});

testBackend("serf", !hasSerf, async () => {
  const agent = await SerfAgent.start();
  return {
    open: async () => {
      const backend = SerfBackend.open({ host: "127.0.0.1", port: agent.rpcPort, auth: agent.auth, random: () => 0 });
      await attached(backend);
      return backend;
    },
    interrupt: async () => {
      await agent.stop();
      await agent.start();
    },
    hasWildcards: true,
    payloadBytesMax: 20_000,
    [Symbol.asyncDispose]: () => agent[Symbol.asyncDispose](),
  };
});

Deno.test({
  name: "two Serf agents carry messages from one to the other",
  ignore: !hasSerf,
  fn: async () => {
    await using first = await SerfAgent.start();
    await using second = await SerfAgent.start(first);
    await using a = SerfBackend.open({ host: "127.0.0.1", port: first.rpcPort, auth: first.auth });
    await using b = SerfBackend.open({ host: "127.0.0.1", port: second.rpcPort, auth: second.auth });
    await Promise.all([attached(a), attached(b)]);
    using inbox = new Inbox(b, ["moat", "kv", "sync"]);
    const payload = new Uint8Array(3000).map((_, i) => i);
    while (inbox.messages.length === 0) {
      a.publish(["moat", "kv", "sync"], payload);
      await Promise.race([inbox.count(1), new Promise((resolve) => setTimeout(resolve, 200))]);
    }
    assertEquals(inbox.messages[0].payload, payload);
  },
});

Deno.test("SerfBackend drops and counts while there is no agent, and with a wrong key", async () => {
  await using nobody = SerfBackend.open({ host: "127.0.0.1", port: freePort() });
  assertEquals(nobody.publish(["a"], new Uint8Array(10)), false);
  assertEquals(nobody.counters.dropped, 1);
  if (!hasSerf) return;
  await using agent = await SerfAgent.start();
  await using stranger = SerfBackend.open({ host: "127.0.0.1", port: agent.rpcPort, auth: "wrong" });
  const { promise, resolve } = Promise.withResolvers<BackendEvent>();
  stranger.watch(resolve);
  const event = await promise;
  assertTrue(event.kind === "detached" && /auth/i.test(event.reason), JSON.stringify(event));
});

Deno.test("SerfReader waits for whole values at every split, and refuses what is none", () => {
  const bytes = encodeSerf({ Seq: 70_000, Command: "event", Flag: true, Payload: new Uint8Array(300).fill(0xff) });
  for (let split = 0; split <= bytes.length; split++) {
    const reader = new SerfReader();
    reader.push(bytes.subarray(0, split));
    const early = reader.next();
    assertEquals(early !== undefined, split === bytes.length);
    reader.push(bytes.subarray(split));
    const value = (early ?? reader.next()) as ReadonlyMap<string, SerfValue>;
    assertEquals([value.get("Seq"), textOf(value.get("Command")), value.get("Flag")], [70_000, "event", true]);
    assertEquals((value.get("Payload") as Uint8Array).length, 300);
  }
  const reader = new SerfReader();
  reader.push(Uint8Array.of(0xc1));
  assertThrows(() => reader.next(), RangeError);
});

Deno.test("offerBroker() yields to whoever has the address already", async () => {
  await using first = (await offerBroker("127.0.0.1", 0))!;
  assertEquals(await offerBroker("127.0.0.1", first.port), undefined);
});

Deno.test("MqttBackend drops and counts while there is no broker, and holds nothing back for later", async () => {
  const port = freePort();
  await using backend = await MqttBackend.open({ uri: `mqtt://127.0.0.1:${port}`, random: () => 0 });
  for (let i = 0; i < 1000; i++) assertEquals(backend.publish(["a"], new Uint8Array(1000)), false);
  assertEquals(backend.counters.dropped, 1000);
  await using _broker = (await offerBroker("127.0.0.1", port))!;
  await attached(backend);
  assertEquals(backend.counters.sent, 0);
});

Deno.test("MqttBackend drops messages whose topic a broker would not bear, and stays attached", async () => {
  await using broker = (await offerBroker("127.0.0.1", 0))!;
  await using backend = await openAttached(`mqtt://127.0.0.1:${broker.port}`);
  using inbox = new Inbox(backend, ["a", "b"]);
  for (const channel of [[""], ["a\0"], ["x".repeat(70_000)], ["€".repeat(22_000)]]) {
    assertEquals(backend.publish(channel, Uint8Array.of(1)), false, channel[0].slice(0, 3));
  }
  assertEquals(backend.counters.dropped, 4);
  while (inbox.messages.length === 0) { // until the subscription counts
    assertEquals(backend.publish(["a", "b"], Uint8Array.of(2)), true);
    await Promise.race([inbox.count(1), new Promise((resolve) => setTimeout(resolve, 50))]);
  }
  assertEquals(backend.counters.connects, 1);
});

Deno.test("MqttBackend names its broker without user and password", async () => {
  await using backend = await MqttBackend.open({ uri: `mqtt://joe:secret@127.0.0.1:${freePort()}` });
  assertTrue(!backend.description.includes("secret") && backend.description.includes("127.0.0.1"));
});

Deno.test("matchesChannel() follows MQTT's rules", () => {
  const cases: [string, string, boolean][] = [
    ["a/b", "a/b", true],
    ["a/b", "a", false],
    ["a", "a/b", false],
    ["a/+", "a/b", true],
    ["a/+", "a", false],
    ["a/#", "a", true],
    ["a/#", "a/b/c", true],
    ["#", "a/b", true],
    ["+/b", "a/b", true],
    ["a/#/c", "a/b/c", false],
  ];
  for (const [filter, channel, expected] of cases) {
    assertEquals(matchesChannel(filter.split("/"), channel.split("/")), expected, `${filter} ${channel}`);
  }
});

Deno.test("Backoff.next() doubles up to its limit and starts over after a success", () => {
  const backoff = new Backoff(100, 1000, () => 1);
  assertEquals([1, 2, 3, 4, 5, 6].map(() => backoff.next()), [100, 200, 400, 800, 1000, 1000]);
  backoff.reset();
  assertEquals(backoff.next(), 100);
  assertEquals(new Backoff(100, 1000, () => 0).next(), 50);
});
