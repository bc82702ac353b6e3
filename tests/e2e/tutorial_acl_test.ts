/** The tutorial's "Access restrictions" and "Dynamic configuration". Case numbers: tutorial-acceptance. */

import { P } from "../../wire/path/template.ts";
import { parseYaml } from "../../client/cli/output/yaml_parse.ts";
import { openClient } from "../../client/mod.ts";
import { testLogin } from "../../client/login.ts";
import { assertEquals, assertIncludes } from "../support/assert.ts";
import { type CommandResult, runMoat } from "../support/moat_command.ts";
import type { ServerProcess } from "../support/server_process.ts";
import { Workplace } from "../support/workplace.ts";

/** A server that asks for a name, with joe, who is bound by an ACL, and root, who is not (the fixture FA). */
class Tutorial implements AsyncDisposable {
  private constructor(readonly place: Workplace, readonly server: ServerProcess) {}

  static async start(): Promise<Tutorial> {
    const place = await Workplace.make();
    const server = await place.start("-i", "Testing", "test1");
    const t = new Tutorial(place, server);
    for (const name of ["joe", "root"]) await t.moat("auth", "-m", "_test", "user", "add", `name=${name}`);
    await t.moat("auth", "-m", "_test", "init");
    return t;
  }

  moat(...words: string[]): Promise<CommandResult> {
    return runMoat(["kv", "-p", String(this.server.port), ...words], { env: this.place.env });
  }

  root(...words: string[]): Promise<CommandResult> {
    return this.moat("-a", "_test name=root", ...words);
  }

  /** joe's shell alias. */
  mkv(...words: string[]): Promise<CommandResult> {
    return this.moat("-a", "_test name=joe", ...words);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server[Symbol.asyncDispose]();
    await this.place[Symbol.asyncDispose]();
  }
}

