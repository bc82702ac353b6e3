/** The original's own command line is bound by the ACLs of our server. */

import { assertEquals, assertIncludes } from "../support/assert.ts";
import { CommandLines, isOriginalMissing as ignore } from "../support/command_lines.ts";

const joe = ["-a", "_test name=joe"];
const root = ["-a", "_test name=root"];

/** Who is who, and what joe may do. */
async function houseOf(
  place: CommandLines,
  rules: readonly (readonly [pattern: string, letters: string])[],
): Promise<void> {
  for (const name of ["joe", "root"]) await place.original("auth", "-m", "_test", "user", "add", `name=${name}`);
  await place.original("auth", "-m", "_test", "init");
  for (const [pattern, letters] of rules) await place.ours(...root, "acl", "set", "some", "-a", letters, pattern);
  assertEquals(
    await place.original(...root, "auth", "-m", "_test", "user", "param", "joe", "acl", "some"),
    "joe acl some\n",
  );
}

Deno.test(
  { name: "python acl: a bound user reads, writes and lists what his rules say, and nothing else", ignore },
  async () => {
    await using place = await CommandLines.make();
    await houseOf(place, [["home", "rexn"], ["home.#", "rwcex"], ["home.safe", ""]]);
    await place.original(...root, "data", "home.safe", "set", "-v", ":", "hush");
    await place.original(...root, "data", "away", "set", "-v", ":", "hush");
    assertEquals(await place.original(...joe, "data", "home.lamp", "set", "-v", ":", "on"), "");
    assertEquals(await place.original(...joe, "data", "home.lamp"), "'on'\n");
    assertEquals(await place.original(...joe, "data", "home", "get", "-rd_"), "lamp:\n  _: on\n");
    for (
      const words of [
        ["data", "home.safe"],
        ["data", "away"],
        ["data", ":", "get", "-rd_"],
        ["data", "away", "set", "-v", ":", "mine"],
        ["internal", "dump", ":"],
        ["internal", "state", "-a"],
        ["auth", "-m", "_test", "user", "list"],
        ["auth", "-m", "_test", "user", "add", "name=jim"],
        ["type", "set", "-g", "1", "-b", "x", "int"],
      ]
    ) {
      const said = await place.original(...joe, ...words);
      assertIncludes(said, /^exit [1-9]/, words.join(" "));
      assertEquals(said.includes("hush"), false, said);
    }
    assertEquals(await place.original(...root, "data", "away"), "'hush'\n");
  },
);

Deno.test({ name: "python acl: a change of the rules counts for the next request", ignore }, async () => {
  await using place = await CommandLines.make();
  await houseOf(place, [["wom.#", "xcr"]]);
  assertEquals(await place.original(...joe, "data", "wom.foo", "set", "-v", ":", "one"), "");
  assertIncludes(await place.original(...joe, "data", "wom.foo", "set", "-v", ":", "two"), "'w')");
  await place.ours(...root, "acl", "set", "some", "-a", "+w", "wom.#");
  assertEquals(await place.original(...joe, "data", "wom.foo", "set", "-v", ":", "two"), "");
  await place.ours(...root, "acl", "set", "some", "-a", "-r", "wom.#");
  assertIncludes(await place.original(...joe, "data", "wom.foo"), "'r')");
});
