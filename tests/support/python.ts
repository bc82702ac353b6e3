/**
 * The original (Python) as a real peer: a virtual environment with the versions of `interop/python/requirements.txt`,
 * made once and kept in the user's cache. Where it cannot be made, the reason is returned, and tests skip with it.
 */

const REQUIREMENTS = new URL("../interop/python/requirements.txt", import.meta.url);
const CHECK = "import moat.kv.client, moat.kv.server";

/** A Python that can import the original, or why there is none. */
export type Python = { readonly python: string } | { readonly missing: string };

let made: Promise<Python> | undefined;

/** Finds or makes the environment. `MOAT_TEST_PYTHON` names one that is there already. */
export function findPython(): Promise<Python> {
  return made ??= makePython();
}

async function makePython(): Promise<Python> {
  const given = Deno.env.get("MOAT_TEST_PYTHON");
  if (given) return await works(given) ? { python: given } : { missing: `${given} cannot import moat.kv` };
  const folder = await folderOf(REQUIREMENTS);
  const python = `${folder}/bin/python`;
  if (await works(python)) return { python };
  const lock = `${folder}.lock`;
  await Deno.mkdir(folder.slice(0, folder.lastIndexOf("/")), { recursive: true });
  using file = await Deno.open(lock, { create: true, write: true });
  await file.lock(true); // test files run side by side; one makes it, the others wait
  if (await works(python)) return { python };
  const steps: [string, string[]][] = [
    ["python3", ["-m", "venv", "--clear", folder]],
    [python, [
      "-m",
      "pip",
      "install",
      "--quiet",
      "--no-deps",
      "--disable-pip-version-check",
      "-r",
      REQUIREMENTS.pathname,
    ]],
  ];
  for (const [command, args] of steps) {
    const failure = await run(command, args);
    if (failure !== undefined) return { missing: `${command} ${args.slice(0, 3).join(" ")}: ${failure}` };
  }
  return await works(python) ? { python } : { missing: "the environment was made, but cannot import moat.kv" };
}

async function folderOf(requirements: URL): Promise<string> {
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", await Deno.readFile(requirements)));
  const cache = Deno.env.get("XDG_CACHE_HOME") ?? `${Deno.env.get("HOME") ?? "/var/tmp"}/.cache`;
  return `${cache}/moat-kv-tests/python-${hash.slice(0, 6).toHex()}`;
}

async function works(python: string): Promise<boolean> {
  return await run(python, ["-c", CHECK]) === undefined;
}

/** Runs a command to its end; what went wrong, or undefined. */
async function run(command: string, args: string[]): Promise<string | undefined> {
  try {
    const { success, stderr } = await new Deno.Command(command, {
      args,
      stdin: "null",
      stdout: "null",
      stderr: "piped",
    })
      .output();
    return success ? undefined : new TextDecoder().decode(stderr).trim().split("\n").at(-1) || "failed without a word";
  } catch (error) {
    return (error as Error).message;
  }
}
