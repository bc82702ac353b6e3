import { Children } from "../../../../server/meta/sandbox/children.ts";
import { assertEquals, assertFalse, assertThrows, assertTrue } from "../../../support/assert.ts";

Deno.test("children that die again and again are started five times in a row, and then with pauses", async () => {
  const children = new Children({ program: "/nowhere/deno", memoryBytesMax: 1, resultBytesMax: 1 });
  for (let i = 0; i < 5; i++) {
    assertEquals(children.waitMs, 0);
    assertThrows(() => children.take(), Error, "nowhere");
  }
  assertTrue(children.waitMs > 0 && children.waitMs <= 500);
  assertFalse(children.prepare(), "a spare one waits, too");
  await children.close();
});
