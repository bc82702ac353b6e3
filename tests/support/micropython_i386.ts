/**
 * Stock MicroPython as a 32-bit program, whose heap has a hard limit: what no other interpreter here enforces. It comes from
 * Debian's packages, which are unpacked into the user's cache and not installed. Where it cannot be had, the reason is
 * returned, and tests skip with it. As a program: fetches it.
 *
 * @module
 */

/** The command that runs it, or why there is none. */
export type MicroPythonI386 = { readonly command: readonly string[] } | { readonly missing: string };

/** The release that has MicroPython; its C library need not be ours. */
const suite = "trixie";
const packages = ["micropython", "libc6", "libffi8", "libmbedcrypto16", "libmbedtls21", "libmbedx509-7"];
const libraries = "usr/lib/i386-linux-gnu";

let found: Promise<MicroPythonI386> | undefined;

/** Finds or fetches it. `MOAT_TEST_MICROPYTHON` names one that is there already. */
export function findMicroPythonI386(): Promise<MicroPythonI386> {
  return found ??= find();
}

async function find(): Promise<MicroPythonI386> {
  const given = Deno.env.get("MOAT_TEST_MICROPYTHON");
  if (given) return await works([given]) ? { command: [given] } : { missing: `${given} does not run` };
  const cache = Deno.env.get("XDG_CACHE_HOME") ?? `${Deno.env.get("HOME") ?? "/var/tmp"}/.cache`;
  const folder = `${cache}/moat-kv-tests/micropython-i386`;
  const command = [
    `${folder}/${libraries}/ld-linux.so.2`,
    "--library-path",
    `${folder}/${libraries}`,
    `${folder}/usr/bin/micropython`,
  ];
  await Deno.mkdir(folder, { recursive: true });
  using lock = await Deno.open(`${folder}.lock`, { create: true, write: true });
  await lock.lock(true); // test files run side by side; one fetches it, the others wait
  if (await works(command)) return { command };
  try {
    await fetchTo(folder);
  } catch (error) {
    return { missing: `MicroPython cannot be fetched: ${(error as Error).message}` };
  }
  return await works(command) ? { command } : { missing: "MicroPython was fetched, but does not run" };
}

/** Whether it runs, and has pointers of 32 bits. */
async function works(command: readonly string[]): Promise<boolean> {
  const check = "import sys; print(sys.maxsize)";
  return await run([...command, "-c", check]).then((text) => text.trim() === "2147483647", () => false);
}

/** Unpacks the packages into a folder, by way of the mirror that apt uses. */
async function fetchTo(folder: string): Promise<void> {
  const targets = await run(["apt-get", "indextargets", "--format", "$(SITE) $(IDENTIFIER)", "Origin: Debian"]);
  const mirror = targets.split("\n").map((line) => line.split(" "))
    .find(([site, kind]) => kind === "Packages" && !site.includes("security"))?.[0];
  if (mirror === undefined) throw new Error("apt knows no mirror of Debian");
  const temporary = await Deno.makeTempDir({ prefix: "moat-deb-" });
  try {
    const index = await filesOf(await indexText(mirror, temporary));
    for (const name of packages) {
      const entry = index.get(name);
      if (entry === undefined) throw new Error(`${suite} has no ${name}`);
      const path = `${temporary}/${name}.deb`;
      await download(`${mirror}/${entry.path}`, path, `SHA256:${entry.sha256}`);
      await run(["dpkg", "-x", path, folder]);
    }
  } finally {
    await Deno.remove(temporary, { recursive: true });
  }
}

async function indexText(mirror: string, temporary: string): Promise<string> {
  const path = `${temporary}/Packages.gz`;
  await download(`${mirror}/dists/${suite}/main/binary-i386/Packages.gz`, path);
  using file = await Deno.open(path);
  return await new Response(file.readable.pipeThrough(new DecompressionStream("gzip"))).text();
}

/** Package name to its file, of an index as Debian has it: `Field: value` lines, an empty line between packages. */
function filesOf(text: string): Map<string, { readonly path: string; readonly sha256: string }> {
  const files = new Map<string, { readonly path: string; readonly sha256: string }>();
  for (const paragraph of text.split("\n\n")) {
    const field = (name: string) => paragraph.match(new RegExp(`^${name}: (.*)$`, "m"))?.[1] ?? "";
    const name = field("Package");
    if (packages.includes(name)) files.set(name, { path: field("Filename"), sha256: field("SHA256") });
  }
  return files;
}

/** Lets apt download, which knows the way out of here. */
async function download(url: string, path: string, hash?: string): Promise<void> {
  await run(["/usr/lib/apt/apt-helper", "download-file", url, path, ...hash === undefined ? [] : [hash]]);
}

/** What a command prints. @throws {Error} If it fails */
async function run([name, ...args]: readonly string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(name, { args, stdin: "null" }).output();
  const decoder = new TextDecoder();
  if (!success) throw new Error(`${name} ${args[0]}: ${decoder.decode(stderr).trim().split("\n").at(-1)}`);
  return decoder.decode(stdout);
}

if (import.meta.main) {
  const result = await findMicroPythonI386();
  console.log("missing" in result ? result.missing : result.command.join(" "));
}
