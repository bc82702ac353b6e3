/**
 * Several real servers on a real broker: mosquitto where it is installed, and the one that servers offer themselves. Case
 * numbers: tutorial-acceptance.
 */

import { type Client, P, Path } from "../../mod.ts";
import { assertEquals, assertIncludes, assertTrue } from "../support/assert.ts";
import { converged, sees } from "../support/convergence.ts";
import { freePort } from "../support/free_port.ts";
import { hasMosquitto, Mosquitto } from "../support/mosquitto.ts";
import { clientOf, testOnBrokers } from "../support/on_brokers.ts";
import { hasSerf, SerfAgent } from "../support/serf_agent.ts";
import { ServerProcess } from "../support/server_process.ts";
import { Workplace } from "../support/workplace.ts";

if (!hasMosquitto) console.log("tests with mosquitto are skipped: it is not installed");
if (!hasSerf) console.log("tests with Serf are skipped: it is not installed");

for (const key of ["kv.server.mqtt.uri", "server.mqtt.uri"]) {
  Deno.test({
    name: `A-004, A-006: -C ${key}=… names the broker`,
    ignore: !hasMosquitto,
    fn: async () => {
      await using place = await Workplace.make();
      await using broker = await Mosquitto.start();
      const start = (...args: string[]) =>
        ServerProcess.start({
          globals: ["kv", "-C", `${key}=${broker.uri}`],
          args: ["--bind", "127.0.0.1:0", "--web", "none", ...args],
          env: place.env,
        });
      await using first = await start("-i", "Testing", "one");
      assertEquals(first.stdout, "Running.\n");
      await using second = await start("two");
      assertEquals(second.stdout, "Running.\n");
      assertEquals((await place.kv(second, "data", ":")).stdout, '"Testing"\n');
    },
  });
}

async function copyAndReplicate(place: Workplace): Promise<void> {
  await using first = await place.start("-i", "Testing", "one");
  assertEquals((await place.kv(first, "data", "one.two", "set", "-e", ":", "{'a': 1.0, 'b': b'x'}")).code, 0);
  assertEquals((await place.kv(first, "data", "gone", "set", "-v", ":", "x")).code, 0);
  assertEquals((await place.kv(first, "data", "gone", "delete")).code, 0);
  await using second = await place.start("two");
  assertIncludes(second.stderr, /^Copied \d+ entries from one in [012]\.\d s$/m);
  assertEquals((await place.kv(second, "data", ":")).stdout, '"Testing"\n');
  await using one = await clientOf(first);
  await using two = await clientOf(second);
  await converged([one, two], 5000);
  await one.set(P("from.one"), 1);
  await sees(two, P("from.one"), 1);
  await two.delete(P("from.one"));
  await sees(one, P("from.one"), undefined);
  await converged([one, two], 5000);
}

testOnBrokers("A-006, A-007: a second server copies the first, and both replicate", copyAndReplicate);

Deno.test({
  name: "A-006, A-007: a second server copies the first, and both replicate (Serf)",
  ignore: !hasSerf,
  fn: async () => {
    await using place = await Workplace.make();
    await using agent = await SerfAgent.start();
    const { rpcPort: port, auth } = agent;
    place.more = [
      "-C",
      "kv.server.backend=serf",
      "-C",
      `kv.server.serf.port=${port}`,
      "-C",
      `kv.server.serf.auth=${auth}`,
    ];
    await copyAndReplicate(place);
  },
});

for (const where of ["with its state", "without its state"]) {
  testOnBrokers(`A-008: the first server starts again ${where}`, async (place) => {
    await using old = await place.start("-i", "Testing", "one");
    await using second = await place.start("two");
    assertEquals((await old.stop()).code, 0);
    await using two = await clientOf(second);
    await two.set(P("meanwhile"), "x");
    if (where === "without its state") await Deno.remove(`${place.directory}/state/moat/kv/one`, { recursive: true });
    await using first = await place.start("one");
    assertEquals(first.stdout, "Running.\n");
    await using one = await clientOf(first);
    // Without its state it may be here before the other one offers a broker: then it begins alone, until they meet.
    await sees(one, P(":"), "Testing");
    assertEquals((await place.kv(first, "data", ":")).stdout, '"Testing"\n');
    await sees(one, P("meanwhile"), "x");
    await one.set(P("later"), "y");
    await sees(two, P("later"), "y");
    await converged([one, two], 10_000);
  });
}

