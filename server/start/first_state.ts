/**
 * Gets the state that a server begins with, as origin_of_state.ts decides.
 *
 * @module
 */

import { encode } from "../../wire/msgpack/encoder.ts";
import type { Value } from "../../wire/value.ts";
import type { ServerConfig } from "../config.ts";
import type { Store } from "../core/store.ts";
import type { Join } from "./join.ts";
import { JoinMark } from "./join_mark.ts";
import type { Network } from "../network/network.ts";
import { noNetwork } from "../network/reach.ts";
import { decideOrigin } from "./origin_of_state.ts";

/** How long the backend may take to attach before a server with state serves without having asked around. */
const attachMs = 300;
/** How long another live server of this name has to answer. */
const namesakeMs = 200;
/** How long it has then to show that it is alive. */
const namesakeAliveMs = 250;
/** How long a first peer has to answer before a new network is begun, or before it is said that one is waited for. */
const firstPeerMs = 500;
/** How long the broker has to take this server in then. */
const firstAttachMs = 1500;

/** What there is when a server begins. */
export interface FirstStateParts {
  readonly config: ServerConfig;
  readonly store: Store;
  /** Whether there was no state at all in the state directory, or there is no directory. */
  readonly isNew: boolean;
  readonly network: Network | undefined;
  /** Whether something was heard of another server of this name. */
  readonly mayHaveNamesake: () => boolean;
  /** Runs a change within a turn. */
  readonly turn: (body: () => void) => void;
  /** Settles when everything so far is in the log. */
  readonly committed: () => Promise<void>;
  /** Has the store write under a name that nobody ever had. */
  readonly renew: () => void;
}

/** Resolves when there is a state that can be served. @throws {KvError} If it cannot be had, or `signal` says so */
export async function getFirstState(parts: FirstStateParts, signal: AbortSignal): Promise<void> {
  const { config } = parts;
  const mark = new JoinMark(config.data);
  const hasState = !parts.isNew && !mark.isSet;
  await appear(parts, attachMs, signal);
  const { from = [] } = config.peers;
  if (from.length > 0) await copy(parts, from, hasState, mark, signal);
  else await begin(parts, hasState, mark, signal);
  if (parts.mayHaveNamesake()) await pause(namesakeAliveMs, signal);
  signal.throwIfAborted();
  mark.clear();
}

/**
 * Asks whether another live server bears this name, before anything is said of this one.
 * @param waitMs How long the backend may take to attach; if it takes longer, everything stays as it is
 */
async function appear(parts: FirstStateParts, waitMs: number, signal: AbortSignal): Promise<void> {
  const { network, mayHaveNamesake } = parts;
  if (!network?.replicator.isProbing) return;
  const isAttached = await network.attached(waitMs, signal);
  if (isAttached) await pause(namesakeMs, signal);
  if (isAttached && mayHaveNamesake()) await pause(namesakeAliveMs, signal);
  signal.throwIfAborted();
  if (isAttached) network.replicator.appear();
}

async function begin(parts: FirstStateParts, hasState: boolean, mark: JoinMark, signal: AbortSignal): Promise<void> {
  const { config, network } = parts;
  const reach = async () => await network?.reach() ?? noNetwork;
  const { origin, lines } = await decideOrigin(config, hasState, reach);
  const explain = () => lines.forEach((line) => config.report(line));
  if (origin !== "wait") explain();
  if (origin === "init") return await initialize(parts, config.init!);
  if (origin !== "try" && origin !== "wait") return;
  // Single events may come before, and they are not a state.
  mark.set();
  const join = await joinOf(parts, signal);
  await appear(parts, firstAttachMs, signal);
  if (await join.fromAnybody(firstPeerMs)) return;
  if (origin === "wait") {
    explain();
    await appear(parts, Infinity, signal);
    await join.fromAnybody();
  } else if (!await joinOriginals(parts, join)) {
    config.report(`New network: ${config.name} is its first server, as no other one answers`);
    await initialize(parts, config.init!);
  }
}

/**
 * Servers of the original say no more than one word in a cycle. So they are waited for where they may be: where it was said
 * how to reach some. Where one is heard, there is a network, and a state to be copied.
 */
async function joinOriginals({ config, network }: FirstStateParts, join: Join): Promise<boolean> {
  const { peers: { hostmap, domain }, originals: { main } } = config;
  const { compat } = network!;
  const isAnyKnown = Object.keys(hostmap ?? {}).some((node) => node !== config.name) || domain !== undefined;
  if (compat.originals.length === 0 && isAnyKnown) {
    const waitMs = main.cycleMs + 2 * main.gapMs;
    config.report(`Waiting ${waitMs / 1000} s for servers of the original, because there is a hostmap or a domain`);
    if (await join.fromAnybody(waitMs)) return true;
  }
  if (compat.originals.length === 0) return false;
  config.report(
    `-i is ignored: ${compat.originals.join(", ")} are in this network. Waiting until one can be copied from`,
  );
  return await join.fromAnybody();
}

async function initialize({ store, turn, committed }: FirstStateParts, init: Value): Promise<void> {
  const value = encode(init);
  turn(() => store.write(store.root, value, 0, value.length));
  await committed();
}

async function copy(
  parts: FirstStateParts,
  from: readonly string[],
  hasState: boolean,
  mark: JoinMark,
  signal: AbortSignal,
): Promise<void> {
  if (!hasState) mark.set();
  try {
    await (await joinOf(parts, signal)).fromNamed(from);
  } catch (error) {
    signal.throwIfAborted();
    if (!hasState) throw error;
    parts.config.report(`${error instanceof Error ? error.message : error}. What is here is served`);
  }
}

async function joinOf(parts: FirstStateParts, signal: AbortSignal): Promise<Join> {
  const { config, store, network, turn, committed, renew } = parts;
  const { Join } = await import("./join.ts");
  return new Join({
    store,
    replicator: network?.replicator,
    options: config.peers,
    turn,
    committed,
    renew,
    underWay: (isSo) => {
      if (network !== undefined) network.isJoining = isSo;
    },
    report: config.report,
    signal,
  });
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  signal.addEventListener("abort", () => resolve(), { once: true });
  await promise;
  clearTimeout(timer);
}
