/**
 * Tries to get beyond what an ACL grants: every action with every letter missing, the rules against a brute-force model, and
 * paths that nobody would write by accident.
 */

import fc from "fast-check";
import { actions } from "../../server/action/table.ts";
import { type AclLetter, aclLetters } from "../../server/meta/acl/letters.ts";
import { encode } from "../../wire/msgpack/encoder.ts";
import { Path, type PathElement } from "../../wire/path/path.ts";
import { Ext, type Value } from "../../wire/value.ts";
import { AclBench } from "../server/action/acl_bench.ts";
import type { Message, TestClient } from "../server/session/bench.ts";
import { assertEquals, assertTrue } from "../support/assert.ts";
import { bestPattern } from "../support/wildcard_oracle.ts";

/** What must never be seen by who may not. */
const secret = "HUSH";

/** Everything there is, `home.box.key` and `home.box.lid` below a few parents; values are secrets. */
async function house(rule: string): Promise<{ bench: AclBench; client: TestClient }> {
  const bench = new AclBench();
  for (const path of ["home", "home.box", "home.box.key", "home.box.lid"]) await bench.write(path, `${secret} ${path}`);
  await bench.rules("joe", { "": rule, "#": rule });
  return { bench, client: await bench.bound("joe") };
}

let seq = 1000;

/** Sends a request, and gathers what comes of it; a watch or monitor is left running. */
async function attempt(client: TestClient, action: string, fields: Record<string, Value>): Promise<Message[]> {
  client.send({ action, seq: ++seq, ...fields });
  return await client.pending();
}

const isRefused = (messages: Message[]) => messages.some(({ error }) => error !== undefined);
const reveals = (messages: unknown) => JSON.stringify(messages).includes(secret);

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

const tricks: readonly (readonly [what: string, path: Value])[] = [
  ["null in front", [null]],
  ["null in front of a branch", [null, "acl", "joe", "#"]],
  ["null as a Path", Path.of(null, "secret")],
  ["null in the middle", ["home", null, "box"]],
  ["null at the end", ["home", "box", null]],
  ["nulls", [null, null, null]],
  ["a tuple around null", [[null], "secret"]],
  ["a tuple around it all", [[null, "secret"]]],
  ["nested tuples", [[["home"], ["box"]], [["key"]]]],
  ["a deeply nested tuple", [Array.from({ length: 40 }).reduce<Value>((inner) => [inner], "home")]],
  ["the wildcards as names", ["#", "+", "#"]],
  ["an empty name", ["", "home", ""]],
  ["a name with a dot", ["home.box", "key"]],
  ["the text null", ["null", "secret"]],
  ["numbers for names", [0, -1, 1.5]],
  ["booleans", [true, false]],
  ["bytes that spell a name", [new Uint8Array([104, 111, 109, 101]), "box"]],
  ["a long path", Array.from({ length: 256 }, () => "home")],
  ["a longer path", Array.from({ length: 257 }, () => "home")],
  ["a huge name", ["h".repeat(20_000)]],
  ["prototypes", ["__proto__", "constructor", "toString"]],
  ["an extension", [new Ext(99, new Uint8Array([1])), "home"]],
  ["a map", [{ home: 1 }, "box"]],
  ["no path", "home"],
  ["another no path", 7],
];

Deno.test("break-in: path tricks open nothing, change nothing, and break nothing", async () => {
  for (const [what, path] of tricks) {
    const { bench, client } = await house("");
    await using _ = bench;
    await bench.rules("joe", { "": "x", "#": "", "open.#": "rwcdxena", "open": "rwcdxena" });
    await bench.write(":n.secret", secret);
    const clock = bench.store.clock;
    for (const action of ["get_value", "enum", "get_tree", "set_value", "delete_value", "delete_tree", "root"]) {
      const messages = await attempt(client, action, { path, ...(action === "set_value" && { value: 1 }) });
      assertTrue(isRefused(messages), `${what}: ${action} ${JSON.stringify(messages)}`);
      assertTrue(!reveals(messages), `${what}: ${action} ${JSON.stringify(messages)}`);
    }
    for (const action of ["get_internal", "get_tree_internal", "enum_internal", "set_internal"]) {
      const messages = await attempt(client, action, { path, value: 1 });
      assertTrue(isRefused(messages) && !reveals(messages), `${what}: ${action}`);
    }
    assertTrue(!reveals(await attempt(client, "watch", { path, fetch: true, empty: true })), `${what}: watch`);
    assertEquals(bench.store.clock, clock, what);
    assertEquals((await attempt(client, "get_value", { path: ["open"] }))[0].error, undefined, "the connection lives");
  }
});

