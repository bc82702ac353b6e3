/** A satellite whose ticks wrap, which those of chips do after 12.4 days. */

import { LinkDriver } from "../../../satellite/gateway/link_driver.ts";
import { SimulatedSatellite } from "../../../satellite/sim/simulated.ts";
import { codes } from "../../../wire/link/messages.ts";
import { assertEquals, assertTrue } from "../../support/assert.ts";
import { RememberingHost } from "../../support/remembering_host.ts";

const main = `
import sys
sys.path.insert(0, "/lib")
from sat import Sat, asyncio
from time import ticks_ms
turns = 0
while ticks_ms() < 1 << 29:
    turns += 1
    await asyncio.sleep_ms(10)
s = Sat("wrap", line(), uid=b"wrap")
n = [0]
def count():
    n[0] += 1
    return n[0]
s.sensor("n", count, every=20)
s.actor("valve", lambda v: None)
await s.main()
`;

/** Ticks are modulo 2^30 ms. */
const wrapMs = 2 ** 30;

Deno.test("a satellite whose ticks wrap reports, obeys and stays up", async () => {
  const satellite = await SimulatedSatellite.start("wrap", { main });
  // They begin with 0; a jump of more than half a turn would look like one back.
  satellite.setClock(wrapMs / 2 - 60_000);
  const turns = async () => Number(await satellite.run("turns"));
  const turnsBefore = await turns();
  while (await turns() < turnsBefore + 2);
  let clockMs = wrapMs - 60_000;
  satellite.setClock(clockMs);
  const host = new RememberingHost();
  const driver = new LinkDriver(satellite, host);
  try {
    void driver.run();
    const ticks = async () => Number(await satellite.run("ticks_ms()"));
    await host.until(() => host.of(0).length > 2);
    assertTrue(await ticks() > wrapMs / 2, "the wrap is still to come");
    do { // in steps that are no silence
      satellite.setClock(clockMs += 5000);
      const count = host.of(0).length;
      await host.until(() => host.of(0).length > count + 2);
    } while (await ticks() > wrapMs / 2);
    host.send(driver, 1, 7, 1);
    await host.until(() => host.of(codes.result).length > 0);
    assertEquals([host.hellos.length, host.closings, driver.isUp], [1, [], true], "the same session");
    const counts = host.of(0).map(({ rest }) => Number(rest[0]));
    assertEquals(counts, [...new Set(counts)].toSorted((a, b) => a - b), "in order, none twice");
  } finally {
    await satellite[Symbol.asyncDispose]();
  }
});
