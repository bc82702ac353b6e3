/**
 * `deno task ok`: every check that a change must pass, in the order of how fast each fails. Prints one line per step,
 * stops at the first failure and exits with its status.
 */

const ENTRY_POINTS = ["mod.ts", "client/mod.ts", "satellite/mod.ts", "server/mod.ts", "wire/mod.ts"];
const SOURCES = ["mod.ts", "wire", "client", "server", "satellite"];

/** Name of the step → arguments for deno. */
const STEPS: readonly [string, readonly string[]][] = [
  ["format", ["fmt", "--check"]],
  ["lint", ["lint"]],
  ["types", ["check", ...SOURCES, "tests"]],
  ["layering", ["test", "-A", "tests/layering_test.ts"]],
  ["doc comments", ["doc", "--lint", ...ENTRY_POINTS]],
  ["doc examples", ["check", "--doc", ...SOURCES]],
  ["tests", ["task", "test"]],
  ["package", ["publish", "--dry-run", "--allow-dirty"]],
];

for (const [name, args] of STEPS) {
  const started = performance.now();
  console.log(`ok: ${name} …`);
  // `deno doc --lint` prints the documentation that it checked; only what it complains of is of interest.
  const quiet = name === "doc comments";
  const { code } = await new Deno.Command(Deno.execPath(), {
    args: [...args],
    stdout: quiet ? "null" : "inherit",
    stderr: "inherit",
  }).output();
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  if (code !== 0) {
    console.error(`ok: ${name} failed after ${seconds} s (exit ${code})`);
    Deno.exit(code);
  }
  console.log(`ok: ${name} passed in ${seconds} s`);
}
console.log("ok: all checks passed");
