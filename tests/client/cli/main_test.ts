import { version } from "../../../client/cli/version.ts";
import { quickRead } from "../../../client/cli/quick_read.ts";
import { errorFromReply } from "../../../client/errors.ts";
import { ConnectionError, RequestError } from "../../../wire/errors.ts";
import { CommandError } from "../../../client/cli/errors.ts";
import { assertEquals, assertIncludes } from "../../support/assert.ts";
import { runMain } from "../../support/main_run.ts";

/** A server that says this of every request. */
const refusing = (error: string, etype?: string) => ({
  request: (action: string) => {
    throw errorFromReply(action, error, etype);
  },
});

const failures: readonly (readonly [error: string, etype: string | undefined, line: string])[] = [
  ["ClientChainError('Entry already exists at ch.a')", "chain", "ClientChainError: Entry already exists at ch.a"],
  ["ClientError(\"Data is 'x' not 'z' at d1\")", "chain", "ClientError: Data is 'x' not 'z' at d1"],
  ["KeyError(P('nope'))", "not_found", "ServerError: KeyError(P('nope'))"],
  ["ValueError('not an integer')", "type", "ServerError: ValueError('not an integer')"],
  ["ACLError(<AclEntry: x>, 'w')", "acl", "ServerError: ACLError(<AclEntry: x>, 'w')"],
  ["AuthFailedError('Password hashes do not match', 'joe')", "auth", "ServerError: AuthFailedError("],
  ["FileNotFoundError(2, 'No such file or directory')", "file", "ServerError: FileNotFoundError(2, "],
  ['ClientError("You can\'t delete the root node")', undefined, "ClientError: You can't delete the root node"],
  ["ServerError('Node hall is here')", "request", "ServerError: Node hall is here"],
  ["something else", undefined, "ServerError: something else"],
];

for (const [error, etype, line] of failures) {
  Deno.test(`a refusal shows as '${line}'`, async () => {
    const { status, stdout, stderr, closed } = await runMain(["data", "x"], refusing(error, etype));
    assertEquals([status, stdout, closed], [1, "", true]);
    assertIncludes(stderr, line);
    assertEquals(stderr.trimEnd().split("\n").length, 1);
  });
}

const thrown: readonly (readonly [error: Error, line: string, status: number])[] = [
  [
    new RequestError("auth_required", "You need to log in using: password"),
    "ClientAuthRequiredError: You need to log in using: password",
    1,
  ],
  [
    new RequestError("auth_method", "You cannot use 'root' auth"),
    "ClientAuthMethodError: You cannot use 'root' auth",
    1,
  ],
  [
    new RequestError("value", "An integer below −2^63 cannot be sent"),
    "ValueError: An integer below −2^63 cannot be sent",
    1,
  ],
  [new ConnectionError("tcp://h:1 closed the connection"), "ServerClosedError: tcp://h:1 closed the connection", 1],
  [new CommandError("No entry here."), "No entry here.", 1],
  [new Deno.errors.NotFound("No such file"), "FileNotFoundError: No such file", 1],
  [new TypeError("x is not a function"), "TypeError: x is not a function", 1],
];

for (const [error, line, status] of thrown) {
  Deno.test(`an error shows as '${line}'`, async () => {
    const run = await runMain(["data", "x", "list"], {
      stream: () => {
        throw error;
      },
    });
    assertEquals([run.status, run.stdout, run.stderr], [status, "", `${line}\n`]);
  });
}

Deno.test("hints are for people at a terminal", async () => {
  const stream = () => {
    throw new CommandError("OSError: All connection attempts failed", 1, { hint: "Start a server." });
  };
  assertEquals((await runMain(["data", "x", "list"], { stream })).stderr, "OSError: All connection attempts failed\n");
  assertIncludes((await runMain(["data", "x", "list"], { stream, isTerminal: true })).stderr, "Start a server.\n");
});

Deno.test("a defect shows where it is with -VV", async () => {
  const stream = () => {
    throw new TypeError("x is not a function");
  };
  assertIncludes((await runMain(["-VV", "data", "x", "list"], { stream })).stderr, /\n {4}at /);
});

Deno.test("Ctrl-C says so, exit status 0", async () => {
  const interrupt = new AbortController();
  const run = await runMain(["data", "x", "monitor"], {
    signal: interrupt.signal,
    stream: async function* () {
      yield { state: "start" };
      interrupt.abort(new Error("stop"));
      throw interrupt.signal.reason;
    },
  });
  assertEquals([run.status, run.stderr, run.closed], [0, "Interrupted.\n", true]);
});

Deno.test("a reader that goes away ends the program quietly", async () => {
  const stream = function* () {
    for (let i = 0; i < 100; i++) yield { path: ["x"], value: i };
  };
  const { status, stderr, stdout } = await runMain(["data", "x", "get", "-r"], { stream, closesAfter: 3 });
  assertEquals([status, stderr, stdout.split("\n").length], [0, "", 4]);
});

Deno.test("errors of paths and expressions are one line, exit status 1", async () => {
  for (const path of ["a..b", ".a", "a.", "a:", ""]) {
    const { status, stderr } = await runMain(["kv", "data", path, "get"]);
    assertEquals([status, stderr.split("\n").length], [1, 2]);
    assertIncludes(stderr, /^SyntaxError: /);
    assertEquals((await runMain(["kv", "data", path])).stderr, stderr);
  }
  assertEquals((await runMain(["data", "a..b"])).stderr, "SyntaxError: Cannot parse 'a..b' at 2\n");
  const { status, stderr } = await runMain(["data", "a", "set", "-e", ":", "foo"], { request: () => ({}) });
  assertEquals(status, 1);
  assertIncludes(stderr, /^SyntaxError: Cannot evaluate 'foo' at 0: .*\n$/);
});

