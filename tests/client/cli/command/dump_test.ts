import { assertEquals, assertIncludes, assertRejects } from "../../../support/assert.ts";
import { runCli } from "../../../support/cli_run.ts";
import { topicOf } from "../../../../client/cli/util/bus_messages.ts";
import { P } from "../../../../wire/path/template.ts";
import { register } from "../../../../client/cli/command/dump.ts";
import { KvError } from "../../../../wire/errors.ts";
import { CommandError } from "../../../../client/cli/errors.ts";
import { parseYaml as parseAll } from "../../../../client/cli/output/yaml_parse.ts";

const run = async (words: string[], more: Parameters<typeof runCli>[2] = {}) =>
  (await runCli(register, ["dump", ...words], more)).stdout;

/** The documents; the last `---` ends one and starts none. */
const parseYaml = (text: string) => parseAll(text.replace(/---\n$/, ""));

const vectors = new URL("../../../vectors/", import.meta.url).pathname;

Deno.test("dump init writes the original's bytes", async () => {
  const file = await Deno.makeTempFile();
  await run(["init", "test1", file]);
  assertEquals(await Deno.readFile(file), await Deno.readFile(`${vectors}dump-init.state`));
  await Deno.remove(file);
});

Deno.test("dump init names the file that it cannot write", async () => {
  await assertRejects(
    () => run(["init", "n", "/no/such/dir/f"]),
    CommandError,
    "Cannot write /no/such/dir/f: No such file",
  );
});

Deno.test("dump file prints every record of recorded state files", async () => {
  for (const name of ["log-dest", "log-incremental", "log-save-full", "cli-log-dest"]) {
    const lines = (await Deno.readTextFile(`${vectors}${name}.state.txt`)).trim().split("\n");
    const documents = parseYaml(await run(["file", `${vectors}${name}.state`]));
    assertEquals(documents.length, lines.length, name);
  }
});

Deno.test("dump file -p prints whole paths", async () => {
  const lines = (await Deno.readTextFile(`${vectors}log-dest.state.txt`)).trim().split("\n");
  const expected = lines.map((line) => JSON.parse(line).full_path as string | undefined);
  const documents = parseYaml(await run(["file", "-p", `${vectors}log-dest.state`]));
  assertEquals(
    documents.map(({ value }) => (value as { path?: unknown }).path?.toString()),
    expected.map((path) => path ?? undefined),
  );
});

Deno.test("dump file -f prints what is below a path", async () => {
  const text = await run(["file", "-f", "one.two", `${vectors}cli-log-dest.state`]);
  const paths = parseYaml(text).map(({ value }) => String((value as { path: unknown }).path));
  assertEquals(paths, ["one.two.three", "one.two.three.four", "one.two.three.four.five"]);
});

Deno.test("dump file reads standard input, and prints what is before the damage", async () => {
  const bytes = await Deno.readFile(`${vectors}dump-init.state`);
  assertIncludes(await run(["file", "-"], { stdin: bytes }), "value: Initial data\n---\n");
  await assertRejects(
    () => run(["file", "-"], { stdin: bytes.subarray(0, 60) }),
    CommandError,
    "cut off: 60 bytes at byte 0",
  );
  await assertRejects(() => run(["file", "/no/such/file"]), CommandError, "There is no file /no/such/file");
});

Deno.test("dump yaml writes what dump file printed", async () => {
  const file = await Deno.makeTempFile();
  const yaml = await run(["file", `${vectors}dump-init.state`]);
  await run(["yaml", file], { stdin: yaml });
  assertEquals(await run(["file", file]), yaml);
  await Deno.remove(file);
});

Deno.test("dump cfg prints the configuration", async () => {
  assertEquals(await run(["cfg", "kv.conn.host"], { config: { kv: { conn: { host: "h" } } } }), "h\n");
});

Deno.test("dump msg and post: short topics stand for the servers' own", () => {
  const root = P("moat.kv");
  const topics = Object.entries({
    ":": "moat/kv/update",
    "+sync": "moat/kv/sync",
    "+": "moat/kv/#",
    "room.hall": "room/hall",
    "+.hall": "+/hall",
    "room.#": "room/#",
    "room:1": "room/1",
  });
  for (const [text, topic] of topics) assertEquals(topicOf(text, root).join("/"), topic, text);
});

Deno.test("dump post and msg say what they lack", async () => {
  const config = { kv: { server: { backend: "none" } } };
  await assertRejects(() => run(["msg", ":"], { config }), KvError, "There is no message broker");
  await assertRejects(() => run(["post", ":"], { config, stdin: "{}" }), KvError, "There is no message broker");
});
