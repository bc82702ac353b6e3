/**
 * The part of `satellite` that concerns boards themselves.
 *
 * @module
 */

import type { CliContext } from "../context.ts";
import type { MoatCommand } from "../options.ts";

const board = () => import("./satellite_board.ts");

/** Adds the commands. */
export function registerBoards(satellite: MoatCommand, context: CliContext): void {
  registerQuestions(satellite, context);
  const app = satellite.command("app").description("The files of a satellite's app.")
    .examples(["moat satellite app push garden ./garden", "bring a folder onto the board"]);
  app.command("push").summary("bring a folder onto a board")
    .description(
      "Bring the files of a folder onto a board: those that differ are sent, and made the app all at once. They are on trial " +
        "for half a minute; if the app does not get that far, the board takes its old files back.",
    )
    .argument("<name>", "the satellite")
    .argument("<folder>", "with app.py in it")
    .examples(["moat satellite app push garden ./garden", "its files become the app"])
    .action(async (name: string, folder: string) => await (await board()).pushApp(context, name, folder));
  const config = satellite.command("config").description("The configuration of a satellite's app.")
    .examples(["moat satellite config push garden garden.yaml", "hand it over"]);
  config.command("push").summary("configure a board")
    .description("Hand a configuration (YAML) to a satellite's app. sat.NAME._cfg._now says what became of it.")
    .argument("<name>", "the satellite")
    .argument("<file>", "YAML; - for standard input")
    .examples(["moat satellite config push garden garden.yaml", "hand it over"])
    .action(async (name: string, file: string) => {
      const text = file === "-" ? await context.stdin.text() : await Deno.readTextFile(file);
      await (await board()).pushConfig(context, name, text);
    });
}

function registerQuestions(satellite: MoatCommand, context: CliContext): void {
  satellite.command("stats").summary("print how a link and its board do")
    .description("Print what was damaged, repeated and dropped on a satellite's link, and the board's memory.")
    .argument("<name>", "the satellite")
    .examples(["moat satellite stats garden", "counters"])
    .action(async (name: string) => await (await board()).ask(context, name, "stats", []));
  satellite.command("reset").summary("start a board anew")
    .description("Start a board anew.")
    .argument("<name>", "the satellite")
    .option("--hard", "as its reset button does")
    .examples(["moat satellite reset garden", "a soft reset"])
    .action(async (name: string, options: { hard?: boolean }) => {
      await (await board()).ask(context, name, "reset", [options.hard ? "hard" : "soft"]);
    });
  satellite.command("safe").summary("start only a board's rescue copy")
    .description("Start a board anew without its app: only the rescue copy runs, so that files can be changed.")
    .argument("<name>", "the satellite")
    .examples(["moat satellite safe garden", "when an app misbehaves"])
    .action(async (name: string) => await (await board()).ask(context, name, "safe", []));
  satellite.command("run").summary("have a board evaluate an expression")
    .description("Have a board evaluate a line of Python, and print what comes out. `sat` is the satellite.")
    .argument("<name>", "the satellite")
    .argument("<expression>", "Python")
    .examples(["moat satellite run garden 'sat.frames.bad'", "what it thinks of its line"])
    .action(async (name: string, expression: string) => await (await board()).ask(context, name, "run", [expression]));
  satellite.command("files").summary("list a board's files")
    .description("List the files of a board.")
    .argument("<name>", "the satellite")
    .argument("[folder]", "where", "")
    .examples(["moat satellite files garden", "the root"])
    .action(async (name: string, folder: string) => await (await board()).ask(context, name, "ls", [folder]));
}
