import { assertEquals } from "../../../support/assert.ts";
import { runCli } from "../../../support/cli_run.ts";
import { register } from "../../../../client/cli/command/log.ts";

async function requestOf(words: string[], metadata = false) {
  const seen: unknown[] = [];
  const { stdout } = await runCli(register, ["log", ...words], {
    metadata,
    server: (action, fields) => (seen.push(action, fields), { result: true }),
  });
  return [...seen, stdout];
}

Deno.test("log sends what the original sends and prints nothing", async () => {
  assertEquals(await requestOf(["dest", "/a"]), ["log", { path: "/a", fetch: true }, ""]);
  assertEquals(await requestOf(["dest", "-i", "/a"]), ["log", { path: "/a", fetch: false }, ""]);
  assertEquals(await requestOf(["save", "/a"]), ["save", { path: "/a", full: false }, ""]);
  assertEquals(await requestOf(["save", "-f", "/a"]), ["save", { path: "/a", full: true }, ""]);
  assertEquals(await requestOf(["stop"]), ["log", { path: null }, ""]);
});

Deno.test("log prints the reply with -m", async () => {
  assertEquals((await requestOf(["stop"], true)).at(-1), "result: true\n");
});
