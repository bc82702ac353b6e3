/**
 * Tries to get beyond what an ACL grants: every action with every letter missing, guesses, messages, poison. See also
 * break_in_paths_test.ts and break_in_model_test.ts.
 */

import { actions } from "../../server/action/table.ts";
import { aclLetters } from "../../server/meta/acl/letters.ts";
import { encode } from "../../wire/msgpack/encoder.ts";
import { Path } from "../../wire/path/path.ts";
import { Ext, type Value } from "../../wire/value.ts";
import { AclBench, attempt, house, isRefused, reveals, secret } from "../server/action/acl_bench.ts";
import { assertEquals, assertTrue } from "../support/assert.ts";

/** An action, and the letters without which it is refused. */
interface Attempt {
  readonly action: string;
  readonly fields: Record<string, Value>;
  readonly needs: string;
  /** Letters without which it is not refused, but must not show a value. */
  readonly shows?: string;
}

const box = ["home", "box"];
const key = [...box, "key"];

/** Every action that a bound client may ask for. */
const attempts: readonly Attempt[] = [
  { action: "get_value", fields: { path: key }, needs: "rx" },
  { action: "get_value", fields: { node: "test1", tick: 3 }, needs: "rx" },
  { action: "set_value", fields: { path: key, value: 1 }, needs: "wx", shows: "r" },
  { action: "set_value", fields: { path: key, value: 1, prev: `${secret} home.box.key` }, needs: "rwx" },
  { action: "set_value", fields: { path: key, value: `${secret} home.box.key`, idem: true }, needs: "wx", shows: "r" },
  { action: "set_value", fields: { path: [...box, "new"], value: 1 }, needs: "cx" },
  { action: "set_value", fields: { path: [...box, "new", "er"], value: 1 }, needs: "cx" },
  { action: "delete_value", fields: { path: key }, needs: "wx", shows: "r" },
  { action: "delete_tree", fields: { path: box }, needs: "dx" },
  { action: "delete_tree", fields: { path: box, nchain: 2 }, needs: "dx", shows: "r" },
  { action: "enum", fields: { path: box }, needs: "ex" },
  { action: "enumerate", fields: { path: box, with_data: true }, needs: "ex", shows: "r" },
  { action: "get_tree", fields: { path: box, nchain: 1 }, needs: "ex", shows: "r" },
  { action: "watch", fields: { path: [...box, "key"], fetch: true }, needs: "", shows: "rx" },
  { action: "watch", fields: { path: [], fetch: true, tokens: true, empty: true }, needs: "", shows: "rex" },
  { action: "check_type", fields: { path: box }, needs: "ex", shows: "r" },
  { action: "root", fields: { path: box }, needs: "x", shows: "r" },
  { action: "test_acl", fields: { path: key, mode: "r" }, needs: "" },
  { action: "msg_send", fields: { topic: ["a", "b"], data: 1 }, needs: "wx" },
  { action: "msg_monitor", fields: { topic: ["a", "b"] }, needs: "rx" },
  { action: "msg_monitor", fields: { topic: ["#"] }, needs: "" },
];

/** What anybody may ask for: it tells nothing of entries. */
const open = ["stop", "get_tock", "get_status"];

/** Logins are another matter: see the tests of those. */
const logins = ["auth", "auth_info", "auth_list", "auth_get", "auth_set", "set_auth_typ", "diffie_hellman"];

/** What is refused to whoever is bound, whatever his letters. */
const closed: Readonly<Record<string, Record<string, Value>>> = {
  get_internal: { path: ["secret"] },
  set_internal: { path: ["acl", "joe", "#"], value: "rwcdxena" },
  delete_internal: { path: ["acl", "joe"] },
  enum_internal: { path: [], empty: true },
  get_tree_internal: { path: [] },
  list_broken: {},
  explain_acl: { path: [], acl: "joe" },
  get_state: { nodes: true },
  enum_node: { node: "test1" },
  kill_node: { node: "test1" },
  forget_node: { node: "test1" },
  check_deleted: { nodes: {} },
  fake_info: {},
  fake_info_send: {},
  update: { path: ["home"], node: "test9", tick: 1, prev: null, tock: 99, value: 1 },
  save: { path: "/nowhere/x" },
  log: { path: "/nowhere/x" },
};

