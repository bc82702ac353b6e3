/**
 * Words for runs that are written down: who does what, what gets through, who dies.
 *
 * @module
 */

import type { FsyncPolicy } from "../../server/persist/surroundings.ts";
import { recordKeys } from "../../server/core/conflicts.ts";
import { decode } from "../../wire/msgpack/decoder.ts";
import { encode } from "../../wire/msgpack/encoder.ts";
import type { ElementKey } from "../../wire/path/keys.ts";
import type { Value } from "../../wire/value.ts";
import { Chance } from "./chance.ts";
import { checkEnd, converge, heal, isQuiet } from "./end_checks.ts";
import { Violation } from "./failure.ts";
import type { GhostEvent } from "./ghost.ts";
import type { Parcel } from "./message.ts";
import type { Node } from "./node.ts";
import type { NodeOptions } from "./node_options.ts";
import { Watcher } from "./watcher.ts";
import { World } from "./world.ts";

/** A run that is written down. */
export type ScriptBody = (script: Script) => Promise<void>;

/** See the module. */
export class Script {
  readonly world: World;

  /** @param isTraced Whether the trace is kept @param isMixed Whether originals may take part */
  constructor(isTraced: boolean = false, isMixed: boolean = false) {
    this.world = new World(1, isTraced, isMixed);
  }

  /** The node on that machine. */
  node(machine: string): Node {
    return this.world.node(machine);
  }

  /** Starts nodes that get to know each other, and waits until they have told their members and may purge. */
  async start(machines: string, options: Partial<NodeOptions> = {}): Promise<void> {
    for (const machine of machines) await this.join(machine, options);
    await this.run(30_000);
  }

  /** Starts one more node. */
  async join(machine: string, options: Partial<NodeOptions> = {}): Promise<void> {
    const node = this.world.add({ logBytesMin: 100_000, ...options, machine });
    await this.up(node.machine);
  }

  /** Starts a node (again). */
  async up(machine: string): Promise<void> {
    this.world.timeline.after(0, () => this.node(machine).start());
    await this.run(0);
    this.expect(this.node(machine).state === "up", `${machine} starts`);
  }

  /** Stops a node as it should be. */
  async stop(machine: string): Promise<void> {
    this.node(machine).stop();
    await this.run(1000);
    this.expect(this.node(machine).state === "down", `${machine} stops`);
  }

  /** Lets time pass. */
  run(ms: number): Promise<void> {
    const { timeline } = this.world;
    return timeline.run(timeline.nowMs + ms);
  }

  /** A client sets a value (undefined deletes it). Returns what was made; it is acknowledged. */
  set(machine: string, path: string, value: Value | undefined, level: "memory" | "disk" = "memory"): GhostEvent {
    const keys = keysOf(path);
    const { life } = this.node(machine);
    life!.request(() => {
      const entry = life!.store.ensure(keys, keys.length);
      const bytes = value === undefined ? new Uint8Array(0) : encode(value);
      const change = value === undefined ? life!.store.delete(entry) : life!.store.write(entry, bytes, 0, bytes.length);
      return { changes: [change], level, isLost: false };
    });
    const made = this.world.ghost.at(path).at(-1);
    if (made === undefined) throw new Violation("error", `${machine} cannot set ${path}`);
    return made;
  }

  /** The same, and its client waits until so many nodes have it on their disks. */
  setForNodes(machine: string, path: string, value: Value, nodes: number): GhostEvent {
    const keys = keysOf(path);
    const { life } = this.node(machine);
    life!.request(() => {
      const bytes = encode(value);
      const change = life!.store.write(life!.store.ensure(keys, keys.length), bytes, 0, bytes.length);
      return { changes: [change], level: "disk", nodes, isLost: false };
    });
    return this.world.ghost.at(path).at(-1)!;
  }

