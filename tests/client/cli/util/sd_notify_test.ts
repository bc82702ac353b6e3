import { assertEquals } from "../../../support/assert.ts";
import { NotifySocket } from "../../../support/notify_socket.ts";
import { openServiceNotifier } from "../../../../client/cli/util/sd_notify.ts";

const environment = (variables: Record<string, string>) => ({ get: (name: string) => variables[name] });

Deno.test("openServiceNotifier() does nothing without systemd", () => {
  const notifier = openServiceNotifier(environment({}));
  notifier.send("READY=1");
  assertEquals(notifier.watchdogMs, undefined);
});

Deno.test("openServiceNotifier() sends to abstract names and paths", async () => {
  const directory = await Deno.makeTempDir();
  for (const name of [`${directory}/notify`, `@moat-test-${crypto.randomUUID()}`]) {
    using socket = NotifySocket.open(name);
    if (!socket) return console.log("skipped: no libc to make a unix datagram socket with");
    openServiceNotifier(environment({ NOTIFY_SOCKET: name })).send("READY=1", "STATUS=fine");
    assertEquals(await socket.receive(), ["READY=1", "STATUS=fine"]);
  }
  await Deno.remove(directory, { recursive: true });
});

Deno.test("openServiceNotifier() survives a socket that is gone", () => {
  openServiceNotifier(environment({ NOTIFY_SOCKET: "/no/such/socket" })).send("READY=1");
});

Deno.test("openServiceNotifier() wants the watchdog fed after two thirds of its time, if it is for this process", () => {
  const of = (variables: Record<string, string>) =>
    openServiceNotifier(environment({ NOTIFY_SOCKET: "/x", ...variables })).watchdogMs;
  assertEquals(of({ WATCHDOG_USEC: "3000000" }), 2000);
  assertEquals(of({ WATCHDOG_USEC: "3000000", WATCHDOG_PID: String(Deno.pid) }), 2000);
  assertEquals(of({ WATCHDOG_USEC: "3000000", WATCHDOG_PID: "1" }), undefined);
  assertEquals(of({}), undefined);
});
