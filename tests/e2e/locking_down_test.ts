/** README's "Locking it down", command by command. */

import { assertEquals, assertIncludes, assertTrue } from "../support/assert.ts";
import { type CommandResult, run } from "../support/moat_command.ts";
import { moat, ServerProcess } from "../support/server_process.ts";
import { Workplace } from "../support/workplace.ts";

const readme = await Deno.readTextFile(new URL("../../README.md", import.meta.url));
const section = /^## Locking it down\n(.*?)^## /ms.exec(readme)![1];
const blocks = [...section.matchAll(/^```sh\n(.*?)^```/gms)].map(([, text]) => text);

/** Runs lines of the page in a shell whose `moat` is this checkout, and which is at home in the workplace. */
function shell(place: Workplace, lines: string, port: number, typed = "", env = {}): Promise<CommandResult> {
  const command = moat.map((word) => `'${word}'`).join(" ");
  const script = `set -e
moat() { ${command} -C kv.conn.port=${port} "$@"; }
hostname() { echo localhost; }
${lines}`;
  return run(["bash", "-c", script], { env: { ...place.env, ...env }, stdin: typed, cwd: place.directory });
}

const isOption = (word: string) => word !== "moat" && word !== "kv";

/** The words of a command line behind `moat kv`, without quotes. */
const wordsOf = (line: string) => line.trim().split(/\s+/).map((word) => word.replaceAll("'", "")).filter(isOption);

Deno.test("README: from an open server to passwords, rules and TLS in under ten commands", async () => {
  await using place = await Workplace.make();
  const commands = blocks.join("").replaceAll("\\\n", "").split("\n").filter((line) => line.trim() !== "");
  assertTrue(commands.length < 10);
  let token = "";
  {
    await using server = await place.start("-i", "Testing", "test1");
    const typed = ["test123", "test123", "ann12345", "test123", "test123"].join("\n") + "\n";
    const locked = await shell(place, blocks[0], server.port, typed);
    assertEquals(locked.code, 0, locked.stderr);
    token = locked.stdout.trimEnd().split("\n").at(-1)!;
    assertIncludes(token, /^hall\.[\w-]{43}$/);
    await Deno.rename(`${place.directory}/.moat.cfg`, `${place.directory}/asks.cfg`);
    assertIncludes((await place.kv(server, "data", ":")).stderr, "You need to log in using: password");
    const ann = (...words: string[]) => place.kv(server, "-a", "password name=ann password=ann12345", ...words);
    const joe = (...words: string[]) => place.kv(server, "-a", "password name=joe password=test123", ...words);
    assertEquals((await joe("data", "a.b", "set", "-v", ":", "x")).stderr, "");
    assertEquals((await ann("data", "a.b")).stdout, '"x"\n');
    assertIncludes((await ann("data", "a.b", "set", "-v", ":", "y")).stderr, /^ServerError: .*'w'\)/);
    assertEquals((await server.stop()).code, 0);
  }
  const [certificate, start] = blocks[1].replaceAll("\\\n", "").trim().split("\n");
  assertEquals((await shell(place, certificate, 0)).code, 0);
  const args = wordsOf(start).slice(1).map((word) => word === "*:27586" ? "127.0.0.1:0" : word);
  const inPlace = args.map((word) => word.endsWith(".pem") ? `${place.directory}/${word}` : word);
  await using server = await ServerProcess.start({
    // Nobody is there to answer what the configuration asks of people.
    globals: ["-c", `${place.directory}/asks.cfg`, ...place.globals],
    args: [...inPlace, "--web", "none", "test1"],
    env: place.env,
  });
  assertIncludes(server.stderr, /^Clients: tls:/m);
  const last = blocks[2].replace("27586", String(server.port));
  const read = await shell(place, last, server.port, "", { TOKEN: token });
  assertEquals([read.stdout, read.stderr], ['"Testing"\n', ""]);
  const wrong = await shell(place, last, server.port, "", { TOKEN: `${token.slice(0, 10)}${"x".repeat(38)}` });
  assertIncludes(wrong.stderr, "AuthFailedError");
});
