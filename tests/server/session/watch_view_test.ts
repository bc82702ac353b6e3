import { mayConcern } from "../../../server/session/watch_view.ts";
import { assertEquals } from "../../support/assert.ts";

Deno.test("mayConcern(): rules for the path, for what is below, and for the way there", () => {
  const concerns = (pattern: string, path: string) =>
    mayConcern(pattern === "" ? [] : pattern.split("."), path === "" ? [] : path.split("."));
  for (const pattern of ["", "a", "a.b", "a.b.c", "#", "+", "+.b", "a.#.z", "+.+.+.+", "a.b.c.d.e"]) {
    assertEquals(concerns(pattern, "a.b.c"), true, pattern);
  }
  for (const pattern of ["b", "a.c", "+.c", "a.b.d", "b.#", "a.+.d.e"]) {
    assertEquals(concerns(pattern, "a.b.c"), false, pattern);
  }
  assertEquals(concerns("x.y.z", ""), true, "everything is below the root");
});
