import { loadConfig } from "../../../client/cli/config.ts";
import { searchPath } from "../../../client/cli/config_file.ts";
import { attributeOverrides, confOverride } from "../../../client/cli/config_override.ts";
import { CommandError, UsageError } from "../../../client/cli/errors.ts";
import { Path } from "../../../wire/path/path.ts";
import { P } from "../../../wire/path/template.ts";
import { assertEquals, assertIncludes, assertRejects, assertTrue } from "../../support/assert.ts";

interface Given {
  readonly files?: Readonly<Record<string, string>>;
  readonly cfg?: readonly string[];
  readonly top?: readonly string[];
  readonly kv?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly warnings?: string[];
}

function load({ files = {}, cfg = [], top = [], kv = [], env = {}, warnings = [] }: Given) {
  const overrides = [...top.map((text) => confOverride(text, false)), ...kv.map((text) => confOverride(text, true))];
  return loadConfig(cfg, overrides, {
    read: (file) => Promise.resolve(files[file]),
    env: (name) => env[name],
    warn: (text) => warnings.push(text),
  });
}

Deno.test("config has the original's defaults", async () => {
  const config = await load({});
  assertEquals(config.get("kv.conn.host"), "localhost");
  assertEquals(config.number("kv.conn.port"), 27586);
  assertEquals(config.path("kv.codes.prefix"), P(":.moat.kv.code.proc"));
  assertEquals(config.path("kv.server.root"), P("moat.kv"));
  assertEquals(config.text("kv.server.mqtt.uri"), "mqtt://localhost:1883");
  assertEquals([config.isGiven("kv.conn.port"), config.files], [false, []]);
  assertEquals(config.get("kv.nope.nope"), undefined);
});

Deno.test("config takes the first file that is found", async () => {
  const files = { "/h/.config/moat.cfg": "kv: {conn: {host: one}}", "/etc/moat.cfg": "kv: {conn: {host: two}}" };
  const config = await load({ files, env: { HOME: "/h" } });
  assertEquals([config.get("kv.conn.host"), config.get("kv.conn.port")], ["one", 27586]);
  assertEquals([config.files, config.isGiven("kv.conn.host")], [["/h/.config/moat.cfg"], true]);
});

Deno.test("config looks where the original looks", () => {
  const at = (env: Record<string, string>) => searchPath((name) => env[name]);
  assertEquals(at({ HOME: "/h" }), [
    "/h/config/moat.cfg",
    "/h/.config/moat.cfg",
    "/h/.moat.cfg",
    "/etc/moat/moat.cfg",
    "/etc/moat.cfg",
  ]);
  assertEquals([at({ HOME: "/h", MOAT_CFG: "/x" }), at({ MOAT_CFG: "" })], [["/x"], []]);
});

Deno.test("config merges several named files, the last one wins", async () => {
  const files = {
    "a.cfg": "kv:\n  conn: {host: one, port: 1}\n  hostmap: {x: [h, 1]}\n",
    "b.cfg": "kv:\n  conn: {port: 2}\nother: {x: 1}\n",
    "/etc/moat.cfg": "kv: {conn: {host: never}}",
  };
  const config = await load({ files, cfg: ["a.cfg", "b.cfg"] });
  assertEquals(config.get("kv.conn"), {
    host: "one",
    port: 2,
    ssl: false,
    init_timeout: 5,
    auth: null,
    name: null,
  });
  assertEquals([config.get("other.x"), config.get("kv.hostmap.x"), config.files], [1, ["h", 1], ["a.cfg", "b.cfg"]]);
});

Deno.test("config: nothing in a file leaves the default; connect is conn", async () => {
  const config = await load({
    cfg: ["a"],
    files: { a: "kv:\n  conn:\n  server: {root: !P x.y, bind: }\n  connect: {host: h}\n" },
  });
  assertEquals([config.get("kv.conn.port"), config.get("kv.conn.host"), config.path("kv.server.root")], [
    27586,
    "h",
    P("x.y"),
  ]);
});

Deno.test("config: an empty file and one of comments are fine", async () => {
  for (const text of ["", "\n", "# nothing\n\n  # more"]) {
    assertEquals((await load({ cfg: ["a"], files: { a: text } })).get("kv.conn.port"), 27586);
  }
});

const wrong: readonly (readonly [text: string, message: string | RegExp])[] = [
  ["kv: [1", /^a:1:7: /],
  ["kv:\n  conn:\n    port: abc\n", "a:3: kv.conn.port should be a number"],
  ["kv:\n  conn: localhost\n", "a:2: kv.conn should be a mapping"],
  ["kv:\n  conn: {host: 5}\n", "a:2: kv.conn.host should be a text"],
  ["- 1", "a:1: a mapping such as 'kv:' is expected"],
  ["kv: !foo x", "a:1:10: The tag !foo is unknown"],
  ["kv: {}\nkv: {}", "a:2:1: The key kv is there twice"],
  ["kv: {}\n---\nkv: {}", "a: more than one document"],
];