Deno.test("break-in: a new root is no way around the rules, nor out", async () => {
  const { bench, client } = await house("");
  await using _ = bench;
  await bench.rules("joe", { "": "x", "#": "", "home": "x", "home.box": "rx", "home.box.key": "r" });
  assertEquals(isRefused(await attempt(client, "root", { path: ["home", "box", "lid"] })), true);
  assertEquals(isRefused(await attempt(client, "root", { path: [null] })), true);
  assertEquals((await attempt(client, "root", { path: box }))[0].value, `${secret} home.box`, "this he may read");
  assertEquals((await attempt(client, "get_value", { path: ["key"] }))[0].value, `${secret} home.box.key`);
  for (const path of [["lid"], [null, "acl"], ["home", "box", "lid"]]) {
    assertTrue(!reveals(await attempt(client, "get_value", { path })));
  }
  const byTick = [1, 2, 3, 4].map((tick) => attempt(client, "get_value", { node: "test1", tick }));
  const found = (await Promise.all(byTick)).flat().filter(({ value }) => value !== undefined);
  assertEquals(found.map(({ value }) => value).sort(), [`${secret} home.box`, `${secret} home.box.key`]);
});

Deno.test("break-in: a watch on what is not there does not make it be there", async () => {
  const { bench, client } = await house("");
  await using _ = bench;
  await bench.rules("joe", { "": "x", "#": "", "home": "x", "home.new": "rwc" });
  client.send({ action: "watch", seq: 1, path: ["home", "new"] });
  await client.pending();
  const messages = await attempt(client, "set_value", { path: ["home", "new"], value: 1 });
  assertEquals(messages[0].error, "(<AclEntry:[None, 'acl', 'joe', 'home'] ='x'>, 'n')");
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

// ---- The rules against a model.

interface RandomHouse {
  readonly rules: readonly (readonly [pattern: readonly PathElement[], letters: string])[];
  readonly paths: readonly (readonly PathElement[])[];
  readonly at: readonly PathElement[];
}

const name = fc.constantFrom("a", "b", "c");
const patternElement = fc.constantFrom("a", "b", "c", "+", "#");
const letters = fc.subarray([..."rrexwd"]).map((chosen) => chosen.join(""));
const randomHouse: fc.Arbitrary<RandomHouse> = fc.record({
  rules: fc.array(fc.tuple(fc.array(patternElement, { maxLength: 4 }), letters), { maxLength: 10 }),
  paths: fc.array(fc.array(name, { maxLength: 4 }), { minLength: 1, maxLength: 12 }),
  at: fc.array(name, { maxLength: 2 }),
});

/** What the specification says, without a thought for speed. */
class Model {
  readonly #letters = new Map<string, string>();
  readonly #patterns: (readonly PathElement[])[];

  constructor(rules: RandomHouse["rules"]) {
    for (const [pattern, text] of rules) this.#letters.set(pattern.join("."), text);
    this.#patterns = rules.map(([pattern]) => pattern);
  }

  #at(path: readonly PathElement[]): string {
    const best = bestPattern(this.#patterns as never, path as never);
    return best === undefined ? "xn" : this.#letters.get(best.join("."))!;
  }

  may(letter: AclLetter, path: readonly PathElement[]): boolean {
    return this.#at(path).includes(letter) && path.every((_, i) => this.#at(path.slice(0, i)).includes("x"));
  }

  /** Whether what is listed from `start` comes to this path. */
  lists(start: readonly PathElement[], path: readonly PathElement[]): boolean {
    for (let i = start.length; i < path.length; i++) if (!this.may("e", path.slice(0, i))) return false;
    return true;
  }
}

const textOf = (path: readonly PathElement[]) => path.length === 0 ? ":" : path.join(".");

Deno.test("break-in: for any rules and trees, what is shown is what the specification says", async () => {
  let shown = 0;
  let hidden = 0;
  await fc.assert(
    fc.asyncProperty(randomHouse, async ({ rules, paths, at }) => {
      await using bench = new AclBench();
      for (const path of paths) await bench.write(textOf(path), `=${textOf(path)}=`);
      for (const [pattern, text] of rules) {
        await bench.write(`:n.acl.joe${pattern.map((each) => `.${each}`).join("")}`, text);
      }
      const model = new Model(rules);
      const client = await bench.bound("joe");
      const all = [...new Map(paths.map((path) => [textOf(path), path])).values()];
      for (const path of all) {
        const [reply] = await attempt(client, "get_value", { path: [...path] });
        assertEquals(reply.value, model.may("r", path) ? `=${textOf(path)}=` : undefined, textOf(path));
        if (model.may("r", path)) shown++;
        else hidden++;
      }
      const inside = all.filter((path) => at.every((element, i) => path[i] === element) && path.length >= at.length);
      const visible = inside.filter((path) => model.may("r", path) && model.lists(at, path)).map((path) =>
        `=${textOf(path)}=`
      );
      const tree = await attempt(client, "get_tree", { path: [...at] });
      const values = (messages: Message[]) =>
        messages.map(({ value }) => value).filter((value) => value !== undefined).sort();
      assertEquals(values(tree), model.may("e", at) && inside.length > 0 ? visible.sort() : []);
      const watched = await attempt(client, "watch", { path: [...at], fetch: true });
      assertEquals(values(watched), visible);
      for (const path of all) await bench.write(textOf(path), `=${textOf(path)}=`);
      assertEquals(values(await client.pending()), visible, "what changes");
      const children = await attempt(client, "enum", { path: [...at], with_data: true });
      const own = inside.filter((path) => path.length === at.length + 1 && model.may("r", path));
      const expected = model.may("e", at) && bench.store.find(at as never, at.length) !== undefined
        ? own.map((path) => path.at(-1)).sort()
        : [];
      assertEquals(Object.keys(children[0].result ?? {}).sort(), expected);
    }),
    { numRuns: 400 },
  );
  assertTrue(shown > 100 && hidden > 100, `${shown} shown, ${hidden} hidden`);
});

Deno.test("break-in: when rules change, a running watch ends up with what a new one would get", async () => {
  await fc.assert(
    fc.asyncProperty(
      randomHouse,
      fc.array(fc.tuple(fc.array(patternElement, { maxLength: 3 }), letters), { maxLength: 4 }),
      async ({ rules, paths, at }, changes) => {
        await using bench = new AclBench();
        for (const path of paths) await bench.write(textOf(path), `=${textOf(path)}=`);
        const put = (pattern: readonly PathElement[], text: string) =>
          bench.write(`:n.acl.joe${pattern.map((each) => `.${each}`).join("")}`, text);
        for (const [pattern, text] of rules) await put(pattern, text);
        const client = await bench.bound("joe");
        const seen = new Set<Value>(
          (await attempt(client, "watch", { path: [...at], fetch: true })).map(({ value }) => value),
        );
        for (const [pattern, text] of changes) {
          await put(pattern, text);
          for (const { value } of await client.pending()) seen.add(value);
          const fresh = await attempt(await bench.bound("joe"), "watch", { path: [...at], fetch: true });
          for (const { value } of fresh) assertTrue(value === undefined || seen.has(value), `${value} was not sent`);
          // And nothing comes of what must not be seen any more.
          const now = new Set(fresh.map(({ value }) => value));
          for (const path of paths) await bench.write(textOf(path), `=${textOf(path)}=`);
          for (const { value } of await client.pending()) assertTrue(now.has(value), `${value} was sent`);
        }
      },
    ),
    { numRuns: 150 },
  );
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