testOnBrokers("A-010: servers with another root keep to themselves", async (place) => {
  await using first = await place.start("-i", "Testing", "one");
  const globals = ["kv", ...place.globals, "-C", "kv.server.root=other"];
  const args = ["--bind", "127.0.0.1:0", "--web", "none", "-i", "Other", "two"];
  await using other = await ServerProcess.start({ globals, args, env: place.env });
  assertEquals((await place.kv(first, "data", ":")).stdout, '"Testing"\n');
  assertEquals((await place.kv(other, "data", ":")).stdout, '"Other"\n');
});

testOnBrokers("A-009: without state, -i and a peer it waits, and goes on when one comes", async (place) => {
  await using broker = await place.start("-i", "Other", "--memory", "unrelated");
  const globals = ["kv", ...place.globals, "-C", "server.root=mine"];
  const spawn = (...args: string[]) =>
    ServerProcess.spawn({ globals, args: ["--bind", "127.0.0.1:0", "--web", "none", ...args], env: place.env });
  await using waiting = spawn("two");
  await waiting.output(({ stderr }) => stderr.includes("-i VALUE"));
  assertEquals(waiting.stdout, "");
  await using first = spawn("-i", "Mine", "one");
  await Promise.all([first.running(), waiting.running()]);
  assertEquals((await place.kv(waiting, "data", ":")).stdout, '"Mine"\n');
  assertEquals((await broker.stop()).code, 0);
});

testOnBrokers("A-047: a node that starts from an old file converges", async (place) => {
  await using first = await place.start("-i", "Testing", "one");
  await using second = await place.start("two");
  await using one = await clientOf(first);
  await using two = await clientOf(second);
  await one.set(P("a"), "old");
  await one.set(P("deleted"), "old");
  const file = `${place.directory}/old.state`;
  assertEquals((await place.kv(first, "log", "save", file)).code, 0);
  await one.set(P("a"), "new");
  await two.delete(P("deleted"));
  await two.set(P("b"), "new");
  await using third = await place.start("-l", file, "three");
  await using three = await clientOf(third);
  await sees(three, P("a"), "new");
  await sees(three, P("b"), "new");
  await sees(three, P("deleted"), undefined);
  await three.set(P("c"), "three");
  await sees(one, P("c"), "three");
  await converged([one, two, three], 15_000);
});

Deno.test("-i joins a network that is there", async () => {
  await using place = await Workplace.make();
  place.embeddedPort = freePort();
  await using _first = await place.start("-i", "Testing", "one");
  await using second = await place.start("-i", "Other", "two");
  assertEquals((await place.kv(second, "data", ":")).stdout, '"Testing"\n');
});

testOnBrokers("a second live server of one name does not start, and says what helps", async (place) => {
  await using _first = await place.start("-i", "Testing", "one");
  for (const data of ["--memory", `--data=${place.directory}/elsewhere`]) {
    await using second = place.spawn(data, "one");
    assertEquals((await second.status).code, 1);
    assertEquals(second.stdout, "");
    assertIncludes(second.stderr, /Another server of the name one.*another name/);
  }
});

Deno.test("when the owner of the embedded broker goes away, another server offers it", async () => {
  await using place = await Workplace.make();
  place.embeddedPort = freePort();
  const servers = [await place.start("-i", "Testing", "s0"), await place.start("s1"), await place.start("s2")];
  await using stack = new AsyncDisposableStack();
  for (const server of servers) stack.use(server);
  const clients: Client[] = [];
  for (const server of servers) clients.push(stack.use(await clientOf(server)));
  servers[0].kill("SIGKILL");
  await servers[0].status;
  const left = clients.slice(1);
  await left[0].set(P("a"), "without broker");
  await sees(left[1], P("a"), "without broker");
  const owners = servers.slice(1).filter(({ stderr }) => stderr.includes("offers the message broker"));
  assertEquals(owners.length, 1);
  assertEquals((await owners[0].stop()).code, 0);
  const last = servers.slice(1).find((server) => server !== owners[0])!;
  await last.output(({ stderr }) => stderr.includes("offers the message broker"));
  await using again = await place.start("s0");
  await using client = await clientOf(again);
  await sees(client, P("a"), "without broker");
});

