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

/** The protections of replication, and the mutations that switch them off. */
const protections: { readonly [protection: string]: readonly string[] } = {
  "tie-break": ["on a tie the lower writer name wins", "the higher rank stays"],
  "exact-link rule": ["an exact link decides before the rank", "a higher tick of a writer decides nothing"],
  "dropping of had ticks": ["an event that is had is dropped"],
  "pair rule": ["superseded is believed as a pair only", "a claim keeps to itself what it was made of"],
  "new writer name": ["a new writer name after a power cut", "a new writer name in a copy of the directory"],
  "on-disk confirmation": [
    "a confirmation counts only what is on the disk",
    "what an earlier run wrote counts as synced only after the first write",
  ],
  "record with winner": ["the loser is logged with the winner"],
  "purge of head only": ["only heads are purged"],
  "tombstones": [
    "a deletion leaves a tombstone",
    "tombstones stay until every member has confirmed",
    "statements name the sender's members",
  ],
  "re-request": ["what is missing is asked for"],
  "fsync order": [
    "the log is written before the store is final",
    "with fsync always, everything is synced before it leaves",
    "with fsync always, a killed run's writes are synced before anybody sees them",
  ],
};

Deno.test("Every protection of replication has its mutation", () => {
  const there = new Set([...mutations, ...clientMutations].map(({ name }) => name));
  for (const [protection, names] of Object.entries(protections)) {
    const missing = names.filter((name) => !there.has(name));
    if (names.length === 0 || missing.length > 0) throw new Error(`${protection}: no mutation ${missing}`);
  }
});

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