Deno.test("break-in: every action is tried", () => {
  const tried = new Set([...attempts.map(({ action }) => action), ...open, ...logins, ...Object.keys(closed)]);
  assertEquals([...actions.keys()].filter((action) => !tried.has(action)), []);
});

for (const { action, fields, needs, shows = "" } of attempts) {
  const what = `${action} ${JSON.stringify(fields)}`;
  Deno.test(`break-in: ${what} with every letter missing`, async () => {
    for (const missing of ["", ...aclLetters]) {
      const rule = aclLetters.filter((letter) => letter !== missing).join("");
      const { bench, client } = await house(rule);
      await using _ = bench;
      const before = bench.store.effects.length + bench.store.clock;
      const messages = await attempt(client, action, fields);
      const isNeeded = missing !== "" && needs.includes(missing);
      assertEquals(isRefused(messages), isNeeded, `${what} without '${missing}': ${JSON.stringify(messages)}`);
      if (isNeeded) assertEquals(bench.store.effects.length + bench.store.clock, before, "nothing was changed");
      const isBlind = missing !== "" && (needs + shows).includes(missing);
      if (isBlind && action !== "delete_tree") assertTrue(!reveals(messages), `${what} without '${missing}'`);
      if (missing === "r") assertTrue(!reveals(messages), `${what} without 'r': ${JSON.stringify(messages)}`);
    }
  });
}

Deno.test("break-in: with no letters, and with no ACL of that name, nothing at all is to be had", async () => {
  for (const rule of ["", undefined]) {
    for (const { action, fields, needs } of attempts) {
      const { bench, client } = await house(rule ?? "rwcdxena");
      await using _ = bench;
      if (rule === undefined) client.session.rights = bench.parts.services.meta.rights("nobody");
      const messages = await attempt(client, action, fields);
      assertTrue(!reveals(messages), `${action}: ${JSON.stringify(messages)}`);
      // Where no rule fits one may pass, so that `root` and its like succeed, and show nothing.
      if (needs !== "" && needs !== "x") assertTrue(isRefused(messages), `${action}: ${JSON.stringify(messages)}`);
    }
  }
});

Deno.test("break-in: what is for others alone is refused, whatever the letters", async () => {
  for (const [action, fields] of Object.entries(closed)) {
    const { bench, client } = await house("rwcdxena");
    await using _ = bench;
    await bench.write(":n.secret", secret);
    const clock = bench.store.clock;
    const messages = await attempt(client, action, fields);
    assertTrue(isRefused(messages), `${action}: ${JSON.stringify(messages)}`);
    assertTrue(
      messages.every(({ etype }) => etype === undefined || etype === "acl"),
      `${action}: ${JSON.stringify(messages)}`,
    );
    assertTrue(!reveals(messages) && bench.store.clock === clock, action);
  }
});

Deno.test("break-in: the status tells who is bound no more than who answers", async () => {
  const { bench, client } = await house("rwcdxena");
  await using _ = bench;
  assertEquals(Object.keys(await client.ask("get_status")).sort(), ["node", "tock"]);
});

Deno.test("break-in: guessing with prev, idem, chain or test_acl tells no value", async () => {
  const { bench, client } = await house("wx");
  await using _ = bench;
  const right = await attempt(client, "set_value", { path: key, value: 1, prev: `${secret} home.box.key` });
  const wrong = await attempt(client, "set_value", { path: key, value: 1, prev: "guess" });
  assertEquals([right[0].error, right[0].etype], [wrong[0].error, wrong[0].etype]);
  const same = await attempt(client, "set_value", { path: key, value: `${secret} home.box.key`, idem: true });
  assertTrue(!("prev" in same[0]) && !reveals(same));
});

