import { assertEquals, assertRejects, assertThrows } from "../../../support/assert.ts";
import { UsageError } from "../../../../client/cli/errors.ts";
import { MergedConfig } from "../../../../client/cli/config.ts";
import type { ConfigMap, Input } from "../../../../client/cli/context.ts";
import { checkServerWords, serverOptions, type ServerWords } from "../../../../client/cli/util/server_options.ts";

const noInput: Input = {
  text: () => Promise.resolve(""),
  bytes: () => Promise.resolve(new Uint8Array()),
  chunks: async function* () {},
  isTerminal: false,
  typed: () => Promise.resolve(""),
  secret: () => Promise.resolve(undefined),
};

async function optionsOf(words: ServerWords, server: ConfigMap = {}, name?: string) {
  const given: ConfigMap = Object.keys(server).length > 0 ? { kv: { server } } : {};
  return await serverOptions(name, words, new MergedConfig(given), [], noInput);
}

Deno.test("serverOptions() leaves out what nobody said", async () => {
  assertEquals(await optionsOf({}), { root: "moat.kv" });
  assertEquals(await optionsOf({}, {}, "n"), { name: "n", root: "moat.kv" });
});

Deno.test("serverOptions() takes the words of the command line", async () => {
  const words: ServerWords = {
    i: "[1]",
    eval: true,
    alone: true,
    memory: true,
    fsync: "always",
    bind: ["0.0.0.0:1", "[::1]:2"],
    web: "3",
  };
  assertEquals(await optionsOf(words), {
    listen: [{ host: "0.0.0.0", port: 1 }, { host: "::1", port: 2 }],
    web: { port: 3 },
    data: false,
    fsync: "always",
    init: [1],
    alone: true,
    root: "moat.kv",
  });
  assertEquals((await optionsOf({ init: "[1]" })).init, "[1]");
  assertEquals((await optionsOf({ init: "-", eval: true })).init, null);
  assertEquals((await optionsOf({ web: "none" })).web, false);
});

Deno.test("serverOptions() takes the configuration, and words win over it", async () => {
  const server: ConfigMap = {
    bind: [{ port: 5 }, { host: "0.0.0.0" }],
    bind_default: { host: "localhost", port: 6 },
    web: { port: 7, origins: ["https://a"] },
    data: "/srv/kv",
    fsync: "no",
    mqtt: { uri: "mqtt://b" },
    root: "other",
  };
  assertEquals(await optionsOf({}, server), {
    listen: [{ host: "127.0.0.1", port: 5 }, { host: "0.0.0.0", port: 6 }],
    web: { port: 7, origins: ["https://a"] },
    data: "/srv/kv",
    fsync: "no",
    broker: { uri: "mqtt://b" },
    root: "other",
  });
  const words = await optionsOf({ bind: ["8"], data: "/d", fsync: "everysec", web: "none" }, server);
  assertEquals([words.listen, words.data, words.fsync, words.web], [[{ port: 8 }], "/d", "everysec", false]);
  assertEquals((await optionsOf({}, { web: false })).web, false);
});

Deno.test("serverOptions() makes TLS ports of certificate and key", async () => {
  const directory = await Deno.makeTempDir();
  const [cert, key] = [`${directory}/cert`, `${directory}/key`];
  await Deno.writeTextFile(cert, "CERT");
  await Deno.writeTextFile(key, "KEY");
  const tls = { cert: "CERT", key: "KEY" };
  const words: ServerWords = { tlsCert: cert, tlsKey: key };
  assertEquals((await optionsOf(words)).listen, [{ tls }]);
  assertEquals((await optionsOf({ ...words, bind: ["1", "tcp://a:2", "tls://a:3"] })).listen, [
    { port: 1, tls },
    { host: "a", port: 2 },
    { host: "a", port: 3, tls },
  ]);
  assertEquals((await optionsOf({}, { bind: [{ ssl: { cert, key } }] })).listen, [{ tls }]);
  assertEquals((await optionsOf({ ...words, web: "*:4" })).web, { host: "0.0.0.0", port: 4, tls });
  assertEquals((await optionsOf({ ...words, web: "https://a:5" })).web, { host: "a", port: 5, tls });
  assertEquals((await optionsOf({ ...words, web: "http://a:5" })).web, { host: "a", port: 5 });
  assertEquals((await optionsOf(words)).web, undefined);
  assertEquals((await optionsOf({}, { web: { port: 6, ssl: { cert, key } } })).web, { port: 6, tls });
  assertEquals(
    (await assertRejects(() => optionsOf({ web: "https://a:5" }), UsageError)).message.slice(0, 19),
    "'https://a:5' needs",
  );
  await Deno.remove(directory, { recursive: true });
});

