/**
 * Reads the imports of every source file and names each arrow that crosses the house plan: `wire` knows nobody, `client`
 * knows wire, the server's rooms know only those to their left. Also which rooms may touch the runtime, the clock and
 * chance: what the simulator runs gets them as arguments.
 */
import { assertEquals } from "./support/assert.ts";
import { codeOf, type ImportSite, importsOf, sourceFiles } from "./support/imports.ts";

/** Room → rooms it may import from, itself included by rule. Longest matching prefix decides. */
const ARROWS: Record<string, readonly string[]> = {
  "mod.ts": ["wire", "client", "client/transports", "server"],
  "wire": [],
  "client": ["wire", "client/transports"],
  "client/transports": ["wire"],
  "client/cli": ["wire", "client"],
  "client/runner": ["wire", "client"],
  "satellite/mod.ts": ["wire", "satellite/gateway"],
  "satellite/gateway": ["wire", "client"],
  "satellite/sim": ["wire", "client", "satellite/gateway"],
  "server/core": ["wire"],
  "server/auth": ["wire", "server/core", "server/meta"],
  "server/meta": ["wire", "server/core", "server/meta/wildcard.ts"],
  "server/meta/wildcard.ts": ["wire"],
  "server/persist": ["wire", "server/core"],
  "server/action": ["wire", "server/core", "server/meta", "server/auth", "server/persist"],
  "server/session": ["wire", "server/core", "server/meta", "server/auth", "server/persist", "server/action"],
  "server/backend": ["wire"],
  "server/replicate": [
    "wire",
    "client",
    "client/transports",
    "server/core",
    "server/backend",
    "server/meta/wildcard.ts",
  ],
  "server/web": ["wire"],
  "server": [
    "wire",
    "server/core",
    "server/meta",
    "server/auth",
    "server/persist",
    "server/action",
    "server/session",
    "server/backend",
    "server/replicate",
    "server/web",
  ],
};

/** Rooms the command line and the program entry may load with `import()` only. */
const DYNAMIC_ONLY: Record<string, readonly string[]> = {
  "client/cli": ["server", "satellite"],
  "mod.ts": ["client/cli"],
};

/** Packages that cost start-up time: `import()` or `import type` only. */
const HEAVY = ["mqtt", "aedes", "yaml", "ajv", "cbor2"];
/** Files that import a heavy package to give it other types; they are as heavy as it. */
const HEAVY_DOORS = [
  "server/backend/mqtt_module.ts",
  "server/backend/aedes_module.ts",
  "client/cli/output/yaml_parse.ts",
  "client/cli/util/cbor.ts",
];

/** What the simulator runs, and the wire: no runtime, clock, timer, chance or logger of its own. */
const PURE = [
  "wire",
  "server/core",
  "server/persist",
  "server/replicate",
  "server/backend/in_process",
  "server/meta/wildcard.ts",
];
const IMPURE_ALLOWED = ["server/persist/disk.ts"];
const IMPURE =
  /\b(Deno\.|Date\.now|new Date\b|Math\.random|performance\.|setTimeout|setInterval|setImmediate|console\.)/;

function roomOf(path: string, rooms: readonly string[] = Object.keys(ARROWS)): string {
  const fitting = rooms.filter((room) => path === room || path.startsWith(room + "/"));
  return fitting.sort((a, b) => b.length - a.length)[0] ?? "";
}

function isAllowed(from: string, site: ImportSite): boolean {
  const room = roomOf(from);
  const target = roomOf(site.target);
  if (target === room || ARROWS[room]?.includes(target)) return true;
  return site.dynamic && (DYNAMIC_ONLY[room] ?? []).some((allowed) => target === allowed || target.startsWith(allowed));
}

const files = await sourceFiles(["mod.ts", "wire", "client", "server", "satellite"]);

Deno.test("layering: every source file lies in a room of the plan", () => {
  assertEquals(files.filter((file) => roomOf(file) === ""), []);
});

Deno.test("layering: no import crosses an arrow of the plan", async () => {
  const crossed: string[] = [];
  for (const file of files) {
    for (const site of await importsOf(file)) {
      if (site.local && site.target.endsWith(".ts") && !isAllowed(file, site)) crossed.push(`${file} → ${site.target}`);
    }
  }
  assertEquals(crossed, []);
});

Deno.test("layering: heavy packages load only when used", async () => {
  const eager: string[] = [];
  for (const file of files) {
    for (const site of await importsOf(file)) {
      const heavy = [...HEAVY, ...HEAVY_DOORS].some((name) =>
        site.target === name || site.target.startsWith(`npm:${name}`)
      );
      if (heavy && !HEAVY_DOORS.includes(file) && !site.dynamic && !site.typeOnly) {
        eager.push(`${file} → ${site.target}`);
      }
    }
  }
  assertEquals(eager, []);
});

Deno.test("layering: only client/transports touches the runtime within the client library", async () => {
  const touching: string[] = [];
  for (const file of files.filter((file) => roomOf(file) === "client")) {
    const code = await codeOf(file);
    if (/\bDeno\b|["']node:/.test(code)) touching.push(file);
  }
  assertEquals(touching, []);
});

Deno.test("layering: what the simulator runs gets clock, timers, chance and disk as arguments", async () => {
  const impure: string[] = [];
  for (const file of files.filter((file) => PURE.some((room) => file.startsWith(room)))) {
    if (IMPURE_ALLOWED.includes(file)) continue;
    const found = IMPURE.exec(await codeOf(file));
    if (found) impure.push(`${file}: ${found[0]}`);
  }
  assertEquals(impure, []);
});

Deno.test("layering: server/core is synchronous", async () => {
  const waiting: string[] = [];
  for (const file of files.filter((file) => file.startsWith("server/core/"))) {
    if (/\b(async|await|Promise)\b/.test(await codeOf(file))) waiting.push(file);
  }
  assertEquals(waiting, []);
});
