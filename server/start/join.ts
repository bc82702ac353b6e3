/**
 * Gets the first state of a new server from another one: waits until one is ready, finds out where it is, copies, and goes on
 * to the next if that fails. What was copied so far stays; the next copy only adds to it.
 *
 * ```text
 * waiting ─(a ready peer)─▶ copying ─(all of it)─▶ done
 *    ▲ │                       │                    ▲
 *    │ └─(all of it came by the backend meanwhile)──┤
 *    └──(none is left)── next peer ◀─(broke off)    │
 * ```
 *
 * Where no peer's port can be reached, what is missing is asked for by way of the backend, as after any other gap: that
 * takes longer, and gets there, too.
 *
 * @module
 */

import { KvError } from "../../wire/errors.ts";
import { clientPort } from "../config.ts";
import type { Store } from "../core/store.ts";
import { Bootstrap } from "../replicate/bootstrap.ts";
import { copyFrom, type CopySource } from "../replicate/copy.ts";
import type { PeerOptions } from "../replicate/peer_options.ts";
import { Places } from "../network/places.ts";
import type { Peer, Replicator } from "../replicate/replicator.ts";

/** A server has so long to say its first word, and then from one entry to the next. */
const silenceMs = 5000;
/** A peer that failed is asked again after so long, twice as long each time. */
const againMs = 100;
const againMsMax = 10_000;

/** What a join needs of its server. */
export interface JoinParts {
  readonly store: Store;
  readonly replicator: Replicator | undefined;
  readonly options: PeerOptions;
  /** Runs a change within a turn. */
  readonly turn: (body: () => void) => void;
  /** Settles when everything so far is in the log. */
  readonly committed: () => Promise<void>;
  /** Has the store write under a name that nobody ever had. */
  readonly renew: () => void;
  /** Called when a copy begins, and when it has ended in whatever way. */
  readonly underWay: (isSo: boolean) => void;
  readonly report: (line: string) => void;
  readonly signal: AbortSignal;
}

/** A peer that could not be copied from. */
interface Failure {
  readonly count: number;
  readonly untilMs: number;
}

/** See the module. */
export class Join {
  readonly #parts: JoinParts;
  readonly #places: Places;
  readonly #failures = new Map<string, Failure>();
  readonly #said = new Set<string>();

  /** @param parts What it needs */
  constructor(parts: JoinParts) {
    this.#parts = parts;
    const { store, replicator, options } = parts;
    this.#places = new Places(store, () => replicator?.peers, options);
  }

  /** Copies from the first of these servers that it can be copied from. @throws {KvError} If there is none */
  async fromNamed(names: readonly string[]): Promise<void> {
    const problems: string[] = [];
    for (const name of names) {
      for (const source of this.#named(name)) {
        const problem = await this.#try(source);
        if (problem === undefined) return;
        problems.push(`${source.host}:${source.port}: ${problem}`);
      }
    }
    throw new KvError(`Cannot copy from any of the servers named: ${problems.join("; ")}`);
  }

  /**
   * Copies from any server that is ready.
   * @param waitMs How long one is waited for
   * @returns Whether one was found by then
   */
  async fromAnybody(waitMs: number = Infinity): Promise<boolean> {
    const endMs = performance.now() + waitMs;
    for (;;) {
      for (const peer of this.#ready()) {
        if (await this.#fromPeer(peer)) return true;
      }
      if (this.#cameByItself()) return true;
      const leftMs = endMs - performance.now();
      if (leftMs <= 0) return false;
      await this.#news(Math.min(leftMs, this.#nextAttemptMs()));
    }
  }

  #ready(): Peer[] {
    const now = performance.now();
    const all = [...this.#parts.replicator?.peers.values() ?? []];
    return all.filter((peer) =>
      peer.isReady && peer.isPresent(now) && now >= (this.#failures.get(peer.node)?.untilMs ?? 0)
    );
  }

  /** Whether everything is here by now that those who cannot be copied from have. */
  #cameByItself(): boolean {
    const { replicator, report } = this.#parts;
    const now = performance.now();
    const failed = [...this.#failures.keys()].map((node) => replicator?.peers.get(node));
    const isDone = failed.some((peer) => peer?.isOurs && peer.isReady && peer.isPresent(now)) && replicator!.isInSync;
    if (isDone) report("The state came by way of the backend, as no copy came to its end");
    return isDone;
  }

  async #fromPeer(peer: Peer): Promise<boolean> {
    for (const source of this.#places.of(peer.node)) {
      const problem = await this.#try(source);
      if (problem === undefined) return true;
      this.#sayOnce(`Cannot copy from ${peer.node} at ${source.host}:${source.port}: ${problem}`);
    }
    const count = (this.#failures.get(peer.node)?.count ?? 0) + 1;
    const pauseMs = Math.min(againMsMax, againMs * 2 ** (count - 1));
    this.#failures.set(peer.node, { count, untilMs: performance.now() + pauseMs });
    return false;
  }

  #sayOnce(line: string): void {
    if (!this.#said.has(line)) this.#parts.report(line);
    this.#said.add(line);
  }

  #nextAttemptMs(): number {
    const now = performance.now();
    const next = Math.min(...Array.from(this.#failures.values(), ({ untilMs }) => untilMs).filter((at) => at > now));
    return Math.max(10, Math.min(1000, next - now));
  }

  /** Resolves when a peer was heard, or after `waitMs`. */
  async #news(waitMs: number): Promise<void> {
    const { replicator, signal } = this.#parts;
    signal.throwIfAborted();
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, waitMs);
    using _watching = replicator?.watch(() => resolve());
    signal.addEventListener("abort", () => resolve(), { once: true });
    await promise;
    clearTimeout(timer);
    signal.throwIfAborted();
  }

  /** Copies; returns why not, if it did not come to the end. */
  async #try(source: CopySource): Promise<string | undefined> {
    const { store, replicator, turn, committed, renew, underWay, report, signal } = this.#parts;
    const giveUp = new AbortController();
    const startedMs = performance.now();
    let lastMs = startedMs;
    const timer = setInterval(() => {
      if (performance.now() - lastMs > silenceMs) giveUp.abort(new KvError(`nothing came for ${silenceMs / 1000} s`));
    }, silenceMs / 5);
    underWay(true);
    try {
      const count = await copyFrom(source, {
        turn: (body) => {
          lastMs = performance.now();
          turn(body);
        },
        begin: (node, hasTombstones) =>
          new Bootstrap(store, node, hasTombstones, renew, (state) => replicator?.joined(state)),
      }, AbortSignal.any([signal, giveUp.signal]));
      await committed();
      const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
      report(`Copied ${count.entries} entries from ${source.node ?? source.host} in ${seconds} s`);
      if (count.refused > 0) report(`${count.refused} entries were refused`);
      return undefined;
    } catch (error) {
      signal.throwIfAborted();
      const cause = giveUp.signal.aborted ? giveUp.signal.reason : error;
      return cause instanceof Error ? cause.message : String(cause);
    } finally {
      underWay(false);
      clearInterval(timer);
    }
  }

  /** What was named on the command line: a node, or a place. */
  #named(name: string): CopySource[] {
    const { replicator, options: { auth, tls, hostmap } } = this.#parts;
    const isNode = replicator?.peers.get(name)?.addresses.length || hostmap?.[name] !== undefined;
    if (isNode) return this.#places.of(name);
    const [, host, port] = /^\[?(.*?)\]?(?::(\d+))?$/.exec(name)!;
    return [{ host: this.#places.inDomain(host), port: port === undefined ? clientPort : Number(port), auth, tls }];
  }
}