Deno.test("wrong command lines: usage, hint, error, exit status 2", async () => {
  for (
    const line of [["nope"], ["data", "x", "nope"], ["data", "x", "get", "--nope"], ["-C"], [
      "kv",
      "-p",
      "x",
      "data",
      ":",
    ]]
  ) {
    const { status, stderr, stdout } = await runMain(line);
    assertEquals([status, stdout], [2, ""]);
    assertIncludes(stderr, /^Usage: moat.*\nTry 'moat.* --help' for help\.\n\nError: .*\n$/);
  }
});

Deno.test("a usage error within a command names that command", async () => {
  const { status, stderr } = await runMain(["kv", "-c", "x", "data", "x"]);
  assertEquals(status, 2);
  assertIncludes(stderr, "Usage: moat kv [OPTIONS]");
  const missing = await runMain(["-c", "nope.cfg", "kv", "data", "x"], { request: () => ({}) });
  assertEquals(missing.status, 2);
  assertIncludes(
    missing.stderr,
    /^Usage: moat kv data PATH get .*\n.*\n\nError: .*File 'nope.cfg' does not exist\.\n$/,
  );
});

Deno.test("-L says what is loaded, -l for a logger that is not here is noticed", async () => {
  const loaded = await runMain(["-L", "internal"]);
  assertEquals([loaded.status, loaded.stderr], [0, "Loading the commands of internal\n"]);
  const request = () => ({ value: 1 });
  const other = await runMain(["-l", "asyncserf=debug", "-l", "moat=info", "data", "a"], { request });
  assertEquals([other.status, other.stdout, other.stderr], [
    0,
    "1\n",
    "There is no logger 'asyncserf' here, only 'moat'\n",
  ]);
  assertEquals((await runMain(["-l", "moat=loud", "data", "a"], { request })).status, 2);
});

Deno.test("no arguments: help, exit status 0", async () => {
  for (const line of [[], ["kv"], ["help"], ["data"], ["kv", "internal"]]) {
    const { status, stdout } = await runMain(line);
    assertEquals(status, 0);
    assertIncludes(stdout, "Usage: moat");
  }
});

Deno.test("--version is that of the package", async () => {
  const { default: { name, version: number } } = await import("../../../deno.json", { with: { type: "json" } });
  assertEquals(version, `${name} ${number}`);
  assertEquals((await runMain(["--version"])).stdout, `${version}\n`);
});

Deno.test("kv and its options are optional; those of both levels are understood", async () => {
  const answer = { request: () => ({ value: 1, tock: 2, chain: { node: "a", tick: 1, prev: null } }) };
  const at = async (...line: string[]) => {
    const { host, port, auth } = await runMain(line, answer);
    return [host, port, auth];
  };
  assertEquals(await at("data", ":"), ["localhost", 27586, null]);
  assertEquals(await at("kv", "-h", "h", "-p", "5", "data", ":"), ["h", 5, null]);
  assertEquals(await at("kv", "-h", "h", "-p5", "data", ":", "get", "-D"), ["h", 5, null]);
  assertEquals(await at("--host", "h", "kv", "--port", "5", "data", ":"), ["h", 5, null]);
  assertEquals(await at("data", ":", "get", "--port", "6"), ["localhost", 6, null]);
  assertEquals(await at("-a", "_test name=joe", "data", ":"), ["localhost", 27586, "_test name=joe"]);
  assertEquals(await at("kv", "-C", "connect.auth=_test name=joe", "data", ":"), [
    "localhost",
    27586,
    "_test name=joe",
  ]);
  assertEquals(await at("-C", "kv.conn.host=x", "kv", "-C", "conn.port=7", "data", ":"), ["x", 7, null]);
  assertEquals(await at("-v", "kv.conn.host", "y", "-e", "kv.conn.port", "8", "data", ":"), ["y", 8, null]);
});

Deno.test("-Q silences courtesy lines, -m prints records, -o changes the format", async () => {
  const nothing = { request: () => ({ tock: 5 }) };
  assertEquals((await runMain(["data", "a.b"], nothing)).stderr, "No data at a.b\n");
  assertEquals((await runMain(["-Q", "data", "a.b"], nothing)).stderr, "");
  assertEquals((await runMain(["data", "a.b"], nothing)).status, 0);
  const something = { request: () => ({ value: "x", tock: 5, chain: { node: "a", tick: 1, prev: null } }) };
  const record = "chain:\n  node: a\n  prev: null\n  tick: 1\ntock: 5\nvalue: x\n";
  assertEquals((await runMain(["kv", "-m", "data", "a"], something)).stdout, record);
  assertEquals((await runMain(["-m", "data", "a"], something)).stdout, record);
  assertEquals((await runMain(["-o", "json", "data", "a"], something)).stdout, '"x"\n');
  assertEquals((await runMain(["kv", "data", "a", "get", "--output", "yaml"], something)).stdout, "x\n");
  assertEquals((await runMain(["-o", "xml", "data", "a"], something)).status, 2);
});

Deno.test("quickRead() knows plain reads only", () => {
  assertEquals(quickRead(["data", "a"])?.path, "a");
  assertEquals(quickRead(["kv", "-h", "x", "-p", "1", "data", ":", "get"]), {
    path: ":",
    options: { top: {}, kv: { host: "x", port: 1 } },
  });
  const others = [
    [],
    ["data"],
    ["data", "-r"],
    ["data", "a", "list"],
    ["data", "a", "get", "-r"],
    ["kv", "data", "--help"],
    [
      "kv",
      "-p",
      "70000",
      "data",
      "a",
    ],
    ["kv", "-m", "data", "a"],
    ["dat", "a"],
    ["-V", "data", "a"],
  ];
  assertEquals(others.map(quickRead), others.map(() => undefined));
});
