import { startServer } from "../../server/mod.ts";
import { assertEquals } from "../support/assert.ts";

Deno.test("the library works over WebSocket and Node's sockets where there is no Deno", async () => {
  await using server = await startServer({
    name: "test1",
    data: false,
    listen: [{ port: 0 }],
    web: { port: 0 },
    init: "Test",
    alone: true,
  });
  const program = new URL("without_deno.ts", import.meta.url).pathname;
  const { port } = new URL(server.addresses[0]);
  const url = server.web!.replace("http", "ws");
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", program, port, url],
  }).output();
  assertEquals(new TextDecoder().decode(stderr), "");
  assertEquals(new TextDecoder().decode(stdout), ":=1\n:=1\nwithout Deno\n");
});