for (const [text, message] of wrong) {
  Deno.test(`config: ${JSON.stringify(text)} is refused`, async () => {
    const error = await assertRejects(() => load({ cfg: ["a"], files: { a: text } }), CommandError, message);
    assertEquals(error.status, 2);
  });
}

Deno.test("config: a named file that is not there is a usage error", async () => {
  await assertRejects(() => load({ cfg: ["nope"] }), UsageError, "File 'nope' does not exist.");
});

Deno.test("config warns of keys that look like mistakes", async () => {
  const warnings: string[] = [];
  await load({ cfg: ["a"], files: { a: "kv:\n  conn: {hots: x}\n  mine: {x: 1}\nmqtt: {}\n" }, warnings });
  assertEquals(warnings, ["a:2: kv.conn.hots is unknown. Did you mean 'host'?"]);
});

Deno.test("-C sets places at both levels", async () => {
  const at = async (given: Given, place: string) => (await load(given)).get(place);
  assertEquals(await at({ top: ["kv.conn.port=5"] }, "kv.conn.port"), 5);
  assertEquals(await at({ kv: ["kv.conn.port=5"] }, "kv.conn.port"), 5);
  assertEquals(await at({ kv: ["conn.port=5"] }, "kv.conn.port"), 5);
  assertEquals(await at({ top: ["server.mqtt.uri=mqtt://h:1883"] }, "kv.server.mqtt.uri"), "mqtt://h:1883");
  assertEquals(await at({ kv: ["server.mqtt.uri=mqtt://h:1883"] }, "kv.server.mqtt.uri"), "mqtt://h:1883");
  assertEquals(await at({ kv: ["connect.auth=_test name=joe"] }, "kv.conn.auth"), "_test name=joe");
  assertEquals(await at({ top: ["mine.x=1"] }, "mine.x"), 1);
  assertEquals(await at({ kv: ["mine.x=1"] }, "kv.mine.x"), 1);
});

Deno.test("-C takes a literal if it is one, else a text; without = the place is removed", async () => {
  const at = async (text: string) => (await load({ kv: [text] })).get("x");
  const value = async (text: string) => (await load({ kv: [`x=${text}`] })).get("kv.x");
  assertEquals(await Promise.all(["1", "True", "'a'", "[1,2]", "a=b", "", "true"].map(value)), [
    1,
    true,
    "a",
    [1, 2],
    "a=b",
    "",
    "true",
  ]);
  assertEquals(await at("conn.name"), undefined);
  const config = await load({ kv: ["server.mqtt"] });
  assertEquals([config.get("kv.server.mqtt"), config.get("kv.server.backend")], [undefined, "mqtt"]);
});

Deno.test("-C of the wrong kind is refused", async () => {
  const error = await assertRejects(() => load({ kv: ["conn.port=abc"] }), CommandError);
  assertEquals([error.message, error.status], ["Error: kv.conn.port should be a number", 2]);
});

Deno.test("-v, -e, -p set places, too", () => {
  const overrides = attributeOverrides({
    var: [["kv.conn.host", "h"]],
    eval: [["kv.conn.port", "5"], ["kv.conn.auth", "-"]],
    path: [["server.root", "a.b"]],
  });
  assertEquals(overrides, [
    { path: P("kv.conn.host"), value: "h" },
    { path: P("kv.conn.port"), value: 5 },
    { path: P("kv.conn.auth"), value: undefined },
    { path: P("kv.server.root"), value: P("a.b") },
  ]);
});

Deno.test("config accessors convert, and name the place of what they cannot use", async () => {
  const config = await load({ kv: ["conn.port='99'", "a='x'", "b=1", "c=[1]", "d='a.b'"] });
  assertEquals([config.number("kv.conn.port"), config.text("kv.a"), config.path("kv.d")], [99, "x", P("a.b")]);
  assertEquals([config.text("kv.no", "f"), config.number("kv.no", 1), config.path("kv.no", Path.root)], [
    "f",
    1,
    Path.root,
  ]);
  for (const read of [() => config.text("kv.b"), () => config.number("kv.a"), () => config.path("kv.c")]) {
    const error = await assertRejects(() => Promise.resolve().then(() => void read()), CommandError);
    assertIncludes(error.message, /^Error: kv\.[abc] should be a (text|number|path)$/);
  }
  assertTrue(config.isGiven("kv.a") && !config.isGiven("kv.conn.host"));
});
