import { Option } from "commander";
import { assertEquals } from "../../../support/assert.ts";
import { MoatCommand } from "../../../../client/cli/options.ts";
import {
  aclOperand,
  conflictOperand,
  conflictTickOperand,
  matchOperand,
  pathOperand,
  typeOperand,
  userOperand,
} from "../../../../client/cli/option_kinds.ts";
import { complete, type Finders } from "../../../../client/cli/util/complete.ts";
import { parentsOf, pathsBeginningWith } from "../../../../client/cli/util/complete_path.ts";
import type { PathElement } from "../../../../wire/path/path.ts";

function program(): MoatCommand {
  const moat = new MoatCommand("moat").option("-V, --verbose").option("-h, --host <host>");
  const data = moat.command("data").description("Read and write.\nMore.").pathFirst({ fallback: "get" });
  data.command("get").argument("<path>").option("-r, --recursive", "all below").option("-d, --as-dict <key>");
  data.command("set").argument("<path>").pairs("-v, --var <path> <text>", "set a text");
  const code = moat.command("code").pathFirst({ verbFirst: true });
  code.command("set").argument("<path>").option("-s, --script <file>", "the script");
  const log = moat.command("log");
  log.command("dest").argument("<file>");
  moat.command("__hidden");
  const server = moat.command("server").argument("[name]").argument("[nodes...]");
  server.addOption(new Option("--fsync <policy>", "when").choices(["always", "everysec", "no"]));
  moat.command("watch").argument("<place>", "where", pathOperand);
  moat.command("take").argument("<path>", "it", conflictOperand).argument("[tick]", "", conflictTickOperand);
  moat.command("bind").argument("<ident>", "who", userOperand).option("--acl <name>", "by what", aclOperand);
  moat.command("fit").argument("<path>", "", matchOperand).option("-t, --type <type>", "which", typeOperand);
  moat.lazy("late", "loaded on use", () => {
    moat.command("late").command("sub").summary("found");
    return Promise.resolve();
  });
  return moat;
}

const find: Finders = {
  paths: (begin) => Promise.resolve([`${begin}1`, "z"]),
  conflicts: () =>
    Promise.resolve([
      { path: "room.temp", writer: "hall", tick: 17 },
      { path: "room.light", writer: "hall", tick: 4 },
      { path: "x", writer: "attic", tick: 5 },
    ]),
  names: (of) => Promise.resolve(of === "user" ? ["joe", "jim"] : [of]),
};

async function words(...line: string[]): Promise<string[]> {
  const { kind, candidates } = await complete(program(), line, find);
  return [kind, ...candidates.map(([word]) => word)];
}

Deno.test("complete() offers subcommands, without hidden ones", async () => {
  assertEquals(await words(""), ["words", "data", "code", "log", "server", "watch", "take", "bind", "fit", "late"]);
  assertEquals(await words("-V", "-h", "some", "l"), ["words", "log", "late"]);
  assertEquals(await words("log", ""), ["words", "dest"]);
  assertEquals(await words("log", "dest", ""), ["files"]);
  assertEquals(await words("nonsense", ""), ["words"]);
});

Deno.test("complete() offers the first line of a description", async () => {
  const { candidates } = await complete(program(), ["da"], find);
  assertEquals(candidates, [["data", "Read and write."]]);
});

Deno.test("complete() offers paths where a group begins with one, then its verbs", async () => {
  assertEquals(await words("data", "a."), ["paths", "a.1"]);
  assertEquals(await words("data", "a.b", ""), ["words", "get", "set"]);
  assertEquals(await words("code", "s"), ["paths", "s1", "set"]);
  assertEquals(await words("code", "set", "x"), ["paths", "x1"]);
  assertEquals(await words("watch", "x"), ["paths", "x1"]);
});

Deno.test("complete() offers options, their choices and files", async () => {
  assertEquals(await words("data", "a", "get", "--"), ["words", "--recursive", "--as-dict", "--help"]);
  assertEquals(await words("data", "a", "get", "-d", ""), ["words"]);
  assertEquals(await words("server", "--fsync", ""), ["words", "always", "everysec", "no"]);
  assertEquals(await words("server", "--fsync=e"), ["words", "--fsync=everysec"]);
  assertEquals(await words("code", "set", "--script=x"), ["files"]);
  assertEquals(await words("server", "--fsync", "no", "--f"), ["words", "--fsync"]);
  assertEquals(await words("code", "set", "-s", ""), ["files"]);
  assertEquals(await words("data", "a", "set", "-v", "x", "y", "-"), ["words", "--var", "-v", "--help"]);
});

Deno.test("complete() offers the conflicts there are, by entry and by writer, then the writer's ticks", async () => {
  assertEquals(await words("take", ""), ["words", "attic", "hall", "room.light", "room.temp", "x"]);
  assertEquals(await words("take", "r"), ["words", "room.light", "room.temp"]);
  assertEquals(await words("take", "hall", ""), ["words", "4", "17"]);
  assertEquals(await words("take", "room.temp", ""), ["words"]);
  assertEquals(await words("take", "hall", "17", ""), ["words"]);
});

Deno.test("complete() loads a group's file on the way", async () => {
  assertEquals(await words("late", ""), ["words", "sub"]);
});

Deno.test("complete() sets the options of the groups, for the connection", async () => {
  const moat = program();
  await complete(moat, ["--host=there", "data", ""], find);
  assertEquals(moat.getOptionValue("host"), "there");
});

Deno.test("parentsOf() cuts a text wherever an element may end", () => {
  assertEquals(parentsOf("").map(String), [":"]);
  assertEquals(parentsOf("one.two").map(String), [":", "one"]);
  assertEquals(parentsOf("a:1.b").map(String), [":", "a", "a:1"]);
  assertEquals(parentsOf("a:.b.c").map(String), [":", "a", "a:.b"]);
});

Deno.test("pathsBeginningWith() lists what is one element longer", async () => {
  const children: Record<string, PathElement[]> = { ":": ["one", "a.b", null], "one": ["two", "three", 4] };
  const find = (typed: string) =>
    pathsBeginningWith(typed, (path) => {
      const names = children[path.toString()];
      return names ? Promise.resolve(names) : Promise.reject(new Error("no such entry"));
    });
  assertEquals(await find(""), [":", ":n", "a:.b", "one"]);
  assertEquals(await find("o"), ["one"]);
  assertEquals(await find("one."), ["one.three", "one.two"]);
  assertEquals(await find("one:"), ["one:4"]);
  assertEquals(await find("a:."), ["a:.b"]);
  assertEquals(await find("nope.x"), []);
});

Deno.test("complete() offers users and ACLs where they are named", async () => {
  assertEquals(await words("bind", "j"), ["words", "joe", "jim"]);
  assertEquals(await words("bind", "ji"), ["words", "jim"]);
  assertEquals(await words("bind", "joe", "--acl", ""), ["words", "acl"]);
});

Deno.test("complete() offers the types and patterns that there are", async () => {
  assertEquals(await words("fit", "-t", ""), ["words", "type"]);
  assertEquals(await words("fit", "-t", "int", "m"), ["words", "match"]);
});
