/** A real process on a real disk, killed again and again. */
import { DiskError } from "../../../server/persist/file_system.ts";
import { Persistence } from "../../../server/persist/persistence.ts";
import { surroundingsOf } from "../../../server/surroundings.ts";
import { assertEquals, assertIncludes, assertRejects, assertTrue } from "../../support/assert.ts";
import { valuesOf } from "../../support/stored_node.ts";

const rounds = 12;

function open(path: string): Promise<Persistence> {
  return Persistence.open({ ...surroundingsOf(path), node: "n" });
}

/** Starts the writer at a value; its lines, and how to kill it. */
function startWriter(path: string, from: number) {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-check", "-A", new URL("kill_child.ts", import.meta.url).pathname, path, String(from)],
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  return { child, lines: child.stdout.pipeThrough(new TextDecoderStream()) };
}

Deno.test("SIGKILL at any moment: everything acknowledged is there, no tick is used twice, the name is kept", async () => {
  const path = Deno.makeTempDirSync();
  const heads = new Map<string, number>();
  let next = 0;
  for (let round = 0; round < rounds; round++) {
    const { child, lines } = startWriter(path, next);
    const enough = 50 + (round * 7919) % 3000;
    let text = "";
    let isKilled = false;
    for await (const chunk of lines) {
      if (text === "") {
        const error = await assertRejects(() => open(path), DiskError);
        assertIncludes(error.message, `in use by process ${child.pid}`);
      }
      text += chunk;
      if (isKilled || text.length < enough * 10) continue;
      child.kill("SIGKILL");
      isKilled = true;
    }
    await child.status;
    const acked = new Map<number, number>();
    for (const line of text.split("\n").slice(0, -1)) {
      const [head, value] = [line.split(" ")[0], Number(line.split(" ")[1])];
      assertTrue(!heads.has(head), `${head} stands for ${heads.get(head)} and ${value}`);
      heads.set(head, value);
      acked.set(value % 50, value);
      next = value + 2; // one more may have been written without being told
    }
    const node = await open(path);
    const values = valuesOf(node.store);
    for (const [entry, value] of acked) {
      const found = values[`e${entry}`] as number;
      assertTrue(found === value || found === next - 1, `e${entry} is ${found}, not ${value}`);
    }
    assertEquals([node.findings.filter(({ isLoss }) => isLoss), node.store.local.name], [[], "n"]);
    await node[Symbol.asyncDispose]();
  }
  assertTrue(heads.size > rounds * 50);
  Deno.removeSync(path, { recursive: true });
});
