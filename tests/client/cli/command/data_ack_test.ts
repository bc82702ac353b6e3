import type { Reply } from "../../../../client/cli/context.ts";
import { P } from "../../../../wire/path/template.ts";
import { assertEquals, assertIncludes } from "../../../support/assert.ts";
import { runMain } from "../../../support/main_run.ts";

/** Runs `data a LINE` at a server that answers so. */
async function data(line: string[], reply: Reply) {
  return await runMain(["data", "a", ...line], { request: () => ({ changed: true, tock: 2, ...reply }) });
}

Deno.test("--ack disk asks for the disk, and says if there is none", async () => {
  const done = await data(["set", "-e", ":", "1", "--ack", "disk"], { ack: "disk" });
  assertEquals([done.status, done.stderr], [0, ""]);
  assertEquals(done.sent, [["set_value", { path: P("a"), value: 1, ack: "disk", nchain: 0 }]]);
  const none = await data(["set", "-e", ":", "1", "--ack=disk"], { ack: "none" });
  assertEquals([none.status, none.stderr], [1, "The change is made, but kept nowhere but in memory.\n"]);
});

Deno.test("--ack N waits for servers, and says how many there were", async () => {
  const done = await data(["delete", "--ack", "2", "--timeout", "0.5"], { ack: "disk", nodes: 2 });
  assertEquals([done.status, done.stderr], [0, ""]);
  assertEquals(done.sent, [["delete_value", { path: P("a"), nodes: 2, timeout: 0.5, nchain: 0 }]]);
  const few = await data(["set", "-e", ":", "1", "--ack", "3"], { ack: "disk", nodes: 1 });
  assertEquals(few.status, 1);
  assertIncludes(few.stderr, "it is on 1 of 3 servers' disks so far");
  const lost = await data(["set", "-e", ":", "1", "--ack", "2"], { ack: "disk", nodes: 2, lost: true });
  assertEquals(lost.status, 1);
  assertIncludes(lost.stderr, "lost against another one");
  const old = await data(["set", "-e", ":", "1", "--ack", "2"], {});
  assertEquals(old.status, 1, "a server of the original does not know");
});

Deno.test("what makes no sense is refused", async () => {
  for (const line of [["--ack", "0"], ["--ack", "tape"], ["--timeout", "3"], ["--ack", "2", "--timeout", "-1"]]) {
    const { status, sent } = await data(["set", "-e", ":", "1", ...line], {});
    assertEquals([status, sent], [2, []], line.join(" "));
  }
  assertEquals((await data(["delete", "-r", "--ack", "2"], {})).status, 2);
});
