/**
 * How a new node gets its first state: it copies from a peer that is ready, over a connection of clients, with the real parts
 * at both ends. Either of them may die midway; then it begins anew, with the same peer or another one. Until it has everything
 * it serves nobody.
 *
 * @module
 */

import type { Reply } from "../../client/reply.ts";
import { TreeSource } from "../../server/action/tree_source.ts";
import type { IncomingChain } from "../../server/core/chain.ts";
import { reportState } from "../../server/core/state.ts";
import type { RangeSet } from "../../server/core/range_set.ts";
import { newId, newWriterName } from "../../server/persist/identity.ts";
import { Bootstrap, type PeerState } from "../../server/replicate/bootstrap.ts";
import { encode } from "../../wire/msgpack/encoder.ts";
import { Path } from "../../wire/path/path.ts";
import { PathLengthener } from "../../wire/path/shorten.ts";
import { Raw, type Value } from "../../wire/value.ts";
import { ClientStream } from "./client_stream.ts";
import type { Life } from "./life.ts";
import type { Node } from "./node.ts";

/** How often it looks for somebody. */
const lookMs = 20;
/** A peer that failed is left alone for a while. */
const againMs = 200;
/** A peer that says nothing for so long is given up. */
const silenceMs = 5000;

/** See the module. */
export class Joining {
  /** Whether it has a state, and serves it. */
  isDone = false;
  #copy: Copy | undefined;
  readonly #failedMs = new Map<string, number>();

  /** @param node Who joins @param life Its process */
  constructor(private readonly node: Node, private readonly life: Life) {}

  /** Whether a copy is under way. */
  get isCopying(): boolean {
    return this.#copy !== undefined;
  }

  /** Whom it copies from. */
  get source(): Node | undefined {
    return this.#copy?.from;
  }

  /** Begins. */
  start(): void {
    this.life.after(lookMs, () => this.#look());
  }

  #look(): void {
    if (this.isDone) return;
    if (this.#copy === undefined) {
      const from = this.#ready()[0];
      if (from !== undefined) this.#begin(from);
      else if (this.#cameByItself()) return this.#end("all of it came by the backend");
    }
    this.start();
  }

  #ready(): Node[] {
    const { world, nowMs } = this.life.parts;
    const found: Node[] = [];
    for (const peer of this.life.replicator.peers.values()) {
      const node = world.nodes.find((each) => each.life?.parts.id === peer.id);
      if (!peer.isReady || !peer.isPresent(nowMs()) || node === undefined || node === this.node) continue;
      const isDue = nowMs() >= (this.#failedMs.get(node.machine) ?? 0);
      if (isDue && node.isUp && world.network.connects(this.node.machine, node.machine)) found.push(node);
    }
    return found;
  }

  #cameByItself(): boolean {
    return this.#failedMs.size > 0 && this.life.replicator.isInSync && this.life.store.writers.size > 1;
  }

  #begin(from: Node): void {
    const { world, chance } = this.life.parts;
    world.trace.add(this.node.machine, () => `copies from ${from.machine}`);
    this.#copy = new Copy(this.life, from, chance.pick([0.3, 1, 5, 20]), (problem) => {
      this.#copy = undefined;
      if (problem === undefined) return this.#end("all is copied");
      this.#failedMs.set(from.machine, this.life.parts.nowMs() + againMs);
      world.trace.add(this.node.machine, () => `the copy breaks off: ${problem}`);
    });
  }

  #end(how: string): void {
    this.isDone = this.node.isComplete = true;
    this.life.parts.world.trace.add(this.node.machine, () => `${how}: it serves`);
    this.life.look();
  }
}

/** One copy. */
class Copy {
  readonly #bootstrap: Bootstrap;
  readonly #source: Life;
  #stream: ClientStream | undefined;
  #cancel: (() => void) | undefined;
  #isOver = false;

