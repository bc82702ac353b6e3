/** The smallest satellite, on an emulated microcontroller, against the host's link: noise, resets, hangs, its prompt. */

import { LinkDriver } from "../../../satellite/gateway/link_driver.ts";
import { codes, readAnnouncement } from "../../../wire/link/messages.ts";
import { assertEquals, assertTrue } from "../../support/assert.ts";
import { hasMicrobit, Microbit } from "../../support/microbit.ts";
import { Random } from "../../support/random.ts";
import { RememberingHost } from "../../support/remembering_host.ts";

if (!hasMicrobit) {
  console.log("a microcontroller is not tested: there is no qemu-system-arm, or no firmware-microbit-micropython");
}

const nano = await Deno.readTextFile(new URL("./nano.py", import.meta.url));

function test(name: string, body: (board: Microbit, host: RememberingHost, driver: LinkDriver) => Promise<void>): void {
  Deno.test({
    name: `micro:bit: ${name}`,
    ignore: !hasMicrobit,
    fn: async () => {
      const host = new RememberingHost();
      let running: Promise<string>;
      {
        await using board = await Microbit.start(nano);
        const driver = new LinkDriver(board.line, host, { silenceMs: 1500 });
        running = driver.run();
        driver.writeRaw(Uint8Array.of(4)); // a soft reset, which starts main.py
        await host.until(() => host.of(0).length > 2);
        await body(board, host, driver);
      }
      assertEquals(await running, "closed");
    },
  });
}

const slots = [1, 200, 42];

test("it announces, counts and does what it is told", async (_, host, driver) => {
  assertEquals(host.of(codes.announce).map(readAnnouncement).map(({ path, access }) => [path, access]), [["n", 1], [
    "lamp",
    3,
  ]]);
  for (let command = 1; command <= 50; command++) {
    host.send(driver, 1, slots[command % 3], command);
    await host.until(() => host.of(codes.result).length >= command);
  }
  assertEquals(host.of(codes.result).map(({ rest }) => rest), host.commandIds.map((id) => [id, true]));
  assertEquals(host.of(1).at(-1)?.rest, [slots[50 % 3]]);
});

test("noise on the line loses and repeats nothing", async (board, host, driver) => {
  const random = new Random(7);
  board.spoil = (bytes) => bytes.map((byte) => random.below(500) === 0 ? byte ^ 1 << random.below(8) : byte);
  for (let command = 1; command <= 50; command++) {
    host.send(driver, 1, slots[command % 3], command);
    await host.until(() => host.of(codes.result).length >= command);
  }
  board.spoil = (bytes) => bytes;
  assertEquals(host.of(codes.result).map(({ rest }) => rest), host.commandIds.map((id) => [id, true]));
  const counts = host.of(0).map(({ rest }) => Number(rest[0]));
  assertEquals(counts, [...new Set(counts)].toSorted((a, b) => a - b));
});

test("after a reset and after a hang it is there again", async (board, host) => {
  await board.command("system_reset");
  await host.until(() => host.hellos.length > 1);
  assertTrue(host.hellos[0].bootId !== host.hellos[1].bootId, "another boot");
  await board.command("stop");
  await host.until(() => host.closings.some((reason) => reason.startsWith("nothing heard")));
  await board.command("cont");
  await host.until(() => host.hellos.length > 2);
  const before = host.of(0).length;
  await host.until(() => host.of(0).length > before);
});

test("a program that ends in the prompt is started again", async (_, host, driver) => {
  host.send(driver, 1, 99, 1);
  await host.until(() => host.prompts.includes(true));
  assertTrue(host.text.includes("told to end"), host.text);
  await host.until(() => host.hellos.length > 1);
  assertEquals(host.prompts, [true, false]);
});