  /** A client drops the conflict in which that event lost. */
  drop(machine: string, { keys, writer, tick }: GhostEvent): void {
    const record = recordKeys({ path: keys, writer: { name: writer }, tick });
    const { life } = this.node(machine);
    life!.request(() => {
      const changes = [life!.store.delete(life!.store.ensure(record, record.length))];
      return { changes, level: "memory", isLost: false };
    });
  }

  /** Somebody watches everything, from now on, at that node. @param acl What binds its user */
  async watch(machine: string, acl?: string): Promise<Watcher> {
    const { world } = this;
    const watcher = new Watcher(`w${world.watchers.length + 1}`, world, [], Chance.of(1, "watcher"), acl);
    world.watchers.push(watcher);
    watcher.moveTo(this.node(machine));
    await this.until("the watcher is up to date", () => watcher.isUpToDate, 3000, 1);
    return watcher;
  }

  /** The value that a node shows. */
  get(machine: string, path: string): Value | undefined {
    const keys = keysOf(path);
    const { store } = this.node(machine).life!;
    const entry = store.find(keys, keys.length);
    return entry?.hasValue ? decode(store.values.read(entry.value)) : undefined;
  }

  /** Whether a node still has something at a path: a value, or a tombstone. */
  hasTrace(machine: string, path: string): boolean {
    const keys = keysOf(path);
    return (this.node(machine).life!.store.find(keys, keys.length)?.writer ?? null) !== null;
  }

  /** Whether a node has an event. */
  has(machine: string, { writer, tick }: GhostEvent): boolean {
    return this.node(machine).life!.store.writers.get(writer)?.have.has(tick) ?? false;
  }

  /** Whether an event is in a node's conflict list. */
  isInConflicts(machine: string, { keys, writer, tick }: GhostEvent): boolean {
    const { store } = this.node(machine).life!;
    if (store.conflicts.get(writer, tick) !== undefined) return true;
    const record = recordKeys({ path: keys, writer: { name: writer }, tick });
    return store.find(record, record.length)?.hasValue ?? false;
  }

  /** Conflicts in a node's list, records and pending ones. */
  conflicts(machine: string): number {
    const { store } = this.node(machine).life!;
    let count = store.conflicts.size;
    for (const top of [[".moat", "kv", "conflict"], [null, "conflict"]]) {
      for (const writer of store.find(top, top.length)?.children ?? []) {
        for (const record of writer.children ?? []) if (record.hasValue) count++;
      }
    }
    return count;
  }

  /** From now on only these messages get through. */
  only(passes: (from: string, to: string, parcel: Parcel) => boolean): void {
    this.world.network.passes = passes;
  }

  /** Groups of machines (`AB C`) that hear only each other; everything else is cut off. */
  split(groups: string): void {
    const list = groups.split(" ");
    this.only((from, to) => list.some((group) => group.includes(from) && group.includes(to)));
  }

  /** Everything gets through. */
  meet(): void {
    this.only(() => true);
  }

  /** What must be so. */
  expect(isSo: boolean, what: string): void {
    if (!isSo) throw new Violation("error", `Not so: ${what}`);
  }

  /** Waits until something is so, and not much longer. */
  async until(what: string, isSo: () => boolean, limitMs: number = 60_000, stepMs: number = 100): Promise<void> {
    for (let ms = 0; ms < limitMs && !isSo(); ms += stepMs) await this.run(stepMs);
    this.expect(isSo(), what);
  }

  /** Heals everything, and checks what must hold at the end. */
  async end(): Promise<void> {
    this.meet();
    await heal(this.world);
    await converge(this.world);
    await isQuiet(this.world);
    checkEnd(this.world);
  }
}

/** `p.x` → keys; internal ones begin with `null`. */
function keysOf(path: string): ElementKey[] {
  const [first, ...rest] = path.split(".");
  return [first === "null" ? null : first, ...rest];
}

/** How long `everysec` takes at most. */
export const syncedMs = 2500;

/** A policy under which nothing is synced by itself. */
export const neverSynced: FsyncPolicy = "no";