Deno.test("an owner of the embedded broker that hangs is a problem that status shows, and no more than that", async () => {
  await using place = await Workplace.make();
  place.embeddedPort = freePort();
  await using first = await place.start("-i", "Testing", "one");
  await using second = await place.start("two");
  await using two = await clientOf(second);
  first.kill("SIGSTOP");
  try {
    // The broker is given up after one and a half times the keep-alive time of 9 s.
    await second.output(({ stderr }) => stderr.includes("does not answer as a message broker"));
    const { problems } = await two.request("get_status");
    assertTrue((problems as string[]).includes("The message broker of this machine does not answer"));
    await two.set(P("a"), "alone");
  } finally {
    first.kill("SIGCONT");
  }
  await using one = await clientOf(first);
  await sees(one, P("a"), "alone", 20_000);
});

Deno.test("a port that is taken by what is no broker is an error, or a remark if there is a state", async () => {
  await using place = await Workplace.make();
  using mute = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  {
    await using first = await place.start("-i", "Testing", "one");
    assertEquals((await first.stop()).code, 0);
  }
  place.embeddedPort = mute.addr.port;
  await using second = place.spawn("two");
  assertEquals((await second.status).code, 1);
  assertIncludes(second.stderr, /does not answer as a message broker.*kv\.server\.mqtt\.uri.*--alone/);
  await using first = await place.start("one");
  assertIncludes(first.stderr, "does not answer as a message broker");
  assertEquals((await place.kv(first, "data", ":")).stdout, '"Testing"\n');
});

Deno.test({
  name: "what was written on both sides while the broker was gone is on both sides afterwards",
  ignore: !hasMosquitto,
  fn: async () => {
    await using place = await Workplace.make();
    await using broker = await Mosquitto.start();
    place.broker = broker.uri;
    await using first = await place.start("-i", "Testing", "one");
    await using second = await place.start("two");
    await using one = await clientOf(first);
    await using two = await clientOf(second);
    await broker.stop();
    for (let i = 0; i < 200; i++) {
      await one.set(Path.of("one", i), i);
      await two.set(Path.of("two", i), i);
    }
    await one.set(P("both"), "one");
    await two.set(P("both"), "two");
    await broker.start();
    const { tree } = await converged([one, two], 15_000);
    assertTrue(tree.size > 400);
  },
});

testOnBrokers("a second server of a live one's name is refused, and the live one does not notice", async (place) => {
  await using first = await place.start("-i", "Testing", "one");
  await using second = await place.start("two");
  await using one = await clientOf(first);
  await using two = await clientOf(second);
  await two.set(P("before"), 1);
  await sees(one, P("before"), 1);
  const directory = `${place.directory}/state/moat/kv/two`;
  await new Deno.Command("cp", { args: ["-r", directory, `${directory}.copy`] }).output();
  await Deno.remove(`${directory}.copy/lock`).catch(() => {});
  for (const words of [["--memory"], ["--data", `${place.directory}/other`], ["--data", `${directory}.copy`]]) {
    await using third = place.spawn(...words, "two");
    await third.output(({ stdout, stderr }) => stdout !== "" || stderr.includes("is alive"));
    assertIncludes(third.stderr, "Another server of the name two is alive");
    assertEquals([(await third.status).code, third.stdout], [1, ""], words.join(" "));
  }
  assertEquals((await two.set(P("after"), 2, { nchain: 1 })).chain!.node, "two");
  await sees(one, P("after"), 2);
  const { writer, problems, missing } = await two.status();
  assertEquals([writer, problems, missing], ["two", [], 0]);
  const { peers } = await one.status();
  assertEquals(peers.map(({ node, state, ours }) => [node, state, ours]), [["two", "here", true]]);
  assertEquals((await two.set(P("safe"), 3, { nodes: 2 })).nodes, 2);
  assertTrue(!second.stderr.includes("writes as"), second.stderr);
});