Deno.test("break-in: messages reach and leave who is bound as his rules say, also when they change", async () => {
  await using bench = new AclBench();
  await bench.rules("joe", { "#": "" });
  const client = await bench.bound("joe");
  const other = await bench.connect();
  await bench.write(":n.acl.joe.:.moat.kv.msg.a.#", "rx");
  await bench.rules("joe", { "#": undefined });
  client.send({ action: "msg_monitor", seq: 1, topic: ["#"] });
  assertEquals((await client.pending()).length, 1);
  for (const topic of [["a", "b"], ["b"], ["a"]]) await other.ask("msg_send", { topic, data: topic.join(".") });
  assertEquals((await client.pending()).map(({ data }) => data), ["a.b"]);
  assertEquals((await attempt(client, "msg_send", { topic: ["a", "b"], data: 1 }))[0].etype, "acl");
  assertEquals((await attempt(client, "msg_monitor", { topic: ["b"] })).find(({ etype }) => etype)?.etype, "acl");
  await bench.write(":n.acl.joe.:.moat.kv.msg.a.#", "");
  await other.ask("msg_send", { topic: ["a", "b"], data: 2 });
  assertEquals(await client.pending(), []);
});

Deno.test("break-in: poison in the rules of a peer harms nobody", async () => {
  await using bench = new AclBench();
  await bench.write("home", secret);
  const poison: Value[] = [
    null,
    7,
    [],
    {},
    { acl: "r", until: null },
    "r".repeat(100_000),
    "\u0000r",
    new Ext(3, encode(1)),
    Path.of("r"),
  ];
  for (const value of poison) {
    await bench.rules("joe", { "#": value, "home": value === "r".repeat(100_000) ? "" : value });
    const client = await bench.bound("joe");
    const messages = [
      ...await attempt(client, "get_value", { path: ["home", "x"] }),
      ...await attempt(client, "watch", { path: [], fetch: true }),
    ];
    assertTrue(!reveals(messages), JSON.stringify(value).slice(0, 100));
  }
});

Deno.test("break-in: the internal tree is not even listed", async () => {
  const { bench, client } = await house("rwcdxena");
  await using _ = bench;
  for (const withData of [false, true]) {
    const [{ result }] = await attempt(client, "enum", { path: [], empty: true, with_data: withData });
    assertTrue(!JSON.stringify(result).includes("null") && JSON.stringify(result).includes("home"));
  }
  const tree = await attempt(client, "get_tree", { path: [], empty: true, tombstones: true });
  assertTrue(!JSON.stringify(tree).includes("acl") && JSON.stringify(tree).includes("home"));
});

Deno.test("break-in: the record of a conflict is no way to read what it is about", async () => {
  await using bench = new AclBench();
  await bench.rules("joe", { "": "rex", "#": "rexcwd", "safe.#": "" });
  const record = (path: Path, value: Value) => ({ path, node: "w", tick: 7, tock: 1, value });
  await bench.write(":.moat.kv.conflict.w:7", record(Path.of("safe", "key"), secret));
  await bench.write(":.moat.kv.conflict.w:8", record(Path.of("open"), "hello"));
  await bench.write(":.moat.kv.conflict.w:9", secret);
  await bench.write(":.moat.kv.conflict.w:10", record(Path.of(null, "auth", "x"), secret));
  const client = await bench.bound("joe");
  const at = [".moat", "kv", "conflict"];
  const tries: [string, Record<string, Value>][] = [
    ["get_value", { path: [...at, "w", 7] }],
    ["get_value", { path: [...at, "w", 9] }],
    ["get_value", { path: [...at, "w", 10] }],
    ["get_value", { node: "test1", tick: 4 }],
    ["get_tree", { path: [] }],
    ["enum", { path: [...at, "w"], with_data: true }],
    ["watch", { path: [...at, "w"], fetch: true }],
    ["set_value", { path: [...at, "w", 7], value: 1 }],
    ["delete_tree", { path: at, nchain: 1 }],
  ];
  for (const [action, fields] of tries) {
    const messages = await attempt(client, action, fields);
    assertTrue(!reveals(messages), `${action}: ${JSON.stringify(messages)}`);
  }
  await bench.write(":.moat.kv.conflict.w:8", record(Path.of("open"), "hello"));
  assertTrue(JSON.stringify(await attempt(client, "get_tree", { path: at })).includes("hello"));
});
