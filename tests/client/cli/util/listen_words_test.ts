import { assertEquals, assertThrows } from "../../../support/assert.ts";
import { parseListen } from "../../../../client/cli/util/listen_words.ts";

Deno.test("parseListen() reads what people write", () => {
  assertEquals(parseListen("0.0.0.0:27586"), { host: "0.0.0.0", port: 27586 });
  assertEquals(parseListen("[::1]:0"), { host: "::1", port: 0 });
  assertEquals(parseListen("[::]"), { host: "::" });
  assertEquals(parseListen("27586"), { port: 27586 });
  assertEquals(parseListen(":80"), { port: 80 });
  assertEquals(parseListen("*:1"), { host: "0.0.0.0", port: 1 });
  assertEquals(parseListen("localhost"), { host: "127.0.0.1" });
  assertEquals(parseListen("tls://kv.example:27587"), { host: "kv.example", port: 27587, scheme: "tls" });
  assertEquals(parseListen("http://127.0.0.1:27590/"), { host: "127.0.0.1", port: 27590, scheme: "http" });
});

Deno.test("parseListen() refuses what is no address", () => {
  for (const text of ["", "a:b", "a:1:2", "::1", "udp://a:1", "a:99999", "a/b"]) {
    assertThrows(() => parseListen(text), SyntaxError, undefined);
  }
});
