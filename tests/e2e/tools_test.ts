/** What an admin sees of several real servers: who is missing, and what they say to each other. */

import { P } from "../../mod.ts";
import { assertEquals, assertIncludes, assertTrue } from "../support/assert.ts";
import { converged, sees } from "../support/convergence.ts";
import { clientOf, testOnBrokers } from "../support/on_brokers.ts";
import { moat } from "../support/server_process.ts";

testOnBrokers(
  "who is missing is said, since when and how far behind it is; who is forgotten is not here",
  async (place) => {
    await using first = await place.start("-i", "Testing", "one");
    await using second = await place.start("two");
    await using one = await clientOf(first);
    await using two = await clientOf(second);
    await two.set(P("before"), 1);
    await sees(one, P("before"), 1);
    await converged([one, two], 10_000);
    await two.close();
    second.kill("SIGKILL");
    await second.status;
    for (let i = 0; i < 5; i++) await one.set(P("after"), i);
    const peerOf = async () => (await one.status()).peers.find(({ node }) => node === "two")!;
    assertEquals((await peerOf()).state, "here", "it may only be slow");
    const missing = await until(peerOf, ({ state }) => state === "missing");
    assertTrue(missing.heard! >= 29 && missing.behind! >= 5 && missing.ahead === 0, JSON.stringify(missing));
    const { partition, problems } = await one.status();
    assertEquals([partition, problems.length], [true, 1]);
    assertIncludes(problems[0], /^two is missing: it was heard last \d+ s ago$/);
    const { stdout } = await place.kv(first, "status");
    assertIncludes(stdout, "1 server here (PARTITION SUSPECTED)");
    assertIncludes(stdout, new RegExp(`^two +MISSING +[34]\\d sec ago +${missing.behind} +0 `, "m"));
    await using third = await place.start("three");
    await using three = await clientOf(third);
    await converged([one, three], 10_000);
    third.kill("SIGKILL");
    const refused = await place.kv(first, "internal", "forget", "three");
    assertEquals([refused.code, refused.stderr], [
      1,
      "ServerError: Node three is here: stop it first, or say that you mean it (force)\n",
    ]);
    for (const name of ["two", "three"]) {
      assertEquals((await place.kv(first, "internal", "forget", "-f", name)).code, 0);
    }
    const { peers, partition: isParted } = await one.status();
    assertEquals(peers.map(({ node, state }) => `${node} ${state}`), ["three forgotten", "two forgotten"]);
    assertEquals(isParted, false);
  },
);

/** Asks until the answer is as wanted. */
async function until<T>(ask: () => Promise<T>, isWanted: (answer: T) => boolean, maxMs = 60_000): Promise<T> {
  for (const endMs = performance.now() + maxMs;;) {
    const answer = await ask();
    if (isWanted(answer)) return answer;
    if (performance.now() > endMs) throw new Error(`Not so after ${maxMs} ms: ${JSON.stringify(answer)}`);
    await new Promise((done) => setTimeout(done, 100));
  }
}

testOnBrokers("dump msg shows the servers' messages, dump post sends some", async (place) => {
  await using server = await place.start("-i", "Testing", "one");
  await using client = await clientOf(server);
  const globals = ["kv", ...place.globals];
  const spawn = (...words: string[]) =>
    new Deno.Command(moat[0], {
      args: [...moat.slice(1), ...globals, "dump", ...words],
      env: place.env,
      stdin: "piped",
      stdout: "piped",
    })
      .spawn();
  const tap = spawn("msg", "room.#");
  const heard = tap.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const first = heard.read();
  await sendUntil(first, () => client.msgSend(P("room.hall"), { data: { on: true, i: 1 } }));
  assertIncludes((await first).value!, /^_timestamp: '20.*Z'\n_topic: !P room.hall\ni: 1\non: true\n---\n/);
  const stop = new AbortController();
  const monitor = client.msgMonitor(P("room.+"), { signal: stop.signal })[Symbol.asyncIterator]();
  await sendUntil(monitor.next(), () => client.msgSend(P("room.cellar"), { data: 0 }));
  const post = spawn("post", "room.hall");
  const input = post.stdin.getWriter();
  await input.write(new TextEncoder().encode("off: 1\n---\n_topic: !P room.attic\non: 2\n"));
  await input.close();
  await post.stdout.cancel();
  assertEquals((await post.status).code, 0);
  const items: unknown[] = [];
  while (items.length < 2) {
    const { topic, data } = (await monitor.next()).value;
    const isEarlier = String(topic) === "room.cellar" || (data as { i?: number }).i !== undefined;
    if (!isEarlier) items.push([String(topic), data]);
  }
  assertEquals(items, [["room.hall", { off: 1 }], ["room.attic", { on: 2 }]]);
  stop.abort();
  tap.kill("SIGINT");
  await tap.stdin.close();
  await heard.cancel();
  assertEquals((await tap.status).code, 0);
});

/** Sends until somebody has heard it: a subscription takes a moment. */
async function sendUntil(heard: Promise<unknown>, send: () => Promise<void>): Promise<void> {
  let isHeard = false;
  void heard.then(() => isHeard = true);
  while (!isHeard) {
    await send();
    await new Promise((done) => setTimeout(done, 100));
  }
}