  /** @param wayMs How far they are from each other @param ended Hears why it broke off, or that it did not */
  constructor(
    private readonly life: Life,
    readonly from: Node,
    private readonly wayMs: number,
    private readonly ended: (problem: string | undefined) => void,
  ) {
    const { store, replicator, parts: { name, chance } } = life;
    this.#source = from.life!;
    const renew = () => {
      store.adoptWriter(newWriterName(name, (n) => chance.bytes(n)));
      store.local.lifeId = newId((n) => chance.bytes(n));
    };
    this.#bootstrap = new Bootstrap(store, from.name, true, renew, (state) => replicator.joined(state));
    this.#source.services.whenEnded(this.#lost);
    life.services.whenEnded(this.#lost);
    this.#watch();
    this.#ask({ nodes: true }, (state) => {
      this.#bootstrap.begin(state);
      this.#tree(false);
    });
  }

  readonly #lost = (): void => this.#end("the connection is lost");

  /** Ends it if nothing comes. */
  #watch(): void {
    this.#cancel?.();
    this.#cancel = this.life.after(silenceMs, () => this.#end("nothing came"));
  }

  /** One answer of the source, which both may not live to see. */
  #ask(flags: { nodes: true; known?: true; present?: true; deleted?: true }, take: (state: PeerState) => void): void {
    this.#source.after(this.wayMs, () => {
      if (this.#isOver) return;
      const { nodes, known, present, deleted } = reportState(this.#source.store.writers.values(), flags);
      const state: PeerState = {
        tock: this.#source.store.clock,
        nodes: new Map(nodes!) as Value,
        known: setsOut(known),
        present: setsOut(present),
        deleted: setsOut(deleted),
      };
      this.life.after(this.wayMs, () => this.#take(() => take(state)));
    });
  }

  /** Something came. */
  #take(body: () => void): void {
    const { world, machine } = this.life.parts;
    if (this.#isOver) return;
    if (!world.network.connects(machine, this.from.machine)) return this.#end("the network is cut");
    this.#watch();
    for (const node of [this.from, world.node(machine)]) {
      for (const fault of node.ails) world.coverage.met(fault, "copied");
    }
    this.life.turn(body);
  }

  #tree(isInternal: boolean): void {
    const { store } = this.#source;
    const start = isInternal ? store.find([null], 1) : store.root;
    const next = () => isInternal ? this.#finish() : this.#tree(true);
    if (start === undefined) return next();
    const options = { minDepth: 0, maxDepth: -1, empty: false, tombstones: true, nchain: -1, isWhole: !isInternal };
    const lengthener = new PathLengthener();
    const stream = new ClientStream(
      this.#source,
      new TreeSource(store.values, start, options),
      () => new Map(),
      (reply) => this.life.enter(() => this.#take(() => this.#bootstrap.entry(entryOf(reply, lengthener), isInternal))),
      () => this.life.enter(() => this.#take(next)),
      this.wayMs,
    );
    this.#stream = stream;
    stream.wake();
  }

  #finish(): void {
    this.#ask({ nodes: true, known: true, present: true, deleted: true }, (state) => {
      this.#bootstrap.end(state);
      this.#end(undefined);
    });
  }

  #end(problem: string | undefined): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#cancel?.();
    this.#stream?.close();
    this.#source.services.notWhenEnded(this.#lost);
    this.life.services.notWhenEnded(this.#lost);
    if (!this.life.isOver) this.ended(problem);
  }
}

function setsOut(sets: ReadonlyMap<string, RangeSet> | undefined): Value {
  return new Map([...sets ?? []].map(([name, set]): [string, Value] => [name, set.toWire()]));
}

function entryOf({ path, depth, chain, tock, value }: Reply, lengthener: PathLengthener) {
  const tail = path instanceof Path ? path : Path.of(...path as []);
  return {
    path: lengthener.path(tail, typeof depth === "number" ? depth : undefined),
    chain: chain as unknown as IncomingChain,
    tock: tock as number,
    value: value === undefined ? undefined : new Raw(encode(value)),
  };
}
