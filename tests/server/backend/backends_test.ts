/** The contract suite over every backend, and what each has to itself. */
import { attached, type BackendFixture, testBackend } from "../../contract/backend_suite.ts";
import { assertEquals, assertTrue } from "../../support/assert.ts";
import { matchesChannel } from "../../../server/backend/backend.ts";
import { Backoff } from "../../../server/backend/backoff.ts";
import { type Broker, offerBroker } from "../../../server/backend/broker.ts";
import { Bus, type InProcessBackend } from "../../../server/backend/bus.ts";
import { MqttBackend } from "../../../server/backend/mqtt.ts";

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

/** A mosquitto of our own, or undefined if it is not installed. */
async function startMosquitto(port: number): Promise<AsyncDisposable | undefined> {
  let child: Deno.ChildProcess;
  try {
    child = new Deno.Command("mosquitto", {
      args: ["-p", String(port)],
      stdin: "null",
      stdout: "null",
      stderr: "piped",
    })
      .spawn();
  } catch {
    return undefined;
  }
  const running = Promise.withResolvers<void>();
  const reading = (async () => {
    let said = "";
    for await (const text of child.stderr.pipeThrough(new TextDecoderStream())) {
      if ((said += text).includes("running")) running.resolve();
    }
  })();
  await Promise.race([running.promise, child.status]);
  return {
    [Symbol.asyncDispose]: async () => {
      child.kill("SIGTERM");
      await child.status;
      await reading;
    },
  };
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

const hasMosquitto = await new Deno.Command("mosquitto", { args: ["-h"], stdout: "null", stderr: "null" }).output()
  .then(() => true, () => false);
if (!hasMosquitto) console.log("mqtt with mosquitto is skipped: it is not installed");

testBackend("mqtt with mosquitto", !hasMosquitto, async () => {
  const port = freePort();
  let broker = (await startMosquitto(port))!;
  return {
    open: () => openAttached(`mqtt://127.0.0.1:${port}`),
    interrupt: async () => {
      await broker[Symbol.asyncDispose]();
      broker = (await startMosquitto(port))!;
    },
    hasWildcards: true,
    payloadBytesMax: 1 << 20,
    [Symbol.asyncDispose]: () => broker[Symbol.asyncDispose](),
  };
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
