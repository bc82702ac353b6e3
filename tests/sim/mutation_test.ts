import { type Mutation, mutations } from "./mutations.ts";
import { clientMutations } from "./mutations_clients.ts";

const top = new URL("../../", import.meta.url).pathname;
/** What the simulator needs. */
const needed = ["deno.json", "client", "server", "wire", "tests/sim", "tests/support"];
const limitMs = 60_000;

async function copyTree(from: string, to: string): Promise<void> {
  const { isFile } = await Deno.stat(from);
  if (isFile) return await Deno.copyFile(from, to);
  await Deno.mkdir(to, { recursive: true });
  for await (const { name } of Deno.readDir(from)) await copyTree(`${from}/${name}`, `${to}/${name}`);
}

/** A copy of the sources without that protection. */
async function mutate({ edits }: Mutation): Promise<string> {
  const directory = await Deno.makeTempDir({ prefix: "moat-mutation-" });
  await Deno.mkdir(`${directory}/tests`);
  for (const name of needed) await copyTree(`${top}${name}`, `${directory}/${name}`);
  for (const { file, find, replace } of edits) {
    const text = await Deno.readTextFile(`${directory}/${file}`);
    if (text.split(find).length !== 2) throw new Error(`${file} does not have exactly once: ${find}`);
    await Deno.writeTextFile(`${directory}/${file}`, text.replace(find, () => replace));
  }
  return directory;
}

async function simulate(directory: string, words: readonly string[]): Promise<{ code: number; text: string }> {
  const output = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", "tests/sim/main.ts", ...words],
    cwd: directory,
    signal: AbortSignal.timeout(limitMs),
  }).output();
  const decoder = new TextDecoder();
  return { code: output.code, text: decoder.decode(output.stdout) + decoder.decode(output.stderr) };
}

for (const mutation of [...mutations, ...clientMutations]) {
  Deno.test(`The simulator misses a protection: ${mutation.name}`, async () => {
    const directory = await mutate(mutation);
    try {
      const { code, text } = await simulate(directory, mutation.run);
      const isFound = code === 1 && /FAILS/.test(text);
      if (!isFound) throw new Error(`Nobody noticed (exit ${code}): ${text.slice(-2000)}`);
    } finally {
      await Deno.remove(directory, { recursive: true });
    }
  });
}
