/** Tests of several servers on both kinds of broker: mosquitto where it is installed, and the one that servers offer. */

import { type Client, openClient } from "../../mod.ts";
import { freePort } from "./free_port.ts";
import { hasMosquitto, Mosquitto } from "./mosquitto.ts";
import type { ServerProcess } from "./server_process.ts";
import { Workplace } from "./workplace.ts";

/** Registers a test for both kinds of broker. */
export function testOnBrokers(name: string, test: (place: Workplace) => Promise<void>): void {
  Deno.test(`${name} (embedded broker)`, async () => {
    await using place = await Workplace.make();
    place.embeddedPort = freePort();
    await test(place);
  });
  Deno.test({
    name: `${name} (mosquitto)`,
    ignore: !hasMosquitto,
    fn: async () => {
      await using place = await Workplace.make();
      await using broker = await Mosquitto.start();
      place.broker = broker.uri;
      await test(place);
    },
  });
}

/** A client that outlasts its server's absence. */
export function clientOf(server: ServerProcess): Promise<Client> {
  return openClient({ port: server.port, reconnect: true, dynamicConfig: false });
}
