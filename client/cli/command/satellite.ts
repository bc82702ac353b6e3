/**
 * `satellite`: boards with MicroPython that are subtrees.
 *
 * Source: `spec/satellite.md` 6.
 *
 * @module
 */

import type { CliContext } from "../context.ts";
import type { MoatCommand } from "../options.ts";
import { registerBoards } from "./satellite_board_group.ts";
import type { PolicyOptions } from "./satellite_change.ts";
import type { ServeOptions } from "./satellite_serve.ts";

const look = () => import("./satellite_look.ts");
const change = () => import("./satellite_change.ts");

/** Adds the `satellite` group. */
export function register(parent: MoatCommand, context: CliContext): void {
  const satellite = parent.command("satellite")
    .description(
      "Boards with MicroPython on serial lines or TCP. A gateway ('moat satellite serve') shows each as a subtree: " +
        "sat.NAME is how it is, sat.NAME.SLOT a value, sat.NAME.SLOT._set what it should be.",
    )
    .examples(
      ["moat satellite serve --serial /dev/ttyUSB0", "look after the board at this line"],
      ["moat satellite list", "who is there"],
      ["moat satellite set garden valve 40", "and wait for what comes of it"],
      ["moat satellite sim", "try it without hardware"],
    );
  registerLooks(satellite, context);
  registerChanges(satellite, context);
  registerBoards(satellite, context);
  registerServices(satellite, context);
}

function registerLooks(satellite: MoatCommand, context: CliContext): void {
  satellite.command("list").alias("ls").summary("list satellites, and new ones")
    .description("List satellites: how each is, since when, when it was last heard, where it hangs; then new ones.")
    .examples(["moat satellite list", "all of them"], ["moat -o json satellite list", "for programs"])
    .action(async () => await (await look()).list(context));
  satellite.command("show").summary("print a satellite's slots")
    .description("Print what a satellite measures and moves: value, unit, what it should be, errors.")
    .argument("<name>", "the satellite")
    .examples(["moat satellite show garden", "its slots"])
    .action(async (name: string) => await (await look()).show(context, name));
  satellite.command("log").summary("print what a satellite said last")
    .description("Print the last thing a satellite said. With --follow, go on with what it says from now on.")
    .argument("<name>", "the satellite")
    .option("-f, --follow", "go on until interrupted")
    .examples(["moat satellite log -f garden", "follow it"])
    .action(async (name: string, options: { follow?: boolean }) => {
      await (await look()).log(context, name, options.follow ?? false);
    });
}

function registerChanges(satellite: MoatCommand, context: CliContext): void {
  satellite.command("accept").summary("let a new satellite in, under a name")
    .description(
      "Let a new satellite in. UID is what 'moat satellite list' shows; its first digits are enough. With --new-key, a key is " +
        "made and printed once: put it into the file sat.key on the board.",
    )
    .argument("<uid>", "the number of its chip, in hex")
    .argument("<name>", "how it is called in the tree")
    .option("--key <hex>", "its key, at least 16 bytes in hex")
    .option("--new-key", "make a key")
    .option("--sign", "every frame has to be signed, too")
    .examples(
      ["moat satellite accept e6614c31 garden", "a board on a wire"],
      ["moat satellite accept e6614c31 garden --new-key --sign", "a board on the network"],
    )
    .action(async (uid: string, name: string, options: { key?: string; newKey?: boolean; sign?: boolean }) => {
      await (await change()).accept(context, uid, name, options);
    });
  satellite.command("set").summary("set a slot, and wait for what comes of it")
    .description(
      "Say what a slot should be, and wait until the satellite says that it is. If the satellite is away, it is told when it " +
        "comes back. A button is pressed without a VALUE.",
    )
    .argument("<name>", "the satellite")
    .argument("<slot>", "the slot, such as air.temp")
    .argument("[value]", "a number, True, False or a text; JSON for more")
    .option("--timeout <seconds>", "how long to wait (5)")
    .examples(
      ["moat satellite set garden valve 40", "a number"],
      ["moat satellite set garden beep", "press a button"],
    )
    .action(async (name: string, slot: string, value: string | undefined, options: { timeout?: string }) => {
      await (await change()).set(context, name, slot, value, options.timeout);
    });
  satellite.command("policy").summary("say when a slot is reported")
    .description("Say when a slot is reported; without options, print what holds.")
    .argument("<name>", "the satellite")
    .argument("<slot>", "the slot")
    .option("--min <ms>", "not more often than this")
    .option("--max <ms>", "at least this often, whether it changed or not")
    .option("--db <change>", "only if it moved by this; negative: by this part of its value")
    .option("--clear", "as the satellite itself has it")
    .examples(
      ["moat satellite policy garden air.temp --db 0.5 --max 60000", "half a degree, and once a minute"],
      ["moat satellite policy garden air.temp --clear", "as it was"],
    )
    .action(async (name: string, slot: string, options: PolicyOptions) => {
      await (await change()).policy(context, name, slot, options);
    });
}

function registerServices(satellite: MoatCommand, context: CliContext): void {
  satellite.command("serve").summary("run a gateway: look after lines")
    .description("Look after lines and the satellites at them, until interrupted.")
    .list("--serial <path>", "a serial line, /dev/ttyUSB0 or /dev/ttyUSB0@115200")
    .list("--connect <address>", "a satellite that listens at HOST:PORT")
    .option("--listen <address>", "take satellites at HOST:PORT or PORT (27588)")
    .option("--accept-all", "let everybody in under its own name")
    .option("--prefix <path>", "where satellites are in the tree (sat)")
    .option("--name <name>", "this gateway's name (the host's)")
    .examples(
      ["moat satellite serve --serial /dev/ttyACM0", "a board on USB"],
      ["moat satellite serve --listen 0.0.0.0:27588", "boards on the network"],
    )
    .action(async (options: ServeOptions) => await (await import("./satellite_serve.ts")).serve(context, options));
  satellite.command("install").summary("put the first files on a board")
    .description(
      "Copy the device library, its rescue copy and an app onto the board at a serial line, by its prompt, and start it. " +
        "FOLDER has the app (app.py) and what the board is (board.py: name, line).",
    )
    .argument("<port>", "the serial line, such as /dev/ttyACM0 or /dev/ttyUSB0@115200")
    .argument("<folder>", "with app.py and board.py")
    .examples(["moat satellite install /dev/ttyACM0 ./garden", "a new board"])
    .action(async (port: string, folder: string) => {
      await (await import("./satellite_install.ts")).install(context, port, folder);
    });
  satellite.command("sim").summary("start simulated satellites")
    .description(
      "Start simulated satellites that connect to a gateway: a weather station, a relay, and one with a bad line. They run the " +
        "device library's own files in MicroPython, so no hardware is needed.",
    )
    .option("--connect <address>", "the gateway's HOST:PORT (localhost:27588)")
    .option("--file <main.py>", "instead, an app of your own")
    .examples(["moat satellite sim", "three satellites at the gateway on this machine"])
    .action(async (options: { connect?: string; file?: string }) => {
      await (await import("./satellite_sim.ts")).simulate(context, options);
    });
}
