import type { Value } from "../../../../wire/value.ts";
import type { ServerStatus } from "../../../../client/status.ts";
import { assertEquals, assertIncludes } from "../../../support/assert.ts";
import { runMain } from "../../../support/main_run.ts";

const alone: ServerStatus = {
  node: "hall",
  writer: "hall",
  version: "0.1.0",
  uptime: 11_520,
  network: null,
  read_only: null,
  backend: null,
  peers: [],
  partition: false,
  missing: 0,
  claims: 0,
  types: { bad_values: 0, bad_now: 0, unchecked: 0 },
  login: null,
  given_up: 0,
  conflicts: { records: 0, pending: 0, dropped: 0 },
  entries: 1234,
  tombstones: { count: 0, held_by: {} },
  log: { directory: "/data/hall", fsync: "everysec", bytes: 315_000, unsynced: 0, snapshot: null, failure: null },
  clients: { connections: 1, watchers: 2, waiting: 0 },
  messages: { sent: 0, dropped: 0, refused: 0, wanted: 0, resent: 0, alarms: 0 },
  memory: { values: 99_000, process: 66_000_000 },
  problems: [],
};

const peer = { ours: true, since: 100, addresses: ["tcp://10.0.0.2:27586"] };
const many: ServerStatus = {
  ...alone,
  writer: "hall~abcdefgh",
  network: "k3j2",
  backend: {
    name: "MQTT broker at mqtt://127.0.0.1:1883",
    connected: true,
    broker: "own",
    sent: 9,
    received: 9,
    dropped: 0,
    connects: 1,
  },
  peers: [
    { node: "attic", state: "here", heard: 2, behind: 0, ahead: 3, ...peer },
    { node: "barn", state: "missing", heard: 190, behind: 12, ahead: 0, ...peer },
    { node: "old", state: "here", heard: 1, behind: null, ahead: null, ours: false, since: 9, addresses: [] },
  ],
  partition: true,
  conflicts: { records: 2, pending: 1, dropped: 0 },
  tombstones: { count: 3, held_by: { barn: 3 } },
  problems: ["barn is missing: it was heard last 190 s ago"],
};

/** Runs `status LINE` at a server that says this. */
async function status(line: string[], says: ServerStatus, globals: string[] = []) {
  return await runMain([...globals, "status", ...line], {
    request: () => ({ ...says as unknown as Record<string, Value>, seq: 1, tock: 7 }),
  });
}

Deno.test("status is a compact table", async () => {
  const { stdout, status: code, sent } = await status([], alone);
  assertEquals([code, sent], [0, [["get_status", {}]]]);
  assertEquals(stdout.split("\n"), [
    "node       hall, version 0.1.0, up 3 hr 12 min",
    "network    none: this server is alone",
    "login      nobody has to log in",
    "state      /data/hall, fsync everysec, 315 kB, no snapshot yet",
    "entries    1,234 with a value (99 kB; process 66 MB)",
    "changes    none missing",
    "conflicts  none",
    "clients    1 connection, 2 watches",
    "messages   0 sent",
    "",
  ]);
});

Deno.test("status tells who is here, who is missing, and what is wrong", async () => {
  const { stdout, status: code } = await status([], many);
  assertEquals(code, 0, "that alone is no failure");
  assertIncludes(stdout, "hall (writes as hall~abcdefgh)");
  assertIncludes(
    stdout,
    "k3j2, 3 servers here (PARTITION SUSPECTED); MQTT broker at mqtt://127.0.0.1:1883: connected, offered by this server",
  );
  assertIncludes(stdout, "3 deleted, waiting for barn");
  assertIncludes(stdout, "2 (see 'moat conflict ls'), 1 not recorded yet");
  assertIncludes(
    stdout,
    [
      "SERVER  IS       HEARD             LACKS  HAS MORE  CLIENTS",
      "attic   here     2 sec ago         0      3         tcp://10.0.0.2:27586",
      "barn    MISSING  3 min 10 sec ago  12     0         tcp://10.0.0.2:27586",
      "old     here     1 sec ago         ?      ?         (original)",
      "",
      "Problems:",
      "  barn is missing: it was heard last 190 s ago",
    ].join("\n"),
  );
});

Deno.test("status -o json has everything", async () => {
  assertEquals(JSON.parse((await status([], many, ["-o", "json"])).stdout), many);
});

Deno.test("status --check prints problems alone, and fails if there are any", async () => {
  const fine = await status(["--check"], alone);
  assertEquals([fine.status, fine.stdout, fine.stderr], [0, "", "Everything is fine.\n"]);
  const bad = await status(["--check"], many);
  assertEquals([bad.status, bad.stdout], [1, "barn is missing: it was heard last 190 s ago\n"]);
  const json = await status(["-c"], many, ["-o", "json"]);
  assertEquals([json.status, JSON.parse(json.stdout)], [1, many.problems]);
});

Deno.test("internal forget stops waiting for a node", async () => {
  const ask = async (...line: string[]) =>
    (await runMain(["internal", "forget", ...line], { request: () => ({ tock: 1 }) })).sent;
  assertEquals(await ask("barn"), [["forget_node", { node: "barn" }]]);
  assertEquals(await ask("-f", "barn"), [["forget_node", { node: "barn", force: true }]]);
});

Deno.test("status: who is bound by an ACL is told little", async () => {
  const request = () => ({ node: "hall", version: "0.1.0", uptime: 9, seq: 1, tock: 7 });
  const said = await runMain(["status"], { request });
  assertEquals([said.stdout, said.status], ["node  hall, version 0.1.0\n", 0]);
  const checked = await runMain(["status", "--check"], { request });
  assertIncludes(checked.stderr, "Only users without an ACL");
  assertEquals(checked.status, 1);
});
