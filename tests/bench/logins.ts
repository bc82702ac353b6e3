/**
 * Rows about logins: how long one takes, with key exchange and hash, and whether the other clients notice. One server under
 * everything.
 */

import { openClient } from "../../client/open_client.ts";
import { passwordLogin } from "../../client/login.ts";
import { passwordHash } from "../../wire/login/credentials.ts";
import { P } from "../../wire/path/template.ts";
import { moat } from "./peers.ts";
import { median, type Result } from "./result.ts";

const joe = passwordLogin("joe", "test123");

/** One login after the other, then many at once, while another client asks all the time. */
export async function logins(): Promise<Result[]> {
  await using server = (await moat("memory")())!;
  const at = { host: "127.0.0.1", port: server.port, dynamicConfig: false };
  await using busy = await openClient(at);
  const password = await busy.seal(passwordHash("test123"));
  await busy.request("auth_set", { typ: "password", ident: "joe", chain: null, password });
  await busy.request("set_auth_typ", { typ: "password" });
  const known = await timeOf(async () => await (await openClient({ ...at, auth: joe })).close(), 15);
  const wrong = await timeOf(() => refused(at, "joe"), 4);
  const unknown = await timeOf(() => refused(at, "nobody"), 4);
  const crowd = new AbortController();
  const all = Promise.all(Array.from({ length: 8 }, async () => {
    for (let i = 0; i < 3; i++) await (await openClient({ ...at, auth: joe, initTimeoutMs: 20_000 })).close();
  })).finally(() => crowd.abort());
  const worst = await worstReply(busy, crowd.signal);
  await all;
  return [
    {
      name: "login by password, key exchange and hash included",
      ours: known,
      unit: "ms",
      goal: ["<=", 150, "absolute"],
    },
    { name: "wrong password beside unknown user", ours: wrong, theirs: unknown, theirName: "unknown user", unit: "ms" },
    { name: "worst reply for others while 8 log in at once", ours: worst, unit: "ms", goal: ["<=", 30, "absolute"] },
  ];
}

async function timeOf(body: () => Promise<unknown>, rounds: number): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < rounds; i++) {
    const start = performance.now();
    await body();
    times.push(performance.now() - start);
  }
  return median(times);
}

async function refused(at: { host: string; port: number }, name: string): Promise<void> {
  const client = await openClient({ ...at, auth: passwordLogin(name, "wrong123") }).catch(() => undefined);
  if (client !== undefined) throw new Error("A wrong password was accepted");
}

/** The longest that one read takes, of those made one after the other until the signal. */
async function worstReply(client: Awaited<ReturnType<typeof openClient>>, until: AbortSignal): Promise<number> {
  let worst = 0;
  while (!until.aborted) {
    const start = performance.now();
    await client.get(P(":"));
    worst = Math.max(worst, performance.now() - start);
  }
  return worst;
}
