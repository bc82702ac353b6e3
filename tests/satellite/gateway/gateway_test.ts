/** Real satellites (the device library in MicroPython), a gateway and a server, by what clients see in the tree. */

import { type Client, openClient } from "../../../client/mod.ts";
import { P } from "../../../wire/path/template.ts";
import { Path } from "../../../wire/path/path.ts";
import type { Value } from "../../../wire/value.ts";
import { startServer } from "../../../server/mod.ts";
import type { Line, LineSource } from "../../../satellite/gateway/line/line.ts";
import { knownPath } from "../../../satellite/gateway/layout.ts";
import { Gateway } from "../../../satellite/gateway/gateway.ts";
import { SimulatedSatellite } from "../../../satellite/sim/simulated.ts";
import { assertEquals, assertTrue } from "../../support/assert.ts";

/** A server, its gateway, and a client that looks at both. */
class House implements AsyncDisposable {
  readonly reports: string[] = [];
  readonly #stack: AsyncDisposableStack;

  private constructor(stack: AsyncDisposableStack, readonly client: Client, readonly port: number) {
    this.#stack = stack;
  }

  static async open(): Promise<House> {
    const stack = new AsyncDisposableStack();
    const server = stack.use(
      await startServer({
        name: "test",
        data: false,
        listen: [{ port: 0 }],
        web: { port: 0 },
        init: "Test",
        alone: true,
      }),
    );
    const port = Number(new URL(server.addresses[0]).port);
    return new House(stack, stack.use(await openClient({ host: "127.0.0.1", port })), port);
  }

  async gateway(
    sources: readonly LineSource[],
    more: { acceptsAll?: boolean; silenceMs?: number; name?: string } = {},
  ): Promise<Gateway> {
    const client = this.#stack.use(await openClient({ host: "127.0.0.1", port: this.port, reconnect: true }));
    const report = (text: string) => void this.reports.push(text);
    return this.#stack.use(await Gateway.start(client, { name: "here", acceptsAll: true, sources, report, ...more }));
  }

  async satellite(main: string): Promise<SimulatedSatellite> {
    const text = `import sys\nsys.path.insert(0, "/lib")\nfrom sat import Sat\n${main}\nawait s.main()\n`;
    return this.#stack.use(await SimulatedSatellite.start("sim", { main: text }));
  }

  /** Waits until an entry is as wanted. Returns its value. */
  async until(path: Path, isSo: (value: Value | undefined) => boolean): Promise<Value | undefined> {
    for await (const item of this.client.watch(path, { fetch: true, maxDepth: 0 })) {
      const value = "path" in item ? item.value : (await this.client.get(path)).value;
      if (isSo(value)) return value;
    }
    throw new Error(`The watch of ${path} ended`);
  }

  async get(path: Path): Promise<Value | undefined> {
    return (await this.client.get(path)).value;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack[Symbol.asyncDispose]();
  }
}

/** Lines that are there. */
function given(...lines: Line[]): LineSource {
  return {
    description: "given",
    async *lines() {
      yield* await Promise.resolve(lines);
    },
  };
}

/** Whether it is that number, be it an integer or a float. */
const is = (wanted: number) => (value: Value | undefined) => value !== undefined && Number(value) === wanted;

const state = (wanted: string) => (value: Value | undefined) =>
  (value as { state?: Value } | undefined)?.state === wanted;

const garden = (more = "") => `
wet = [20.04]
def moisture():
    if wet[0] is None:
        raise OSError("no sensor")
    return wet[0]
def valve(v):
    if v > 100:
        raise ValueError("jammed")
beeps = []
s = Sat("garden", line(), uid=b"\\x01\\x02"${more})
s.sensor("soil.moist", moisture, every=5, unit="%", lo=0, hi=100, step=0.1, kind="moisture")
s.actor("valve", valve, lo=0, hi=100, unit="%")
s.button("beep", lambda: beeps.append(1))
`;

