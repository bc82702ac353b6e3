/** The device library, unmodified, in MicroPython, against the host's own link. */

import type { Hello } from "../../../wire/link/control.ts";
import type { Admission } from "../../../wire/link/host_session.ts";
import { codes, encodeMessage, type LinkMessage, readAnnouncement } from "../../../wire/link/messages.ts";
import type { Value } from "../../../wire/value.ts";
import { LinkDriver, type LinkUser } from "../../../satellite/gateway/link_driver.ts";
import { SimulatedSatellite } from "../../../satellite/sim/simulated.ts";
import { assertEquals, assertTrue } from "../../support/assert.ts";

const key = new Uint8Array(16).fill(7);

/** A host that remembers what it hears. */
class Host implements LinkUser, AsyncDisposable {
  readonly messages: LinkMessage[] = [];
  readonly outbox: Uint8Array[] = [];
  hello: Hello | undefined;
  closings: string[] = [];
  refusals: string[] = [];
  admission: Admission = { isAdmitted: true, security: "open", keys: [key], listHash: null };
  readonly driver: LinkDriver;
  readonly #satellite: SimulatedSatellite;
  #wake: () => void = () => {};

  constructor(satellite: SimulatedSatellite, silenceMs?: number) {
    this.#satellite = satellite;
    this.driver = new LinkDriver(satellite, this, { silenceMs });
    void this.driver.run();
  }

  static async of(main: string, baud = 0, silenceMs?: number): Promise<Host> {
    const text = `import sys\nsys.path.insert(0, "/lib")\nfrom sat import Sat\n${main}\nawait s.main()\n`;
    return new Host(await SimulatedSatellite.start("test", { main: text, baud }), silenceMs);
  }

  get satellite(): SimulatedSatellite {
    return this.#satellite;
  }

