/**
 * The rows of the benchmark in which the network between two servers fails: how soon a lost message is made up for, how
 * soon two sides are alike when they meet again, and what that costs on the line. One server reaches the broker by a line
 * that can be cut, and that loses messages.
 */

import { type Client, openClient } from "../../client/mod.ts";
import { P, Path } from "../../wire/mod.ts";
import { LineProxy } from "../support/line_proxy.ts";
import { losing } from "../support/mqtt_filter.ts";
import { load, type Work } from "./load.ts";
import { moatBeside, mosquitto, type Peer } from "./peers.ts";
import { median, type Result } from "./result.ts";

/** Two servers, the second of them behind a line. */
interface Place extends AsyncDisposable {
  readonly near: Peer;
  readonly far: Peer;
  readonly line: LineProxy;
  /** One client of each. */
  readonly clients: readonly [near: Client, far: Client];
}

async function openPlace(makeFilter?: LineProxy["makeFilter"]): Promise<Place | undefined> {
  await using stack = new AsyncDisposableStack();
  const broker = await mosquitto();
  if (!broker) return undefined;
  stack.use(broker);
  const line = stack.use(new LineProxy(broker.port));
  if (makeFilter) line.makeFilter = makeFilter;
  const near = stack.use((await moatBeside(broker.port, "near", "bench"))!);
  const far = stack.use((await moatBeside(line.port, "far", undefined))!);
  const client = async ({ port }: Peer) => stack.use(await openClient({ host: "127.0.0.1", port }));
  const clients = [await client(near), await client(far)] as const;
  const owned = stack.move();
  return { near, far, line, clients, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** From now on, for so long, messages that hold the text do not reach the far server. */
const lostMs = 100;

/** A message is lost, and nothing follows that would show it: when does the far server's client hear of the write? */
export async function repair(): Promise<Result[]> {
  const lost = { text: "", untilMs: 0 };
  const isLost = (packet: Uint8Array) =>
    lost.text !== "" && performance.now() < lost.untilMs &&
    new TextDecoder("latin1").decode(packet).includes(lost.text);
  await using place = await openPlace(() => losing(isLost));
  if (!place) return [];
  const [near, far] = place.clients;
  const times: number[] = [];
  for (let round = 0; round < 7; round++) {
    const text = `lost-${round}-${crypto.randomUUID()}`;
    [lost.text, lost.untilMs] = [text, performance.now() + lostMs];
    const seen = sees(far, P("bench"), 1);
    await seen.begun;
    const started = performance.now();
    await near.set(Path.of("bench", round), text);
    await seen.all;
    times.push(performance.now() - started);
  }
  return [{
    name: "a lost message is made up for, slowest of 7",
    ours: Math.max(...times),
    unit: "ms",
    goal: ["<=", 2000, "absolute"],
  }];
}

/** Counts different entries that change below a path. */
function sees(client: Client, path: Path, count: number): { begun: Promise<void>; all: Promise<void> } {
  const begun = Promise.withResolvers<void>();
  const all = (async () => {
    const paths = new Set<string>();
    let isLive = false; // what was there before is not news
    for await (const item of client.watch(path, { fetch: true })) {
      if ("path" in item) {
        if (isLive && paths.add(item.path.toString()).size === count) return;
      } else if (item.state === "uptodate") {
        isLive = true;
        begun.resolve();
      }
    }
  })();
  all.catch(begun.reject);
  return { begun: begun.promise, all };
}

const CHANGES = 10_000;
const fillWork = { work: "fill", connections: 1, inFlight: 64 } as const;

/** Writes on both sides while they are apart; the time from the moment at which the line is there again. */
export async function heal(): Promise<Result[]> {
  await using place = await openPlace();
  if (!place) return [];
  const { near, far, line, clients } = place;
  const times: number[] = [];
  for (let round = 0; round < 3; round++) {
    line.cut();
    const valueBytes = 100 + round;
    await load(near, { ...fillWork, total: CHANGES, valueBytes }, false);
    await load(far, { ...fillWork, total: CHANGES, layout: "deep", valueBytes }, false);
    const all = [seesAll(clients[1], "bench", valueBytes), seesAll(clients[0], "b", valueBytes)];
    line.open();
    await line.nextLine();
    const started = performance.now();
    await Promise.all(all);
    times.push(performance.now() - started);
  }
  return [{
    name: "two sides with 10,000 changes each are alike after they meet",
    ours: median(times),
    unit: "ms",
    goal: ["<=", 5000, "absolute"],
  }];
}

/** Resolves when all entries of the other side have the value of this round. */
async function seesAll(client: Client, first: string, valueBytes: number): Promise<void> {
  const paths = new Set<string>();
  for await (const item of client.watch(P(":"), { fetch: true })) {
    if (!("path" in item) || !("value" in item) || !(item.value instanceof Uint8Array)) continue;
    if (item.value.length !== valueBytes || !String(item.path.at(0)).startsWith(first)) continue;
    if (first === "b" && item.path.length === 2) continue;
    if (paths.add(item.path.toString()).size === CHANGES) return;
  }
}

/** Bytes on the line of the server that was away, for each change that it missed. */
async function bytesPerMissed(entries: number, missed: number): Promise<number | undefined> {
  await using place = await openPlace();
  if (!place) return undefined;
  const { near, line, clients: [, far] } = place;
  const resident: Work = { ...fillWork, layout: "deep", total: entries };
  const arrived = sees(far, P(":"), entries);
  await load(near, resident, false);
  await arrived.all;
  line.cut();
  await load(near, { ...fillWork, total: missed }, false);
  const seen = sees(far, P("bench"), missed);
  await seen.begun;
  const before = line.bytes;
  line.open();
  await seen.all;
  await new Promise((resolve) => setTimeout(resolve, 3000)); // what follows belongs to it
  return (line.bytes - before) / missed;
}

/** What is sent after a split depends on what was missed, not on what there is. */
export async function traffic(): Promise<Result[]> {
  const missed = 1000;
  const small = await bytesPerMissed(1000, missed), large = await bytesPerMissed(100_000, missed);
  if (small === undefined || large === undefined) return [];
  return [{
    name: "traffic of healing for each of 1,000 missed changes, 100,000 entries",
    ours: large,
    theirs: small,
    theirName: "with 1,000 entries",
    unit: "B",
    goal: ["<=", 1.5, "ratio"],
  }];
}
