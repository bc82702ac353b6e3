/** The tutorial's "Manual state save+restore". Case numbers: tutorial-acceptance. */

import { decode } from "../../wire/msgpack/decoder.ts";
import { MessageReader } from "../../wire/msgpack/chunks.ts";
import { Path } from "../../wire/path/path.ts";
import { assertEquals, assertIncludes } from "../support/assert.ts";
import { type Message, RawConnection } from "../support/raw_connection.ts";
import { moat, ServerProcess } from "../support/server_process.ts";
import { isInstalled } from "../support/shell.ts";
import { Workplace } from "../support/workplace.ts";

const tree = `two:
  three:
    _: 123
    four:
      _: 1234
      five:
        _:
          one: 1
          two: 2
`;

/** Writes what the tutorial has written so far. */
async function writeTutorialData(place: Workplace, server: ServerProcess): Promise<void> {
  for (
    const words of [
      ["one.two.three", "set", "-e", ":", "123"],
      ["one.two.three.four", "set", "-e", ":", "1234"],
      ["one.two.three.four.five", "set", "-e", "one", "1", "-e", "two", "2"],
    ]
  ) {
    assertEquals(await place.kv(server, "data", ...words), { stdout: "", stderr: "", code: 0 });
  }
}

async function recordsOf(file: string): Promise<Message[]> {
  const reader = new MessageReader();
  reader.push(await Deno.readFile(file));
  const records: Message[] = [];
  while (reader.next()) records.push(decode(reader.bytes, reader.start, reader.end) as Message);
  assertEquals(reader.pendingBytes, 0, `${file} ends within a record`);
  return records;
}

Deno.test("A-043, A-045: log dest writes the state, appends changes, and a server starts from it", async () => {
  await using place = await Workplace.make();
  const file = `${place.directory}/20240131.state`;
  {
    await using server = await place.start("-i", "Testing", "test1");
    await writeTutorialData(place, server);
    assertEquals(await place.kv(server, "log", "dest", file), { stdout: "", stderr: "", code: 0 });
    const before = (await recordsOf(file)).length;
    await place.kv(server, "data", "later", "set", "-e", ":", "1");
    await place.kv(server, "data", "gone", "set", "-e", ":", "1");
    await place.kv(server, "data", "gone", "delete");
    assertEquals((await server.stop()).code, 0);
    const added = (await recordsOf(file)).slice(before).filter((record) => record.path !== undefined);
    assertEquals(added.map((record) => "value" in record), [true, true, false]);
  }
  await using server = await place.start("--data", `${place.directory}/other`, "-l", file, "test1");
  assertEquals((await place.kv(server, "data", ":")).stdout, '"Testing"\n');
  assertEquals((await place.kv(server, "data", "one", "get", "-rd_")).stdout, tree);
  assertEquals((await place.kv(server, "data", "later")).stdout, "1\n");
  assertEquals((await place.kv(server, "data", "gone")).stderr, "No data at gone\n");
});

