import { wholeNumber } from "../../../client/cli/option_kinds.ts";
import { MoatCommand } from "../../../client/cli/options.ts";
import { UsageError } from "../../../client/cli/errors.ts";
import { assertEquals, assertIncludes, assertRejects } from "../../support/assert.ts";

/** What a command line led to: the command's words, its operands, its options. */
type Seen = readonly [words: string, operands: unknown[], options: Record<string, unknown>];

/** A small program with one command of each kind. */
function program(): { parse: (...words: string[]) => Promise<Seen>; out: () => string; loaded: string[] } {
  let seen: Seen | undefined;
  let out = "";
  const loaded: string[] = [];
  const note = (command: MoatCommand) => {
    return command.action((...args: unknown[]) => {
      const [options, self] = args.slice(-2) as [Record<string, unknown>, MoatCommand];
      seen = [self.words(), args.slice(0, -2), options];
    });
  };
  const root = new MoatCommand("moat");
  root.exitOverride().helpOption("-h, --help", "help").configureOutput({ writeOut: (text) => void (out += text) })
    .configureHelp({ commandUsage: (command) => (command as MoatCommand).usageLine() });
  root.count("-V, --verbose", "more").list("-c, --cfg <file>", "file").pairs("-e, --eval <path> <expr>", "set");
  root.option("--host <host>", "host");
  const data = root.command("data").pathFirst({ fallback: "get" });
  note(
    data.command("get").argument("<path>").option("-r, --recursive", "r").option("-d, --as-dict <key>", "d")
      .option("-m, --max <n>", "m", wholeNumber()),
  );
  note(
    data.command("set").argument("<path>").pairs("-v, --var <path> <text>", "v").pairs("-e, --eval <path> <expr>", "e"),
  );
  note(data.command("monitor").alias("watch").argument("<path>").list("-i, --ignore <path>", "i"));
  const code = root.command("code").pathFirst({ verbFirst: true });
  note(code.command("set").argument("<path>").option("-s, --script <file>", "s"));
  note(code.command("get").argument("<path>"));
  const acl = root.command("acl");
  note(acl.command("set").argument("<name>").argument("<path>").option("-a, --acl <flags>", "a", "+x"));
  note(root.command("to").argument("[args...]").option("-n, --now", "n"));
  root.lazy("later", "loaded on use", () => {
    loaded.push("later");
    note(root.command("later").argument("<x>"));
    return Promise.resolve();
  });
  return {
    parse: async (...words) => {
      seen = undefined;
      await root.parseAsync(words, { from: "user" });
      return seen!;
    },
    out: () => out,
    loaded,
  };
}

const accepted: readonly (readonly [line: string[], words: string, operands: unknown[], options: object])[] = [
  [["data", "a.b"], "moat data PATH get", ["a.b"], {}],
  [["data", ":", "get", "-r"], "moat data PATH get", [":"], { recursive: true }],
  [["data", "one", "get", "-rd_"], "moat data PATH get", ["one"], { recursive: true, asDict: "_" }],
  [["data", "one", "-rd_"], "moat data PATH get", ["one"], { recursive: true, asDict: "_" }],
  [["data", "one", "get", "-d", "_", "-r"], "moat data PATH get", ["one"], { recursive: true, asDict: "_" }],
  [["data", "one", "get", "--as-dict=_"], "moat data PATH get", ["one"], { asDict: "_" }],
  [["data", "one", "get", "--as-dict", "-"], "moat data PATH get", ["one"], { asDict: "-" }],
  [["data", "one", "get", "-m3", "-r"], "moat data PATH get", ["one"], { max: 3, recursive: true }],
  [["data", "get"], "moat data PATH get", ["get"], {}],
  [["data", "get", "get"], "moat data PATH get", ["get"], {}],
  [["data", "--", "-x", "get"], "moat data PATH get", ["-x"], {}],
  [["data", "-", "get"], "moat data PATH get", ["-"], {}],
  [["data", "x", "set", "-e", ":", "-7"], "moat data PATH set", ["x"], { eval: [[":", "-7"]] }],
  [["data", "x", "set", "-e", "a", "-"], "moat data PATH set", ["x"], { eval: [["a", "-"]] }],
  [["data", "x", "set", "-v", ":", "-v"], "moat data PATH set", ["x"], { var: [[":", "-v"]] }],
  [["data", "x", "set", "-ea", "1"], "moat data PATH set", ["x"], { eval: [["a", "1"]] }],
  [["data", "x", "set", "--eval=a", "1"], "moat data PATH set", ["x"], { eval: [["a", "1"]] }],
  [
    ["data", "x", "set", "-v", "one", "XXX", "-e", "two", "2", "-v", "c", ""],
    "moat data PATH set",
    ["x"],
    { var: [["one", "XXX"], ["c", ""]], eval: [["two", "2"]] },
  ],
  [["data", "x", "watch", "-i", "a", "-i", "b"], "moat data PATH monitor", ["x"], { ignore: ["a", "b"] }],
  [["code", "set", "the.answer"], "moat code PATH set", ["the.answer"], {}],
  [["code", "the.answer", "set", "-s", "-"], "moat code PATH set", ["the.answer"], { script: "-" }],
  [["code", "set", "-s", "f", "the.answer"], "moat code PATH set", ["the.answer"], { script: "f" }],
  [["code", "set", "get"], "moat code PATH get", ["set"], {}],
  [["acl", "set", "n", "-a", "xc", "wom.#"], "moat acl set", ["n", "wom.#"], { acl: "xc" }],
  [["acl", "set", "-a", "-x", "n", "p"], "moat acl set", ["n", "p"], { acl: "-x" }],
  [["acl", "set", "n", "p"], "moat acl set", ["n", "p"], { acl: "+x" }],
  [["to", "-1", "thu"], "moat to", [["-1", "thu"]], {}],
  [["to", "-n", "-", "10", "sec"], "moat to", [["-", "10", "sec"]], { now: true }],
  [["to", "--", "-n"], "moat to", [["-n"]], {}],
  [["later", "1"], "moat later", ["1"], {}],
];

