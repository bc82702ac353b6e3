/** How the command line reaches a server, and what it says if it does not. */

import { assertEquals, assertIncludes } from "../support/assert.ts";
import { Workplace } from "../support/workplace.ts";

const tls = new URL("../support/tls/", import.meta.url).pathname;

Deno.test("a server is reached by TLS and by WebSocket", async () => {
  await using place = await Workplace.make();
  const ports = ["--memory", "--bind", "127.0.0.1:0", "--web", "127.0.0.1:0"];
  const certificate = ["--tls-cert", `${tls}server.pem`, "--tls-key", `${tls}server.key`];
  await using server = await place.start(...ports, ...certificate, "-i", "Testing", "test1");
  const trusting = ["kv", "-C", `conn.ssl={"ca": "${tls}ca.pem"}`];
  const well = { stdout: '"Testing"\n', stderr: "", code: 0 };
  assertEquals(await place.moat(...trusting, "-p", String(server.port), "data", ":"), well);
  assertEquals(await place.moat(...trusting, "-h", `tls://localhost:${server.port}`, "data", ":"), well);
  assertEquals(await place.moat(...trusting, "-h", `wss://localhost:${server.webPort}/`, "data", ":"), well);
  const strange = await place.moat("kv", "-C", "conn.ssl=True", "-p", String(server.port), "data", ":");
  assertEquals([strange.stdout, strange.code], ["", 1]);
  assertIncludes(strange.stderr, /^OSError: .*certificate.*\n$/);
});

Deno.test("what cannot be reached, or is no address", async () => {
  await using place = await Workplace.make();
  const attempt = async (...words: string[]) => {
    const { stdout, stderr, code } = await place.moat("kv", ...words, "data", ":");
    assertEquals(stdout, "");
    return [code, stderr];
  };
  assertEquals(await attempt("-h", "127.0.0.1", "-p", "1"), [1, "OSError: All connection attempts failed\n"]);
  assertEquals(await attempt("-h", "nowhere.invalid"), [1, "ServerConnectionError: ('nowhere.invalid', 27586)\n"]);
  assertEquals((await attempt("-h", "foo://x/"))[0], 2);
  assertEquals(await attempt("-a", "nope x=1", "-p", "1"), [1, "NoAuthModuleError: nope\n"]);
});
