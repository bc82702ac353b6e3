/**
 * Rows about the process that runs stored code: what a check costs beside the write that wants it, how soon it goes on after
 * a kill, and whether clients that have nothing to do with it notice.
 */

import { openClient } from "../../client/mod.ts";
import { encode, P, Path, type Value } from "../../wire/mod.ts";
import { type Compiled, type Program, Sandbox } from "../../server/meta/sandbox/sandbox.ts";
import { moat } from "./peers.ts";
import { median, type Result } from "./result.ts";

const programs: readonly Program[] = [
  check("Python", "python", 'if not (0 <= value <= 100): raise ValueError("not a percentage")'),
  check("JavaScript", "js", 'if (!(value >= 0 && value <= 100)) throw new Error("not a percentage")'),
  { ...check("JSON schema", "js", undefined), schema: encode({ type: "integer", minimum: 0, maximum: 100 }) },
];

function check(name: string, lang: "python" | "js", code: string | undefined): Program {
  return { lang, code, schema: undefined, purpose: "check", name };
}

const value = encode(55);

/** One check after the other, and 64 at once, in each language. */
export async function checks(): Promise<Result[]> {
  await using sandbox = new Sandbox();
  const results: Result[] = [];
  for (const program of programs) {
    const compiled = await sandbox.compile(program);
    for (let i = 0; i < 50; i++) await together(sandbox, compiled, 64);
    const alone: number[] = [];
    for (let i = 0; i < 5000; i++) alone.push(await together(sandbox, compiled, 1));
    const many: number[] = [];
    for (let i = 0; i < 500; i++) many.push(await together(sandbox, compiled, 64) / 64);
    const name = `check in the sandbox, ${program.name}`;
    results.push({ name: `${name}, one at a time`, ours: median(alone), unit: "µs", goal: ["<=", 30, "absolute"] });
    results.push({ name: `${name}, 64 in flight, each`, ours: median(many), unit: "µs", goal: ["<=", 5, "absolute"] });
  }
  return results;
}

/** Microseconds for `count` checks at once. */
async function together(sandbox: Sandbox, compiled: Compiled, count: number): Promise<number> {
  const start = performance.now();
  await Promise.all(Array.from({ length: count }, () => sandbox.check(compiled, value)));
  return (performance.now() - start) * 1000;
}

/** From the kill of a program to the answer of the one behind it. */
export async function respawn(): Promise<Result[]> {
  await using sandbox = new Sandbox();
  const innocent = await sandbox.compile(programs[0]);
  const times: number[] = [];
  for (let i = 0; i < 9; i++) {
    const bomb = await sandbox.compile(check("bomb", "js", "for (;;);"));
    const killed = sandbox.check(bomb, value).catch(() => performance.now());
    await sandbox.check(innocent, value);
    times.push(performance.now() - (await killed as number));
    await new Promise((resolve) => setTimeout(resolve, 2500)); // until the next child waits in reserve
  }
  return [{
    name: "sandbox: from a kill to the next answer",
    ours: median(times),
    unit: "ms",
    goal: ["<=", 100, "absolute"],
  }];
}

const bombs: readonly { readonly [field: string]: Value }[] = [
  { lang: "python", code: "while True: pass" },
  { lang: "js", code: "new Array(2 ** 32 - 2).indexOf(1)" },
  { lang: "python", code: "x = []\nwhile True: x.append('a' * 100000)" },
  { schema: { pattern: "^(a+)+$" } },
  { lang: "js", code: "throw { get name() { for (;;); } }" },
];

/** The worst reply of a client that only reads, while another stores one bomb after the other. */
export async function worstReply(): Promise<Result[]> {
  await using server = (await moat("memory")())!;
  const at = { host: "127.0.0.1", port: server.port };
  await using reader = await openClient(at);
  await using villain = await openClient(at);
  const quiet = await worst(reader, sleep(3000));
  const loud = await worst(reader, light(villain));
  return [{
    name: "worst reply for others while bombs are stored",
    ours: loud,
    theirs: quiet,
    theirName: "none",
    unit: "ms",
    goal: ["<=", 30, "absolute"],
  }];
}

async function light(villain: Awaited<ReturnType<typeof openClient>>): Promise<void> {
  const long = "a".repeat(60) + "b";
  for (let i = 0; i < 15; i++) {
    const type = { ...bombs[i % bombs.length], good: [long, long], bad: [long] };
    await villain.request("set_internal", { path: Path.of("type", `bomb${i}`), value: type }).catch(() => {});
  }
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** The longest that one read takes, of those made one after the other until `done`. */
async function worst(client: Awaited<ReturnType<typeof openClient>>, done: Promise<void>): Promise<number> {
  let isDone = false;
  done.finally(() => isDone = true);
  let longest = 0;
  while (!isDone) {
    const start = performance.now();
    await client.get(P(":"));
    longest = Math.max(longest, performance.now() - start);
  }
  return longest;
}
