/** The original's own command line sets up logins on our server and logs in, with all three methods. */

import { assertEquals, assertIncludes } from "../support/assert.ts";
import { runMoat } from "../support/moat_command.ts";
import { findPython } from "../support/python.ts";
import { cleanEnv, ServerProcess } from "../support/server_process.ts";

const CLI = new URL("./python/original_cli.py", import.meta.url).pathname;
const found = await findPython();
if ("missing" in found) console.log(`interop with the original is skipped: ${found.missing}`);
const ignore = "missing" in found;
const python = "python" in found ? found.python : "";

/** A server of ours, and the original's command line beside it. */
class Place implements AsyncDisposable {
  private constructor(readonly server: ServerProcess) {}

  static async make(): Promise<Place> {
    const where = ["--bind", "127.0.0.1:0", "--web", "none"];
    return new Place(await ServerProcess.start({ args: ["--memory", "--alone", "-i", "Testing", ...where, "test1"] }));
  }

  /** Runs the original's `moat kv WORDS`; what it prints, or its complaint. */
  async original(...words: string[]): Promise<string> {
    const args = [CLI, "kv", "-h", "127.0.0.1", "-p", String(this.server.port), ...words];
    const { code, stdout, stderr } = await new Deno.Command(python, { args, stdin: "null" }).output();
    const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
    return code === 0 ? text(stdout) : `exit ${code}: ${text(stderr)}`;
  }

  /** Runs ours. */
  async ours(...words: string[]): Promise<string> {
    const args = ["kv", "-p", String(this.server.port), ...words];
    const { stdout, stderr } = await runMoat(args, { env: cleanEnv("/nonexistent") });
    return stdout + stderr;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server[Symbol.asyncDispose]();
  }
}

const reads = ["data", ":"];

Deno.test({ name: "python login: password, set up by the original's command line", ignore }, async () => {
  await using place = await Place.make();
  const auth = ["-a", "password name=joe password=test123"];
  assertEquals(await place.original("auth", "-m", "password", "user", "add", "name=joe", "password=test123"), "joe\n");
  assertEquals(await place.original("auth", "-m", "password", "init", "-s"), "Authorization switched to password\n");
  assertIncludes(await place.original(...reads), "You need to log in using:");
  assertEquals(await place.original(...auth, ...reads), "'Testing'\n");
  assertIncludes(
    await place.original("-a", "password name=joe password=wrong1", ...reads),
    "Password hashes do not match",
  );
  assertIncludes(
    await place.original("-a", "password name=jim password=wrong1", ...reads),
    "Password hashes do not match",
  );
  assertIncludes(await place.original("-a", "_test name=joe", ...reads), "You cannot use '_test' auth");
  assertEquals(await place.original(...auth, "auth", "-m", "password", "user", "list"), "joe\n");
  assertEquals(await place.ours(...auth, ...reads), '"Testing"\n');
  assertEquals(await place.original(...auth, "data", "a.b", "set", "-v", ":", "x"), "");
  assertEquals(await place.original(...auth, "data", "a.b"), "'x'\n");
});

Deno.test(
  { name: "python login: password, set up by ours; records of the original go on to work", ignore },
  async () => {
    await using place = await Place.make();
    const auth = ["-a", "password name=joe password=test123"];
    await place.ours("auth", "compatible", "on");
    assertEquals(await place.ours("auth", "-m", "password", "user", "add", "name=joe", "password=test123"), "joe\n");
    assertEquals(await place.ours("auth", "init"), "Authorization switched to password\n");
    assertEquals(await place.original(...auth, ...reads), "'Testing'\n");
    assertIncludes(
      await place.ours(...auth, "internal", "dump", "auth"),
      "7NcYcNGWMxapfjrDQIyYNa2M8PPBvHA1J8MCZVNPda4=",
    );
    await place.ours(...auth, "auth", "compatible", "off");
    assertEquals(await place.original(...auth, ...reads), "'Testing'\n");
    assertIncludes(await place.ours(...auth, "internal", "dump", "auth"), "scrypt:");
    assertEquals(await place.original(...auth, ...reads), "'Testing'\n");
  },
);

Deno.test({ name: "python login: _test, with its step dance", ignore }, async () => {
  await using place = await Place.make();
  assertEquals(await place.original("auth", "-m", "_test", "user", "add", "name=joe"), "joe\n");
  assertEquals(await place.original("auth", "-m", "_test", "user", "add", "name=root"), "root\n");
  assertEquals(await place.original("auth", "-m", "_test", "user", "list"), "joe\nroot\n");
  assertEquals(await place.original("auth", "-m", "_test", "init"), "Authorization switched to _test\n");
  assertEquals(await place.original("-a", "_test name=joe", ...reads), "'Testing'\n");
  assertIncludes(await place.original("-a", "_test name=nobody", ...reads), "KeyError(P('_test.user.nobody'))");
});

Deno.test({ name: "python login: root", ignore }, async () => {
  await using place = await Place.make();
  assertEquals(await place.original("auth", "-m", "root", "user", "add"), "*\n");
  assertEquals(await place.original("auth", "-m", "root", "init"), "Authorization switched to root\n");
  assertIncludes(await place.original(...reads), "You need to log in using:");
  assertEquals(await place.original("-a", "root", ...reads), "'Testing'\n");
});
