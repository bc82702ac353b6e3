import type { Fields, Reply } from "../../../../client/cli/context.ts";
import { P } from "../../../../wire/path/template.ts";
import type { Value } from "../../../../wire/value.ts";
import { assertEquals, assertIncludes } from "../../../support/assert.ts";
import { runMain } from "../../../support/main_run.ts";

/** Runs `acl LINE` at a server that has this one rule; what it is asked is noted. */
async function acl(line: string[], rule: Value | undefined, globals: string[] = []) {
  const asked: [string, Fields][] = [];
  const chain = rule === undefined ? null : { node: "a", tick: 3 };
  const ran = await runMain([...globals, "acl", ...line], {
    request: (action: string, fields: Fields): Reply => {
      asked.push([action, fields]);
      if (action === "get_internal") return { chain, tock: 4, ...(rule === undefined ? {} : { value: rule }) };
      if (action === "test_acl") return { access: "rx" };
      return { changed: true, chain: { node: "a", tick: 5 }, tock: 6 };
    },
  });
  return { ...ran, asked };
}

const at = P("acl.guest.home.#");

Deno.test("acl set writes on top of what it has read, and keeps a rule's end", async () => {
  const { asked, stdout } = await acl(["set", "guest", "-a", "+w", "home.#"], { acl: "r", until: 99 });
  assertEquals(stdout, "new: rw\nold: r\n");
  assertEquals(asked[1], [
    "set_internal",
    { path: at, chain: { node: "a", tick: 3 }, nchain: 3, value: { acl: "rw", until: 99 } },
  ]);
  const ended = await acl(["set", "guest", "-a", "x", "--until", "-", "home.#"], { acl: "r", until: 99 });
  assertEquals(ended.asked[1][1].value, "x");
});

Deno.test("acl set: a new rule, one that is removed, and one that is not there", async () => {
  const made = await acl(["set", "guest", "-a", "erx", "home.#"], undefined);
  assertEquals(made.asked[1][1], { path: at, chain: null, nchain: 3, value: "rxe" });
  const removed = await acl(["set", "guest", "-a", "-", "home.#"], "r");
  assertEquals(removed.asked[1], ["delete_internal", { path: at, chain: { node: "a", tick: 3 }, nchain: 3 }]);
  assertEquals((await acl(["set", "guest", "-a", "-", "home.#"], undefined)).asked.length, 1);
  const whole = await acl(["set", "guest", "-a", "r", "home.#"], "r", ["-m"]);
  assertEquals(whole.stdout, "chain:\n  node: a\n  tick: 5\nnew: r\nold: r\ntock: 6\n");
});

Deno.test("acl get and test print letters", async () => {
  assertEquals((await acl(["get", "guest", "home.#"], "rx")).stdout, "rx\n");
  assertEquals((await acl(["get", "guest", "home.#"], undefined)).stdout, "-\n");
  const timed = await acl(["get", "guest", "home.#"], { acl: "rx", until: 1764030000 });
  assertEquals(timed.stdout, "rx\n");
  assertIncludes(timed.stderr, "until 2025-11-25T00:20:00.000Z");
  assertEquals((await acl(["test", "-m", "r", "home.x"], undefined)).stdout, "rx\n");
});

Deno.test("acl refuses what makes no sense before it asks", async () => {
  for (
    const [line, complaint] of [
      [["set", "guest", "-a", "+rQ", "x"], "unknown ACL flag: {'Q'}"],
      [["set", "guest", "-a", "r", "--for", "1d", "--until", "2030-01-01", "x"], "mutually exclusive"],
      [["set", "guest", "-a", "r", "--for", "soon", "x"], "no time such as 30d"],
      [["set", "guest", ":"], "You need a non-empty path."],
      [["test", "-m", "", "x"], "Mode must be one letter."],
      [["explain", "-a", "guest", "x", "y"], "Name a user and a path, or an ACL (-a) and a path."],
    ] as const
  ) {
    const { stderr, status, asked } = await acl([...line], undefined);
    assertIncludes(stderr, complaint);
    assertEquals([status, asked.length], [2, 0], line.join(" "));
  }
});
