/** Run as a program by without_deno_test.ts: uses the client library as it is where there is no Deno. */

import "node:net"; // Deno's own copy needs Deno while it loads
import "node:tls";

const [port, url] = Deno.args;
const say = console.log;
Reflect.deleteProperty(globalThis, "Deno");

const { openClient, P } = await import("../../client/mod.ts");

for (const where of [{ url }, { host: "127.0.0.1", port: Number(port) }]) {
  const client = await openClient(where);
  await client.set(P("a"), 1);
  for await (const item of client.watch(P("a"), { fetch: true })) {
    if ("path" in item) say(`${item.path}=${item.value}`);
    else break;
  }
  await client.close();
}
say("Deno" in globalThis ? "with Deno" : "without Deno");
