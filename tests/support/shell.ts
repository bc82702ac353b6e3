/** Programs of this machine, if it has them. */

/** Runs a shell script and gives what it printed. @throws {Error} If it failed */
export async function shell(
  program: string,
  script: string,
  env: Readonly<Record<string, string>> = {},
): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(program, { args: ["-c", script], env }).output();
  const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  if (!success) throw new Error(`${program} failed: ${err}${out}`);
  return out;
}

/** Whether a program can be started; if not, says that what needs it is skipped. */
export async function isInstalled(program: string): Promise<boolean> {
  try {
    await new Deno.Command(program, { args: ["--version"], stdout: "null", stderr: "null" }).output();
    return true;
  } catch {
    console.log(`skipped: ${program} is not installed`);
    return false;
  }
}

/** A directory with an executable `moat` that runs this checkout. */
export async function moatDirectory(): Promise<string> {
  const directory = await Deno.makeTempDir({ prefix: "moat-bin-" });
  const main = new URL("../../mod.ts", import.meta.url).pathname;
  await Deno.writeTextFile(
    `${directory}/moat`,
    `#!/bin/sh\nexec "${Deno.execPath()}" run -A --no-check "${main}" "$@"\n`,
    { mode: 0o755 },
  );
  return directory;
}
