import { assertEquals } from "../../support/assert.ts";
import { Network } from "./network.ts";

Deno.test("a change at one server is at the other within milliseconds", () => {
  const network = new Network();
  const [a, b] = [network.add("a"), network.add("b")];
  network.run(20);
  a.put("x.y", 1);
  network.run(5);
  assertEquals(b.get("x.y"), 1);
});
