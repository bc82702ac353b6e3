import { assertEquals, assertIncludes } from "../../support/assert.ts";
import { runMain } from "../../support/main_run.ts";

const commands = [
  [],
  ["kv"],
  ["data"],
  ["data", "x", "get"],
  ["data", "x", "list"],
  ["data", "x", "set"],
  ["data", "x", "delete"],
  ["data", "x", "monitor"],
  ["data", "x", "update"],
  ["internal"],
  ["internal", "dump"],
  ["internal", "state"],
  ["internal", "mark"],
  ["internal", "deleter"],
  ["internal", "get"],
  ["internal", "enum"],
  ["internal", "kill"],
  ["internal", "forget"],
  ["status"],
  ["conflict"],
  ["conflict", "ls"],
  ["conflict", "show"],
  ["conflict", "take"],
  ["conflict", "drop"],
  ["conflict", "policy"],
  ["auth"],
  ["auth", "list"],
  ["auth", "init"],
  ["auth", "compatible"],
  ["auth", "user"],
  ["auth", "user", "list"],
  ["auth", "user", "add"],
  ["auth", "user", "modify"],
  ["auth", "user", "param"],
  ["auth", "user", "get"],
  ["auth", "user", "delete"],
  ["auth", "user", "auth"],
  ["auth", "token"],
  ["auth", "token", "add"],
  ["auth", "token", "list"],
  ["auth", "token", "revoke"],
  ["log"],
  ["dump"],
  ["server"],
  ["util"],
  ["completion"],
];

for (const words of commands) {
  Deno.test(`help of 'moat ${words.join(" ")}' needs no server and shows examples`, async () => {
    for (const prefix of words[0] === "kv" || words.length === 0 ? [[]] : [[], ["kv"]]) {
      const { status, stdout, stderr, sent } = await runMain([...prefix, ...words, "--help"]);
      assertEquals([status, stderr, sent], [0, "", []]);
      assertIncludes(stdout, /^Usage: moat/);
      assertIncludes(stdout, "\nExamples:\n");
    }
  });
}