  /** Waits until what came is as wanted. */
  async until(isSo: () => boolean): Promise<void> {
    while (!isSo()) await new Promise<void>((resolve) => this.#wake = resolve);
  }

  send(code: number, ...rest: Value[]): void {
    this.outbox.push(encodeMessage(code, rest, rest.length));
    this.driver.pump();
  }

  of(code: number): LinkMessage[] {
    return this.messages.filter((message) => message.code === code);
  }

  admit(): Admission {
    return this.admission;
  }

  opened(hello: Hello): void {
    this.hello = hello;
    this.#wake();
  }

  message(message: LinkMessage): void {
    this.messages.push(message);
    this.#wake();
  }

  nextMessage(bytesMax: number): Uint8Array | undefined {
    return this.outbox.length > 0 && this.outbox[0].length <= bytesMax ? this.outbox.shift() : undefined;
  }

  closed(reason: string): void {
    this.closings.push(reason);
    this.#wake();
  }

  refused(_: Hello, text: string): void {
    this.refusals.push(text);
    this.#wake();
  }

  console(): void {}
  prompt(): void {}
  report(text: string): void {
    throw new Error(text);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#satellite[Symbol.asyncDispose]();
  }
}

const garden = (more = "") => `
wet = [1]
def moisture():
    return wet[0]
def valve(v):
    if v > 100:
        raise ValueError("jammed")
s = Sat("garden", line(), uid=b"\\x01\\x02"${more})
s.sensor("soil.moist", moisture, every=5, unit="%", lo=0, hi=100, db=1)
s.actor("valve", valve, lo=0, hi=100, unit="%")
beeps = []
s.button("beep", lambda: beeps.append(1))
`;

Deno.test("a satellite says hello, announces its slots and reports what moved", async () => {
  await using host = await Host.of(garden());
  await host.until(() => host.of(0).length > 0);
  assertEquals([host.hello!.name, host.hello!.uid, host.hello!.slots], ["garden", Uint8Array.of(1, 2), 3]);
  const announced = host.of(codes.announce).map(readAnnouncement);
  assertEquals(announced.map(({ path, unit, access }) => [path, unit, access]), [
    ["soil.moist", "%", 5],
    ["valve", "%", 3],
    ["beep", null, 8],
  ]);
  assertEquals(announced[0].policy, [0, 0, 1, 0]);
  assertEquals(host.of(0)[0].rest, [1]);
  await host.satellite.run("wet[0] = 1.5");
  await host.satellite.run("wet[0] = 3.5");
  await host.until(() => host.of(0).length > 1);
  assertEquals(host.of(0)[1].rest, [3.5]);
});

Deno.test("a command is done, answered and reported; one that fails says why", async () => {
  await using host = await Host.of(garden());
  await host.until(() => host.of(0).length > 0);
  host.send(1, 40, 1);
  await host.until(() => host.of(1).length > 0);
  assertEquals([host.of(codes.result)[0].rest, host.of(1)[0].rest], [[1, true], [40]]);
  host.send(1, 400, 2);
  host.send(7, 1, 3);
  host.send(2, null, 4);
  await host.until(() => host.of(codes.result).length > 2);
  assertEquals(host.of(codes.result)[1].rest, [2, null, 3, "ValueError: jammed"]);
  assertEquals(host.of(codes.result)[2].rest, [4, true]);
  assertTrue(
    host.of(codes.log).some(({ rest }) => String(rest[1]).includes("IndexError")),
    "the slot that is not there",
  );
  assertEquals(await host.satellite.run("beeps"), "[1]");
});

for (const signs of ["False", "True"]) {
  Deno.test(`a key is proven both ways (sign=${signs})`, async () => {
    await using host = await Host.of(garden(`, key=bytes([7] * 16), sign=${signs}`));
    host.admission = {
      isAdmitted: true,
      security: signs === "True" ? "sign" : "auth",
      keys: [new Uint8Array(16), key],
      listHash: null,
    };
    await host.until(() => host.of(0).length > 0);
    host.send(1, 40, 1);
    await host.until(() => host.of(1).length > 0);
    assertEquals(host.driver.stats.forged, 0);
  });
}

Deno.test("a satellite with another key, and one that proves less than it must, stay outside", async () => {
  await using other = await Host.of(garden(", key=bytes([8] * 16)"));
  await using open = await Host.of(garden());
  open.admission = { isAdmitted: true, security: "sign", keys: [key], listHash: null };
  await open.until(() => open.refusals.length > 0);
  assertTrue(open.refusals[0].includes("has to be 'sign', the satellite offers 'open'"), open.refusals[0]);
  await other.until(() => other.refusals.length > 0);
  assertTrue(other.refusals[0].includes("its key is another one"), other.refusals[0]);
  assertEquals([other.driver.isUp, open.driver.isUp], [false, false]);
});

Deno.test("what a satellite measures while the cable is pulled comes later, with its age and what is missing", async () => {
  await using host = await Host.of(
    `s = Sat("logger", line(), uid=b"1", ring=64)
n = [0]
def count():
    n[0] += 1
    return n[0]
s.sensor("n", count, every=20, log=1)`,
    0,
    400,
  );
  await host.until(() => host.of(0).length > 0);
  host.satellite.plug(false);
  await host.until(() => host.closings.length > 0);
  // A minute passes at once: the satellite notices the silence, and keeps a sample a second.
  const untilSo = async (expression: string) => {
    while (await host.satellite.run(expression) !== "True");
  };
  host.satellite.setClock(11_000);
  await untilSo("not s.is_up");
  for (let second = 12; second <= 60; second++) {
    await host.satellite.run("before = s.ring.count + s.ring.lost");
    host.satellite.setClock(second * 1000);
    await untilSo("s.ring.count + s.ring.lost > before");
  }
  host.messages.length = 0;
  host.satellite.plug(true);
  await host.until(() => host.of(codes.gap).length > 0);
  const late = host.of(0).filter(({ rest }) => rest.length > 1);
  assertTrue(late.length >= 5, `${late.length} late samples`);
  const values = late.map(({ rest }) => Number(rest[0]));
  assertEquals(values, values.toSorted((a, b) => a - b));
});
