/**
 * What a process has for its clients, beside the state itself: streams of changes, and writes that wait for other nodes.
 *
 * @module
 */

import type { Effect } from "../../server/core/effect.ts";
import { Acls } from "../../server/meta/acl/acls.ts";
import type { ElementKey } from "../../wire/path/keys.ts";
import type { StateFiles } from "../../server/persist/state_files.ts";
import { Acknowledger } from "../../server/replicate/acknowledge.ts";
import type { Peer } from "../../server/replicate/replicator.ts";
import { Fanout } from "../../server/session/fanout.ts";
import { TokenIssuer } from "../../server/session/token.ts";
import type { WatchParts } from "../../server/session/watch_queue.ts";
import { MemoryDisk } from "../support/memory_disk.ts";
import type { GhostEvent } from "./ghost.ts";
import type { Life } from "./life.ts";
import { stateFilesOf } from "./save_and_load.ts";

/** How long a client waits for other nodes. */
const nodesWithinMs = 5000;

/** See the module. */
export class Services implements WatchParts {
  readonly services: WatchParts["services"];
  readonly fanout: Fanout;
  readonly tokens: TokenIssuer;
  readonly acls: Acls;
  readonly files: StateFiles;
  /** Where these are. */
  readonly filesDisk: MemoryDisk = new MemoryDisk();
  saves = 0;
  /** Hear when the process is gone. */
  readonly #ended = new Set<() => void>();
  readonly #acknowledger: Acknowledger;

  constructor(private readonly life: Life) {
    const { store, replicator, parts } = life;
    this.services = { store };
    this.fanout = new Fanout(store.values);
    this.tokens = new TokenIssuer(store, (ms, run) => life.after(ms, run));
    this.acls = new Acls(store, { nowMs: parts.nowMs, after: (ms, run) => life.after(ms, run) });
    this.files = stateFilesOf(life, this.filesDisk);
    this.#acknowledger = new Acknowledger({
      store,
      nowMs: parts.nowMs,
      peers: () => this.#peers(),
      ask: () => replicator.askForHave(),
    });
    replicator.watch(({ kind }) => kind === "peer" && this.#acknowledger.told());
  }

  *#peers(): Generator<Peer> {
    for (const peer of this.life.replicator.peers.values()) if (peer.node !== this.life.parts.name) yield peer;
  }

  /** When `time()` has to be called. */
  get dueMs(): number {
    return this.#acknowledger.dueMs;
  }

  /** Writes that wait for other nodes. */
  get waiting(): number {
    return this.#acknowledger.size;
  }

  /** Does what is due. */
  time(): void {
    this.#acknowledger.time();
  }

  /** Hears what is logged, before values that were replaced are freed. */
  committed(effects: readonly Effect[]): void {
    for (const effect of effects) if (effect.kind === "change") this.#rulesChanged(effect.entry);
    this.acls.settle();
    this.files.changed(effects);
    this.fanout.deliver(effects);
    this.tokens.committed();
  }

  #rulesChanged(entry: { readKeys(keys: ElementKey[]): number }): void {
    const keys: ElementKey[] = [];
    entry.readKeys(keys);
    if (keys[0] === null && keys[1] === "acl") this.acls.changed(keys);
  }

  /** A write is on this node's disk, and its client waits until so many nodes have it on theirs. */
  awaitNodes(event: GhostEvent, nodes: number): void {
    const { world } = this.life.parts;
    this.#acknowledger.wait({
      path: event.keys,
      writer: event.writer,
      tick: event.tick,
      nodes,
      timeoutMs: nodesWithinMs,
      isGone: () => this.life.isOver,
      done: (reached) => world.levels.reached(event, reached),
    });
  }

  /** Calls `body` when the process is gone. */
  whenEnded(body: () => void): void {
    this.#ended.add(body);
  }

  /** Nobody cares any more. */
  notWhenEnded(body: () => void): void {
    this.#ended.delete(body);
  }

  /** The process is gone. */
  end(): void {
    for (const body of [...this.#ended]) body();
  }
}
