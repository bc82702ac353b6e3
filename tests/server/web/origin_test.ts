import { assertEquals } from "../../support/assert.ts";
import { mayConnect } from "../../../server/web/origin.ts";

const rule = { origins: ["https://home.example"], names: ["pi", "Box"] };
const cases: [string | null, string | null, boolean, string][] = [
  [null, "pi:27590", true, "a program"],
  ["http://127.0.0.1:27590", "127.0.0.1:27590", true, "its own page"],
  ["http://localhost:27590", "localhost:27590", true, "its own page by name"],
  ["http://[::1]:27590", "[::1]:27590", true, "its own page by IPv6"],
  ["http://pi:27590", "pi:27590", true, "its own page by the machine's name"],
  ["http://box.local:27590", "box.local:27590", true, "its own page by its mDNS name"],
  ["https://home.example", "127.0.0.1:27590", true, "a listed page"],
  ["http://home.example", "127.0.0.1:27590", false, "a listed page without its s"],
  ["http://localhost:3000", "localhost:27590", false, "another port"],
  ["https://evil.example", "127.0.0.1:27590", false, "any other page"],
  ["http://evil.example:27590", "evil.example:27590", false, "a page whose name points here (DNS rebinding)"],
  ["null", "127.0.0.1:27590", false, "a file, or a page that hides"],
  ["nonsense", "nonsense", false, "no origin at all"],
  ["http://127.0.0.1:27590", null, false, "no host"],
];

for (const [origin, host, expected, what] of cases) {
  Deno.test(`mayConnect() ${expected ? "lets in" : "refuses"} ${what}`, () => {
    assertEquals(mayConnect(origin, host, rule), expected);
  });
}

Deno.test("mayConnect() lets everybody in who asks for a server that says so", () => {
  assertEquals(mayConnect("https://any.example", "127.0.0.1", { origins: ["*"], names: [] }), true);
});
