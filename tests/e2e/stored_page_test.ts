/** README's "What a value may be", command by command. */

import { assertEquals, assertIncludes } from "../support/assert.ts";
import { run } from "../support/moat_command.ts";
import { moat } from "../support/server_process.ts";
import { Workplace } from "../support/workplace.ts";

const readme = await Deno.readTextFile(new URL("../../README.md", import.meta.url));
const section = /^## What a value may be\n(.*?)^## /ms.exec(readme)![1];
const [types, codecs] = [...section.matchAll(/^```sh\n(.*?)^```/gms)].map(([, text]) => text);

Deno.test("README: there is one page on what a value may be", () => {
  assertEquals(readme.match(/^## What a value may be$/gm)?.length, 1);
});

Deno.test("README: types and codecs as the page has them", async () => {
  await using place = await Workplace.make();
  await using server = await place.start("-i", "Testing", "test1");
  const shell = (lines: string) => {
    const script = `moat() { ${
      moat.map((word) => `'${word}'`).join(" ")
    } -C kv.conn.port=${server.port} "$@"; }\n${lines}`;
    return run(["bash", "-c", script], { env: place.env, cwd: place.directory });
  };
  await place.kv(server, "auth", "-m", "_test", "user", "add", "name=joe");
  await place.kv(server, "data", "stats.old.quota", "set", "-v", ":", "none");
  const typed = await shell(types);
  assertIncludes(typed.stdout, "stats.old.quota: ValueError(");
  assertEquals(typed.stderr, "1 entries checked, 1 rejected\nServerError: RangeError('too much')\n");
  const written = await Deno.readTextFile(`${place.directory}/stats_types.ts`);
  assertIncludes(written, "export type IntPercent = number;");

  const converted = await shell(codecs.replace("moat auth user", "moat auth -m _test user"));
  assertEquals([converted.stderr, converted.code], ["", 0]);
  await place.kv(server, "auth", "-m", "_test", "init");
  const joe = (...words: string[]) => place.kv(server, "-a", "_test name=joe", "data", ...words);
  await joe("monitor.hall.value", "set", "-v", ":", "99.5");
  assertEquals((await joe("monitor.hall.value")).stdout, '"99.5"\n');
  await place.kv(server, "-a", "_test name=joe", "auth", "-m", "-", "init");
  assertEquals((await place.kv(server, "data", "monitor.hall.value")).stdout, "99.5\n");
});
