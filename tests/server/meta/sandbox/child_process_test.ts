import { Sandbox } from "../../../../server/meta/sandbox/sandbox.ts";
import { assertEquals, assertTrue } from "../../../support/assert.ts";
import { checkOf, outcomeOf } from "../../../support/stored_code.ts";

/** How the sandbox starts its child. */
async function argumentsOfChild(folder: string): Promise<string[]> {
  const program = `${folder}/tells`;
  await Deno.writeTextFile(program, `#!/bin/sh\nprintf '%s\\n' "$@" >${folder}/arguments\n`, { mode: 0o700 });
  await using sandbox = new Sandbox({ program });
  await outcomeOf(sandbox.compile(checkOf("js", "")));
  return (await Deno.readTextFile(`${folder}/arguments`)).trimEnd().split("\n");
}

const attempts = `
const attempts = {
  read: () => Deno.readTextFileSync(new URL(import.meta.url)),
  write: () => Deno.writeTextFileSync("left", "x"),
  list: () => [...Deno.readDirSync("/")],
  env: () => Deno.env.get("HOME"),
  run: () => new Deno.Command("true").outputSync(),
  ffi: () => Deno.dlopen("libc.so.6", {}),
  sys: () => Deno.hostname(),
  listen: () => Deno.listen({ port: 0 }),
  connect: () => Deno.connect({ port: 9, hostname: "127.0.0.1" }),
  fetch: () => fetch("http://127.0.0.1:9/"),
  import: () => import("https://jsr.io/@std/" + "assert/1.0.0/mod.ts"),
  grant: async () => { if ((await Deno.permissions.request({ name: "read" })).state !== "granted") throw new Error("no"); },
  kill: () => Deno.kill(Deno.ppid, "SIGTERM"),
};
const done = [];
for (const [name, attempt] of Object.entries(attempts)) {
  try { await attempt(); done.push(name); } catch { /* as it should be */ }
}
Deno.stdout.writeSync(new TextEncoder().encode(JSON.stringify(done)));
Deno.exit();
`;

Deno.test("the child may do nothing: no file, no network, no environment, no other program", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const args = await argumentsOfChild(folder);
    assertTrue(args.at(-1)!.endsWith("/sandbox/child/main.ts"), String(args));
    assertEquals(args.filter((arg) => /^-A$|^--(allow|unsafely|unstable|permission)/.test(arg)), []);
    const probe = `${folder}/probe.ts`;
    await Deno.writeTextFile(probe, attempts);
    const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [...args.slice(0, -1), probe],
      stdin: "null",
      cwd: folder,
    }).output();
    assertEquals(new TextDecoder().decode(stdout), "[]", new TextDecoder().decode(stderr));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("the child starts from what is in the cache, without the network", async () => {
  const main = new URL("../../../../server/meta/sandbox/child/main.ts", import.meta.url);
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-prompt", "--cached-only", main.href],
    stdin: "null",
  });
  const { stdout, code } = await child.output();
  assertEquals([[...stdout], code], [[0x91, 0], 0]);
});