Deno.test("a satellite is a subtree: values, what they mean, errors", async () => {
  await using house = await House.open();
  const satellite = await house.satellite(garden());
  await house.gateway([given(satellite)]);
  await house.until(P("sat.garden"), state("up"));
  await house.until(P("sat.garden.soil.moist"), is(20));
  assertEquals(await house.get(P("sat.garden.soil.moist._meta")), {
    kind: "moisture",
    unit: "%",
    lo: 0,
    hi: 100,
    step: 0.1,
    acc: 5,
  });
  assertEquals(await house.get(P("sat.garden.owner")), "here");
  await satellite.run("wet[0] = 31.26");
  await house.until(P("sat.garden.soil.moist"), is(31.3));
  await satellite.run("wet[0] = None");
  await house.until(P("sat.garden.soil.moist._err"), (value) => value === "OSError: no sensor");
  assertEquals(await house.get(P("sat.garden.soil.moist")), 31.3);
  await satellite.run("wet[0] = 5.5");
  await house.until(P("sat.garden.soil.moist._err"), (value) => value === undefined);
  await house.until(P("sat.garden.soil.moist"), is(5.5));
});

Deno.test("what is desired is done, also when it was wished before the satellite came; what fails says why", async () => {
  await using house = await House.open();
  await house.client.set(P("sat.garden.valve._set"), 40);
  const satellite = await house.satellite(garden());
  await house.gateway([given(satellite)]);
  await house.until(P("sat.garden.valve"), is(40));
  await house.client.set(P("sat.garden.valve._set"), 400);
  const failure = await house.until(P("sat.garden.valve._res"), (value) => value !== undefined);
  assertEquals((failure as { e?: Value }).e, "ValueError: jammed");
  assertEquals(await house.get(P("sat.garden.valve")), 40);
  await house.client.set(P("sat.garden.valve._set"), 60);
  await house.until(P("sat.garden.valve"), is(60));
  await house.until(P("sat.garden.valve._res"), (value) => value === undefined);
  await house.client.set(P("sat.garden.beep._do"), true);
  await house.until(P("sat.garden.beep._do"), (value) => value === undefined);
  assertEquals(await satellite.run("beeps"), "[1]");
});

Deno.test("a satellite whose cable is pulled is down, keeps its values, and gets what was wished meanwhile", async () => {
  await using house = await House.open();
  const satellite = await house.satellite(garden());
  await house.gateway([given(satellite)], { silenceMs: 400 });
  await house.until(P("sat.garden.soil.moist"), is(20));
  satellite.plug(false);
  const down = await house.until(P("sat.garden"), state("down"));
  assertTrue(typeof (down as { since?: Value }).since === "number");
  assertTrue(is(20)(await house.get(P("sat.garden.soil.moist"))));
  await house.client.set(P("sat.garden.valve._set"), 70);
  await satellite.run("wet[0] = 44.4");
  satellite.plug(true);
  await house.until(P("sat.garden"), state("up"));
  await house.until(P("sat.garden.soil.moist"), is(44.4));
  await house.until(P("sat.garden.valve"), is(70));
});

Deno.test("a new satellite waits below _new until somebody accepts it, under the name that it is given", async () => {
  await using house = await House.open();
  const satellite = await house.satellite(garden());
  await house.gateway([given(satellite)], { acceptsAll: false });
  const found = await house.until(Path.of("sat", "_new", "0102"), (value) => value !== undefined);
  assertEquals((found as { name?: Value }).name, "garden");
  await house.client.set(knownPath.child("0102"), { name: "yard" });
  await house.until(P("sat.yard"), state("up"));
  await house.until(Path.of("sat", "_new", "0102"), (value) => value === undefined);
  assertEquals(await house.get(P("sat.garden")), undefined);
});

Deno.test("a report policy of the tree goes to the satellite", async () => {
  await using house = await House.open();
  const satellite = await house.satellite(garden());
  await house.gateway([given(satellite)]);
  await house.until(P("sat.garden.soil.moist"), is(20));
  await house.client.set(P("sat.garden._pol.soil.moist"), { db: 5 });
  while (await satellite.run("s.slots[0].policy") !== "(0, 0, 5, 0)");
  await satellite.run("wet[0] = 24");
  await satellite.run("wet[0] = 26.5");
  await house.until(P("sat.garden.soil.moist"), is(26.5));
});
