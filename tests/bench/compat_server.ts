/**
 * One of our servers, memory only, that tells every change in the original's form too, whether or not an original
 * listens: `compat_server.ts BROKER_PORT NAME [INIT]`.
 */

import { startServer } from "../../server/mod.ts";

const [port, name, init] = Deno.args;
const server = await startServer({
  name,
  init,
  listen: [{ port: 0 }],
  web: false,
  data: false,
  broker: { uri: `mqtt://127.0.0.1:${port}` },
  originals: { updates: "always" },
  report: console.error,
});
console.log(`${server.addresses[0]}\nRunning.`);
Deno.addSignalListener("SIGTERM", () => void server.stop().then(() => Deno.exit()));