Deno.test("serverOptions() says how servers reach each other", async () => {
  const network = async (server: ConfigMap) => {
    const { broker, serf } = await optionsOf({}, server);
    return broker ?? serf;
  };
  assertEquals(await network({}), undefined);
  assertEquals(await network({ backend: "none" }), false);
  assertEquals(await network({ mqtt: { embedded: false } }), false);
  assertEquals(await network({ mqtt: { embedded: 1884 } }), { embeddedPort: 1884 });
  const mqtt = { uri: "mqtts://b", user: "joe", password: "secret" };
  assertEquals(await network({ mqtt }), mqtt);
  assertEquals(await network({ backend: "serf", serf: { port: 1, auth: "k" } }), {
    host: "localhost",
    port: 1,
    auth: "k",
  });
  await assertRejects(() => network({ backend: "nats" }), UsageError, "mqtt, serf or none");
  await assertRejects(() => network({ mqtt: { ca: "/no/such" } }), UsageError, "cannot read");
});

Deno.test("serverOptions() says how to copy from others", async () => {
  const config = new MergedConfig({
    kv: {
      hostmap: { a: ["h", 1], b: "h:2", c: "h" },
      domain: "example",
      server: { announce: "x:3" },
      conn: { auth: "_test name=joe", ssl: true },
    },
  });
  const { auth, ...peers } = (await serverOptions("n", {}, config, ["a", "b"], noInput)).peers!;
  assertEquals(peers, {
    from: ["a", "b"],
    tls: true,
    hostmap: { a: ["h", 1], b: ["h", 2], c: ["h", 27586] },
    domain: "example",
    announce: ["x", 3],
  });
  assertEquals(auth?.method, "_test");
  const wrong = new MergedConfig({ kv: { hostmap: { a: [1, 2] } } });
  await assertRejects(() => serverOptions("n", {}, wrong, [], noInput), UsageError, "kv.hostmap.a");
});

Deno.test("serverOptions() names what is wrong", async () => {
  const fails = (words: ServerWords, text: string, server: ConfigMap = {}) =>
    assertRejects(() => optionsOf(words, server), UsageError, text);
  await fails({ load: ["/no/such"] }, "There is no file '/no/such'.");
  await fails({ load: ["/"] }, "'/' is a directory.");
  await fails({ bind: ["tls://a:1"] }, "needs '--tls-cert'");
  await fails({ bind: ["http://a:1"] }, "HTTP has '--web'");
  await fails({ web: "tcp://a:1" }, "clients have '--bind'");
  await fails({ tlsCert: "/no/such", tlsKey: "/no/such" }, "cannot read /no/such");
  await fails({}, "ssl needs the files", { bind: [{ ssl: true }] });
  await fails({}, "port should be a number", { bind: [{ port: "x" }] });
  await fails({}, "kv.server.web should be", { web: 5 });
});

Deno.test("checkServerWords() refuses what does not go together", () => {
  const fails = (words: ServerWords, text: string, nodes: string[] = []) =>
    assertThrows(() => checkServerWords(words, nodes), UsageError, text);
  fails({ load: ["x"] }, "Either read from a file or fetch from a node. Not both.", ["n"]);
  fails({ authoritative: true, force: true }, "Using both '-a' and '-f' is redundant. Choose one.");
  fails({ i: "a", init: "a" }, "mean the same");
  fails({ eval: true }, "'-e' needs a value");
  fails({ data: "d", memory: true }, "mutually exclusive");
  fails({ alone: true, join: true }, "mutually exclusive");
  fails({ tlsCert: "c" }, "need each other");
  fails({ incremental: true }, "'-s FILE'");
  checkServerWords({ load: ["x"], authoritative: true, i: "a", eval: true }, []);
});

Deno.test("serverOptions() takes the elections' times, as servers of the original have them", async () => {
  const server: ConfigMap = { ping: { cycle: 1.5, gap: 0.3 }, delete: { version: 2 }, change: { length: 7 } };
  const { originals } = await optionsOf({}, server);
  assertEquals(originals, { ping: { cycle: 1.5, gap: 0.3 }, delete: { version: 2 }, links: 7 });
});