Deno.test("A-043: a path that cannot be written is an error of the server", async () => {
  await using place = await Workplace.make();
  await using server = await place.start("-i", "Testing", "--memory", "test1");
  const { stdout, stderr, code } = await place.kv(server, "log", "dest", "/no/such/directory/x.state");
  assertEquals([stdout, code], ["", 1]);
  assertIncludes(stderr, /^ServerError: FileNotFoundError\(/);
});

Deno.test("log dest and save do not overwrite what is no state file", async () => {
  await using place = await Workplace.make();
  await using server = await place.start("-i", "Testing", "--memory", "test1");
  const file = `${place.directory}/letter.txt`;
  await Deno.writeTextFile(file, "Dear reader");
  for (const words of [["log", "dest"], ["log", "save"]]) {
    assertEquals((await place.kv(server, ...words, file)).code, 1);
    assertEquals(await Deno.readTextFile(file), "Dear reader");
  }
});

Deno.test("A-044: log save writes once, without internal entries unless -f", async () => {
  await using place = await Workplace.make();
  await using server = await place.start("-i", "Testing", "--memory", "test1");
  await writeTutorialData(place, server);
  const [plain, full] = [`${place.directory}/plain.state`, `${place.directory}/full.state`];
  assertEquals(await place.kv(server, "log", "save", plain), { stdout: "", stderr: "", code: 0 });
  assertEquals(await place.kv(server, "log", "save", "-f", full), { stdout: "", stderr: "", code: 0 });
  await place.kv(server, "data", "later", "set", "-e", ":", "1");
  const { stdout } = await place.moat("dump", "file", "-p", plain);
  assertIncludes(stdout, "path: !P one.two.three.four.five\n");
  assertEquals(stdout.includes("later"), false);
  assertEquals((await place.moat("dump", "file", full)).code, 0);
});

Deno.test("A-044, A-046: incremental files have neither gaps nor duplicates, and load through a pipe", async () => {
  if (!await isInstalled("bash")) return;
  await using place = await Workplace.make();
  const names = Array.from({ length: 6 }, (_, i) => `${place.directory}/${i}.state`);
  const writes = 300;
  {
    await using server = await place.start("-i", "Testing", "test1");
    using control = await RawConnection.open(server.port);
    using writer = await RawConnection.open(server.port);
    await Promise.all([control.receive(), writer.receive()]);
    let seq = 0;
    for (const [i, path] of names.entries()) {
      // The writes are under way while the log changes.
      const load = Array.from({ length: writes / names.length }, (): Message => {
        seq++;
        const where = Path.of("load", seq % 7);
        return seq % 5 === 0
          ? { seq, action: "delete_value", path: where }
          : { seq, action: "set_value", path: where, value: seq };
      });
      const [reply] = await Promise.all([
        control.send([{ seq: i + 1, action: "log", path, fetch: i === 0 }]).then(() => control.receive()),
        writer.send(load).then(async () => {
          for (const _ of load) assertEquals((await writer.receive())?.error, undefined);
        }),
      ]);
      assertEquals(reply?.result, true, JSON.stringify(reply));
    }
    control.send([{ seq: 99, action: "log", path: null }]);
    assertEquals((await control.receive())?.result, true);

    const changes = (await Promise.all(names.map(recordsOf))).flat().filter((record) => record.tick && record.path);
    const ticks = changes.map((record) => record.tick as number);
    assertEquals(ticks.at(-1), writes + 1, "the root value has tick 1");
    const wrong = ticks.findIndex((tick, i) => tick !== ticks[0] + i);
    assertEquals(wrong, -1, `after ${ticks.slice(wrong - 3, wrong)} comes ${ticks.slice(wrong, wrong + 3)}`);
  }
  const expected = lastValues(writes);
  const words = [...moat, ...place.globals, "server", "--bind", "127.0.0.1:0", "--web", "none", "--memory"];
  const command = `exec ${words.map((word) => `'${word}'`).join(" ")} -l <(cat ${place.directory}/*.state) test1`;
  await using server = ServerProcess.spawn({ command: ["bash", "-c", command], env: place.env });
  await server.running();
  using connection = await RawConnection.open(server.port);
  await connection.receive();
  for (const [key, value] of expected) {
    await connection.send([{ seq: key + 1, action: "get_value", path: Path.of("load", key) }]);
    assertEquals((await connection.receive())?.value, value, `load:${key}`);
  }
  assertEquals((await place.kv(server, "data", ":")).stdout, '"Testing"\n');
});

/** What the load above leaves at each key. */
function lastValues(writes: number): Map<number, number | undefined> {
  const values = new Map<number, number | undefined>();
  for (let seq = 1; seq <= writes; seq++) values.set(seq % 7, seq % 5 === 0 ? undefined : seq);
  return values;
}

Deno.test("log stop ends the file", async () => {
  await using place = await Workplace.make();
  await using server = await place.start("-i", "Testing", "--memory", "test1");
  const file = `${place.directory}/x.state`;
  await place.kv(server, "log", "dest", file);
  assertEquals(await place.kv(server, "log", "stop"), { stdout: "", stderr: "", code: 0 });
  const size = (await Deno.stat(file)).size;
  await place.kv(server, "data", "later", "set", "-e", ":", "1");
  assertEquals((await Deno.stat(file)).size, size);
});

Deno.test("server -s logs from the start, with --incremental without the state", async () => {
  for (const [words, first] of [[[], true], [["--incremental"], false]] as const) {
    await using place = await Workplace.make();
    const file = `${place.directory}/x.state`;
    await using server = await place.start("-i", "Testing", "--memory", "-s", file, ...words, "test1");
    await place.kv(server, "data", "later", "set", "-e", ":", "1");
    assertEquals((await server.stop()).code, 0);
    const values = (await recordsOf(file)).filter((record) => "value" in record).map((record) => record.value);
    assertEquals(values, first ? ["Testing", 1] : [1]);
  }
});

Deno.test("dump init makes a file to start from", async () => {
  await using place = await Workplace.make();
  const file = `${place.directory}/init.state`;
  assertEquals(await place.moat("dump", "init", "test1", file), { stdout: "", stderr: "", code: 0 });
  await using server = await place.start("-a", "-l", file, "test1");
  assertEquals((await place.kv(server, "data", ":")).stdout, '"Initial data"\n');
});

Deno.test("the original's state files load and show their tree", async () => {
  await using place = await Workplace.make();
  const vectors = new URL("../vectors/", import.meta.url).pathname;
  for (const name of ["cli-log-dest", "log-dest", "log-save-full"]) {
    await using server = await place.start("--memory", "-l", `${vectors}${name}.state`, "test1");
    using connection = await RawConnection.open(server.port);
    await connection.receive();
    for (const [path, record] of finalRecords(await Deno.readTextFile(`${vectors}${name}.state.txt`))) {
      await connection.send([{ seq: 1, action: "get_value", path: Path.from(record.elements) }]);
      const reply = await connection.receive();
      assertEquals(reply !== undefined && "value" in reply, record.isPresent, `${name} ${path}`);
    }
  }
});

/** Which entries the file leaves with a value; those with plain paths are enough. */
function finalRecords(text: string): Map<string, { elements: string[]; isPresent: boolean }> {
  const records = new Map<string, { elements: string[]; isPresent: boolean }>();
  for (const line of text.trim().split("\n")) {
    const { msg, full_path: path } = JSON.parse(line) as { msg: Record<string, unknown>; full_path?: string };
    if (path === undefined || !/^[a-z.]+$/.test(path)) continue;
    records.set(path, { elements: path.split("."), isPresent: "value" in msg });
  }
  return records;
}