Deno.test("A-066 … A-073: a user who may write, and not read", async () => {
  await using t = await Tutorial.start();
  const set = await t.root("acl", "set", "writeonly", "-a", "xc", "wom.#");
  assertEquals([set.code, set.stderr], [0, ""], "A-066");
  const { old, new: letters } = parseYaml(set.stdout)[0].value as { old: string; new: string };
  assertEquals([old, [...letters].sort().join("")], ["", "cx"]);
  const bound = await t.root("auth", "user", "set", "param", "joe", "acl", "writeonly");
  assertEquals([bound.code, bound.stderr], [0, ""], "A-067");
  assertEquals(
    await t.mkv("data", "wom.foo.bar", "set", "-e", ":", "42"),
    { stdout: "", stderr: "", code: 0 },
    "A-068",
  );
  const again = await t.mkv("data", "wom.foo.bar", "set", "-e", ":", "43");
  assertIncludes(again.stderr, /^ServerError: .*AclEntry.*writeonly.*wom.*#.*'w'\)?\n/, "A-069");
  assertEquals([again.stdout, again.code], ["", 1]);
  const read = await t.mkv("data", "wom.foo");
  assertIncludes(read.stderr, /^ServerError: .*AclEntry.*writeonly.*wom.*#.*'r'\)?\n/, "A-070");
  assertEquals([read.stdout, read.code], ["", 1]);
  assertEquals(await t.root("data", "wom.foo.bar"), { stdout: "42\n", stderr: "", code: 0 }, "A-071, A-069");
  const elsewhere = await t.mkv("data", "one.two.three");
  assertEquals(
    [elsewhere.stdout, elsewhere.stderr.split("\n")[0], elsewhere.code],
    ["", "ServerError: (None, 'r')", 1],
    "A-072",
  );
  for (
    const words of [
      ["type", "match", "-t", "int", "x"],
      ["internal", "dump", ":"],
      ["acl", "set", "writeonly", "-a", "rwx", "#"],
      ["auth", "user", "param", "joe", "acl", "*"],
      ["auth", "user", "list"],
      ["auth", "-m", "-", "init"],
      ["data", ":n.type.x", "set", "-v", ":", "y"],
      ["internal", "state", "-a"],
    ]
  ) {
    const { code, stdout, stderr } = await t.mkv(...words);
    assertEquals([code, stdout], [1, ""], `A-073: ${words.join(" ")}`);
    assertIncludes(stderr, /^\w*Error: /);
  }
});

Deno.test("A-118 … A-121: configuration in the tree, and who may not read it", async () => {
  await using t = await Tutorial.start();
  const options = { host: "127.0.0.1", port: t.server.port, config: { hoo: { a: 1 }, server: { port: 1 } } };
  await using client = await openClient({ ...options, auth: testLogin("root") });
  const seen: unknown[] = [];
  const three = Promise.withResolvers<void>();
  const watching = (async () => {
    for await (const value of client.config.watch("hoo")) if (seen.push(value) === 3) three.resolve();
  })();
  const mkd = async (...words: string[]) => assertEquals((await t.root("data", ...words)).code, 0);
  await mkd(":.moat.kv.config.hoo", "set", "-v", "hello", "there");
  await mkd(":.moat.kv.config.server", "set", "-e", "port", "2");
  await mkd(":.moat.kv.config.logging", "set", "-v", "level", "debug");
  await mkd(":.moat.kv.config.conn", "set", "-v", "host", "elsewhere");
  await mkd(":.moat.kv.config.hoo", "set", "-v", "hello", "world");
  await three.promise;
  assertEquals(client.config.hoo, { a: 1, hello: "world" }, "A-118");
  assertEquals(seen, [{ a: 1 }, { a: 1, hello: "there" }, { a: 1, hello: "world" }], "A-120");
  assertEquals(client.config.server, { port: 1 }, "A-121");
  assertEquals(["logging" in client.config, "conn" in client.config], [false, false], "A-121");
  await t.root("acl", "set", "guest", "-a", "rwcx", "home.#");
  await t.root("auth", "user", "param", "joe", "acl", "guest");
  await using bound = await openClient({ ...options, auth: testLogin("joe") });
  assertEquals(bound.config.hoo, { a: 1 }, "A-119");
  await bound.set(P("home.x"), 1);
  const heard = Promise.withResolvers<unknown>();
  const waiting = (async () => {
    for await (const value of bound.config.watch("hoo")) {
      if (value !== undefined && "hello" in (value as object)) heard.resolve(value);
    }
  })();
  await t.root("acl", "set", "guest", "-a", "rex", ":.moat.kv.config.#");
  await t.root("acl", "set", "guest", "-a", "ex", ":.moat.kv.config");
  assertEquals(await heard.promise, { a: 1, hello: "world" }, "who may read it later gets it then");
  await bound.close();
  await client.close();
  await Promise.all([watching, waiting]);
});

Deno.test("acl: every verb, in either spelling", async () => {
  await using t = await Tutorial.start();
  const moat = async (...words: string[]) => {
    const { stdout, stderr, code } = await runMoat(
      ["-a", "_test name=root", "--port", String(t.server.port), ...words],
      {
        env: t.place.env,
      },
    );
    assertEquals([stderr, code], ["", 0], words.join(" "));
    return stdout;
  };
  const say = async (...words: string[]) => {
    const { stdout, stderr, code } = await t.root("acl", ...words);
    assertEquals([stderr, code], ["", 0], words.join(" "));
    return stdout;
  };
  assertEquals(await t.root("acl", "list"), { stdout: "", stderr: "ServerError: KeyError(P(':n.acl'))\n", code: 1 });
  assertEquals(await say("set", "guest", "home.#"), "new: x\nold: ''\n", "+x is the default");
  assertEquals(await moat("acl", "set", "-a", "+r", "guest", "home.#"), "new: rx\nold: x\n");
  assertEquals(await say("set", "guest", "-a", "-x", "home.#"), "new: r\nold: rx\n");
  assertEquals(await say("set", "guest", "-a", "ex", "--root"), "new: xe\nold: ''\n");
  assertEquals(await say("set", "all", "-a", "rx", "-r", "#"), "new: rx\nold: ''\nnew: rx\nold: ''\n");
  assertEquals(await say("get", "all", ":"), "rx\n");
  for (const pattern of ["#", ":"]) await say("set", "all", "-a", "-", "-r", pattern);
  assertEquals(await say("set", "guest", "-a", "", "home.safe"), "new: ''\nold: ''\n");
  assertEquals(await say("list"), "- guest\n");
  assertEquals(await say("get", "guest", "home.#"), "r\n");
  assertEquals(await say("get", "guest", "home.safe"), "\n");
  assertEquals(await say("get", "guest", "nope"), "-\n");
  assertEquals(await moat("acl", "dump", "guest"), "- !P ':': xe\n- !P home.#: r\n- !P home.safe: ''\n");
  assertEquals(await say("dump", "-d", "_", "guest", "home"), "'#':\n  _: r\nsafe:\n  _: ''\n");
  assertEquals(await say("test", "-m", "r", "home.x"), "+\n");
  assertEquals(await say("test", "-m", "r", "-a", "guest", "home.x"), "+\n");
  assertEquals(await say("test", "-m", "w", "-a", "guest", "home.x"), "-\n");
  await t.root("auth", "user", "param", "joe", "acl", "guest");
  assertEquals((await t.mkv("acl", "test", "-m", "r", "home.x")).stdout, "+\n");
  await say("set", "guest", "-a", "+a", "home.#");
  assertEquals((await t.mkv("acl", "test", "-m", "r", "home.x")).stdout, "ra\n");
  assertEquals((await t.mkv("acl", "test", "-m", "w", "home.x")).stdout, "-\n");
  assertEquals(
    await say("explain", "joe", "home.x", "-m", "w"),
    "w at home.x: no\nhome.# (ra) is the most specific rule that fits, and lacks w.\njoe is bound by the ACL guest.\nGranted here: ra\n",
  );
  assertEquals(
    await say("explain", "-a", "guest", "home.safe.box"),
    "r at home.safe.box: no\nhome.safe (no letters) lacks x: nothing below it can be reached.\nGranted here: nothing\n",
  );
  assertIncludes(await say("explain", "root", "x"), "Nobody without an ACL is restricted.\nroot is bound by no ACL.");
  assertIncludes(await say("explain", "-a", "none", "x"), "There is no ACL of the name 'none'");
  assertIncludes(await say("explain", "-a", "guest", ":n.auth"), "The internal tree is closed");
  assertEquals(await say("set", "guest", "-a", "-", "home.safe"), "new: ''\nold: ''\n");
  assertEquals(await say("get", "guest", "home.safe"), "-\n");
  assertEquals(await say("set", "guest", "-a", "r", "--until", "2000-01-01", "garden.#"), "new: r\nold: ''\n");
  assertEquals(await say("test", "-m", "r", "-a", "guest", "garden.x"), "-\n", "that was long ago");
  assertEquals(await say("set", "guest", "-a", "+w", "--for", "1h", "garden.#"), "new: rw\nold: r\n");
  assertEquals(await say("test", "-m", "w", "-a", "guest", "garden.x"), "+\n");
  for (
    const [words, complaint] of [
      [["set", "guest", "-a", "rZ", "x"], /You're trying to set an unknown ACL flag: \{'Z'\}/],
      [["set", "guest", ":"], /You need a non-empty path\./],
      [["set", "guest"], /You need a non-empty path\./],
      [["test", "-m", "rw", "x"], /Mode must be one letter\./],
      [["explain", "joe"], /Name a user and a path/],
    ] as const
  ) {
    const { code, stderr } = await t.root("acl", ...words);
    assertIncludes(stderr, complaint);
    assertEquals(code, 2, words.join(" "));
  }
  const line = ["kv", "-p", String(t.server.port), "-a", "_test name=root", "acl", "get", ""];
  const completed = await runMoat(["__complete", "--", ...line], { env: t.place.env });
  assertIncludes(completed.stdout, "guest");
});

Deno.test("README: the commands of 'Who may do what'", async () => {
  const readme = await Deno.readTextFile(new URL("../../README.md", import.meta.url));
  const section = /^## Who may do what\n(.*?)^## /ms.exec(readme)![1];
  const lines = /^```sh\n(.*?)^```/ms.exec(section)![1].trim().split("\n");
  await using t = await Tutorial.start();
  await t.root("auth", "-m", "_test", "user", "add", "name=ann");
  let said = "";
  for (const line of lines) {
    const words = line.replace(/ +#.*$/, "").match(/'[^']*'|\S+/g)!.map((word) => word.replaceAll("'", "")).slice(1);
    const { stdout, stderr, code } = await t.root(...words);
    assertEquals([stderr, code], ["", 0], line);
    said = stdout;
  }
  assertIncludes(said, /^r at home\.safe\.key: no\nhome\.safe \(no letters\) lacks x/);
  const ann = (...words: string[]) => t.moat("-a", "_test name=ann", "data", ...words);
  assertEquals((await ann(":")).stdout, '"Testing"\n');
  assertIncludes((await ann("home.safe")).stderr, "'r')");
  await t.root("data", "home.door", "set", "-v", ":", "shut");
  assertEquals((await ann("home.door", "set", "-v", ":", "open")).code, 0);
});
