import { assertEquals } from "../../support/assert.ts";
import { cleanEnv } from "../../support/server_process.ts";
import { Workplace } from "../../support/workplace.ts";
import { openClient } from "../../../client/open_client.ts";
import { parsePath } from "../../../wire/path/parse.ts";
import { isInstalled, moatDirectory, shell } from "../../support/shell.ts";

/** A shell's own way to say what it would complete. */
interface Shell {
  readonly program: string;
  /** A script that prints one candidate a line; the line's words end with the one that is typed. */
  script(words: readonly string[]): string;
}

/** Bash's words are also split at `:` and `=`. */
const bash: Shell = {
  program: "bash",
  script: (words) => {
    const split = words.flatMap((word) => word === "" ? [""] : word.split(/(?<=[:=])|(?=[:=])/));
    const line = words.join(" ");
    return `source <(moat completion bash)
      COMP_WORDS=(${split.map((word) => `'${word}'`).join(" ")}) COMP_CWORD=${split.length - 1}
      COMP_LINE='${line}' COMP_POINT=${line.length}
      _moat
      printf '%s\\n' "\${COMPREPLY[@]}"`;
  },
};

const zsh: Shell = {
  program: "zsh",
  script: (words) =>
    `compdef() { :; }
    source <(moat completion zsh)
    compadd() { while [[ "$1" != -- ]]; do shift; done; shift; print -l -- "$@"; }
    _files() { print FILES; }
    words=(${words.map((word) => `'${word}'`).join(" ")}) CURRENT=${words.length}
    _moat; true`,
};

const fish: Shell = {
  program: "fish",
  script: (words) => `moat completion fish | source; complete -C '${words.join(" ")}' | string split -f1 \\t; true`,
};

for (const { program, script } of [bash, zsh, fish]) {
  Deno.test(`completion in ${program}: commands, options and their values`, async () => {
    if (!await isInstalled(program)) return;
    const directory = await moatDirectory();
    const env = cleanEnv(directory, { PATH: `${directory}:${Deno.env.get("PATH")}` });
    const complete = async (...words: string[]) =>
      (await shell(program, script(["moat", ...words]), env)).split("\n").filter((line) => line !== "").sort();
    try {
      assertEquals(await complete("util", ""), ["cfg", "convert", "msgpack", "path", "to"]);
      assertEquals(await complete("kv", "log", "s"), ["save", "stop"]);
      assertEquals(await complete("server", "--fsync", "e"), ["everysec"]);
      assertEquals(await complete("util", "cfg", "--y"), ["--yaml"]);
      assertEquals(await complete("nonsense", ""), []);
    } finally {
      await Deno.remove(directory, { recursive: true });
    }
  });
}

for (const { program, script } of [bash, zsh, fish]) {
  Deno.test(`completion in ${program}: paths from a running server, nothing without one`, async () => {
    if (!await isInstalled(program)) return;
    const directory = await moatDirectory();
    await using place = await Workplace.make();
    await using server = await place.start("--memory", "-i", "x", "test1");
    await using client = await openClient({ host: "127.0.0.1", port: server.port });
    for (const path of ["one.two", "one.three:4", "one.three:5"]) await client.set(parsePath(path), 1);
    const env = { ...place.env, PATH: `${directory}:${Deno.env.get("PATH")}` };
    const complete = async (port: number, ...words: string[]) => {
      const line = ["moat", "kv", "-p", String(port), ...words];
      return (await shell(program, script(line), env)).split("\n").filter((text) => text !== "").sort();
    };
    const port = server.port;
    try {
      assertEquals(await complete(port, "data", "o"), ["one"]);
      assertEquals(await complete(port, "data", "one.t"), ["one.three", "one.two"]);
      // Bash replaces only what follows the colon.
      const prefix = program === "bash" ? "" : "one.three:";
      assertEquals(await complete(port, "data", "one.three:"), [`${prefix}4`, `${prefix}5`]);
      assertEquals((await complete(port, "data", "one", "")).includes("monitor"), true);
      assertEquals((await server.stop()).code, 0);
      assertEquals(await complete(port, "data", "one.t"), []);
    } finally {
      await Deno.remove(directory, { recursive: true });
    }
  });
}

for (const { program, script } of [bash, zsh, fish]) {
  Deno.test(`completion in ${program}: the conflicts that there are`, async () => {
    if (!await isInstalled(program)) return;
    const directory = await moatDirectory();
    await using place = await Workplace.make();
    await using server = await place.start("--memory", "-i", "x", "test1");
    await using client = await openClient({ host: "127.0.0.1", port: server.port });
    for (const [path, node, tick] of [["room.temp", "hall", 17], ["x", "attic", 5]] as const) {
      const record = { path: parsePath(path), node, tick, tock: 9, value: 21 };
      await client.set(parsePath(":.moat.kv.conflict").child(node).child(tick), record);
    }
    const env = { ...place.env, PATH: `${directory}:${Deno.env.get("PATH")}` };
    const complete = async (...words: string[]) => {
      const line = ["moat", "kv", "-p", String(server.port), "conflict", ...words];
      return (await shell(program, script(line), env)).split("\n").filter((text) => text !== "").sort();
    };
    try {
      assertEquals(await complete("take", ""), ["attic", "hall", "room.temp", "x"]);
      assertEquals(await complete("drop", "ro"), ["room.temp"]);
      assertEquals(await complete("show", "hall", ""), ["17"]);
    } finally {
      await Deno.remove(directory, { recursive: true });
    }
  });
}