for (const [line, words, operands, options] of accepted) {
  Deno.test(`options: ${line.join(" ")}`, async () => {
    const { parse } = program();
    const [gotWords, gotOperands, gotOptions] = await parse(...line);
    assertEquals([gotWords, gotOperands, { ...gotOptions }], [words, operands, { ...options }]);
  });
}

const refused: readonly (readonly [line: string[], message: string])[] = [
  [["dat"], "No such command 'dat'. Did you mean 'data'?"],
  [["data", "x", "gte"], "No such command 'gte'. Did you mean 'get'?"],
  [["data", "get", "a.b"], "No such command 'a.b'. The path comes first: 'moat data a.b get'."],
  [["data", "x", "get", "y"], "Got unexpected extra argument (y)."],
  [["data", "x", "get", "-x"], "No such option: -x"],
  [["data", "x", "get", "-rx"], "No such option: -x"],
  [["data", "-x"], "No such option: -x"],
  [["data", "x", "get", "--recursiv"], "No such option: --recursiv. Did you mean '--recursive'?"],
  [["data", "x", "get", "--recursive=1"], "Option '--recursive' does not take a value."],
  [["data", "x", "get", "-d"], "Option '--as-dict' requires an argument."],
  [["data", "x", "set", "-e", ":"], "Option '--eval' requires 2 arguments."],
  [["data", "x", "get", "-m", "-1"], "Invalid value for '-m, --max': '-1'. It should be a whole number of at least 0."],
  [["acl", "set", "n"], "Missing argument 'PATH'."],
  [["acl", "-V"], "No such option: -V"],
  [["code", "a.b"], "Missing command."],
  [["-V"], "Missing command."],
];

for (const [line, message] of refused) {
  Deno.test(`options: ${line.join(" ")} is refused`, async () => {
    assertEquals((await assertRejects(() => program().parse(...line), UsageError)).message, message);
  });
}

Deno.test("options: long options of the groups above are understood everywhere", async () => {
  const { parse } = program();
  assertEquals((await parse("data", "x", "get", "--host", "h", "-r"))[2], { recursive: true });
});

Deno.test("options: a refusal shows the usage of its command", async () => {
  const error = await assertRejects(() => program().parse("acl", "set", "n"), UsageError);
  assertEquals(
    error.text(),
    "Usage: moat acl set [OPTIONS] NAME PATH\nTry 'moat acl set --help' for help.\n\nError: Missing argument 'PATH'.\n",
  );
});

for (const line of [["--help"], ["-h"], ["-?"], ["help"], [], ["data"], ["data", "--help"], ["help", "data", "get"]]) {
  Deno.test(`options: help by '${line.join(" ")}'`, async () => {
    const { parse, out } = program();
    const error = await assertRejects(() => parse(...line));
    assertEquals((error as Error & { exitCode: number }).exitCode, 0);
    assertIncludes(out(), /^Usage: moat/);
  });
}

Deno.test("options: 'data get --help' explains get", async () => {
  const { parse, out } = program();
  await assertRejects(() => parse("data", "get", "--help"));
  assertIncludes(out(), "Usage: moat data PATH get [OPTIONS]");
});

Deno.test("options: a group's file is loaded when it is used, once", async () => {
  const { parse, loaded } = program();
  await parse("data", "x");
  assertEquals(loaded, []);
  await parse("later", "1");
  await parse("later", "2");
  assertEquals(loaded, ["later"]);
});
