/** Finds the source files of the package and what each imports, by reading them as text. */

/** One import statement or `import()` call. */
export interface ImportSite {
  /** Path from the project's root for own files, else the specifier as written. */
  readonly target: string;
  /** Whether it names a file of this project. */
  readonly local: boolean;
  /** `import("…")`. */
  readonly dynamic: boolean;
  /** `import type`, or a re-export of types. */
  readonly typeOnly: boolean;
}

const STATIC = /(?:^|\n)\s*(import|export)(\s+type)?\s[^;"']*?from\s*["']([^"']+)["']/g;
const BARE = /(?:^|\n)\s*import\s*["']([^"']+)["']/g;
const DYNAMIC = /\bimport\(\s*["']([^"']+)["']/g;

/** Every `.ts` file below `roots` (files or folders), as paths from the project's root. */
export async function sourceFiles(roots: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (const root of roots) await collect(root, found);
  return found.sort();
}

async function collect(path: string, found: string[]): Promise<void> {
  const stat = await Deno.stat(path).catch(() => undefined);
  if (stat?.isFile && path.endsWith(".ts")) found.push(path);
  if (!stat?.isDirectory) return;
  for await (const entry of Deno.readDir(path)) await collect(`${path}/${entry.name}`, found);
}

/** The file without comments, so that prose about `Deno` or an example's import does not count. */
export async function codeOf(file: string): Promise<string> {
  const text = await Deno.readTextFile(file);
  return text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/(^|[^:"'`])\/\/[^\n]*/g, "$1");
}

/** The imports of one file. */
export async function importsOf(file: string): Promise<ImportSite[]> {
  const code = await codeOf(file);
  const sites: ImportSite[] = [];
  for (const [, , type, specifier] of code.matchAll(STATIC)) {
    sites.push(site(file, specifier, false, type !== undefined));
  }
  for (const [, specifier] of code.matchAll(BARE)) sites.push(site(file, specifier, false, false));
  for (const [, specifier] of code.matchAll(DYNAMIC)) sites.push(site(file, specifier, true, false));
  return sites;
}

function site(file: string, specifier: string, dynamic: boolean, typeOnly: boolean): ImportSite {
  if (!specifier.startsWith(".")) return { target: specifier, local: false, dynamic, typeOnly };
  const base = new URL(file, "file:///");
  return { target: new URL(specifier, base).pathname.slice(1), local: true, dynamic, typeOnly };
}
