/**
 * A client that watches, and keeps a copy of what it watches: as clients do it goes to another node when its own is gone,
 * and goes on there with its token. What must hold: after `uptodate` its copy is what the node shows, and no path ever goes
 * to a lower rank unless the node says `resync`.
 *
 * @module
 */

import { ResumePoint } from "../../client/resume_point.ts";
import type { Reply } from "../../client/reply.ts";
import { walk } from "../../server/core/walk.ts";
import type { Rights } from "../../server/meta/acl/rights.ts";
import { WatchQueue } from "../../server/session/watch_queue.ts";
import { encode } from "../../wire/msgpack/encoder.ts";
import { type ElementKey, keysOf } from "../../wire/path/keys.ts";
import { Path } from "../../wire/path/path.ts";
import { PathLengthener } from "../../wire/path/shorten.ts";
import type { Value } from "../../wire/value.ts";
import type { Chance } from "./chance.ts";
import { Violation } from "./failure.ts";
import { hexOf, isAbove, pathText } from "./ghost.ts";
import type { Life } from "./life.ts";
import type { Node } from "./node.ts";
import { ClientStream } from "./client_stream.ts";
import type { World } from "./world.ts";

/** What it knows of a path. */
interface Seen {
  /** The value in hexadecimal digits; null: deleted. */
  readonly value: string | null;
  readonly writer: string;
  readonly tick: number;
  readonly tock: number;
}

/** See the module. */
export class Watcher {
  /** Where it is connected. */
  #life: Life | undefined;
  #stream: ClientStream | undefined;
  #point = new ResumePoint();
  /** By path; what was deleted stays here, for its rank. */
  #seen = new Map<string, Seen>();
  /** What comes after `resync`, until `uptodate`. */
  #lengthener = new PathLengthener();
  #isUpToDate = false;
  /** Why it had to begin anew, each time. */
  readonly resyncs: string[] = [];

  /** @param keys What it watches @param acl What binds its user; undefined: nothing */
  constructor(
    readonly name: string,
    private readonly world: World,
    private readonly keys: readonly ElementKey[],
    private readonly chance: Chance,
    private readonly acl?: string,
  ) {}

  /** The value at a path in hexadecimal digits; null: it was deleted. */
  sees(path: string): string | null | undefined {
    return this.#seen.get(path)?.value;
  }

  /** Whether it is connected and has everything. */
  get isUpToDate(): boolean {
    return this.#isUpToDate;
  }

  /** Goes to that node, and away from the one before. */
  moveTo(node: Node): void {
    this.#leave();
    const { life } = node;
    if (!node.isUp || life === undefined) return this.#later();
    this.#life = life;
    const { token } = this.#point;
    // Without a token everything comes anew, as after `resync`.
    if (token === undefined) this.#seen.clear();
    this.world.trace.add(this.name, () => `watches at ${node.machine}${token === undefined ? "" : ", with a token"}`);
    life.services.whenEnded(this.#ended);
    life.enter(() => this.#open(life, node.machine, token));
  }

  #open(life: Life, machine: string, token: Uint8Array | undefined): void {
    this.#lengthener = new PathLengthener();
    const source = new WatchQueue(life.services, {
      keys: this.keys,
      fetch: true,
      nchain: 0,
      minDepth: 0,
      maxDepth: -1,
      empty: false,
      tokens: true,
      token,
    }, this.#rights(life));
    const show = () => this.#shownBy(life);
    const stream: ClientStream = new ClientStream(life, source, show, (reply, shown) => {
      if (this.#stream === stream) this.#receive(reply, shown, machine);
    });
    this.#stream = stream;
    stream.wake();
  }

  #rights({ services }: Life): Rights | undefined {
    return this.acl === undefined ? undefined : services.acls.rights(this.acl);
  }

  readonly #ended = (): void => {
    this.#leave();
    this.#later();
  };

  /** Connects again, wherever it can. */
  #later(): void {
    this.world.timeline.after(this.chance.between(10, 2000), () => {
      if (this.#life !== undefined) return;
      const { up } = this.world;
      if (up.length > 0) this.moveTo(this.chance.pick(up));
      else this.#later();
    });
  }

  /** Goes, for now. */
  leave(): void {
    this.#leave();
  }

  #leave(): void {
    const life = this.#life;
    if (life === undefined) return;
    life.services.notWhenEnded(this.#ended);
    this.#stream?.close();
    this.#life = this.#stream = undefined;
    this.#isUpToDate = false;
  }

  #receive(reply: Reply, shown: Shown | undefined, machine: string): void {
    this.#point.note(reply);
    const { state, head, value } = reply;
    if (state === "resync") {
      this.world.trace.add(this.name, () => `begins anew, as ${reply.reason}`);
      this.#meet(machine, "resynced");
      this.resyncs.push(String(reply.reason));
      this.#seen.clear();
      this.#isUpToDate = false;
    } else if (state === "uptodate") {
      this.#isUpToDate = true;
      this.#meet(machine, "watched");
      if (this.world.ghost.tainted.size === 0) this.#compare(shown!, machine);
    }
    if (state !== undefined) return;
    if (!Array.isArray(head)) return; // an entry that was deleted before this watch began
    this.#take(reply, head as [string, number], value, machine);
  }

  #meet(machine: string, step: "resynced" | "watched"): void {
    for (const fault of this.world.node(machine).ails) this.world.coverage.met(fault, step);
  }

  #take(
    { path, depth, tock }: Reply,
    [writer, tick]: [string, number],
    value: Value | undefined,
    machine: string,
  ): void {
    const tail = path instanceof Path ? path : Path.of(...path as []);
    const keys = keysOf(this.#lengthener.path(tail, typeof depth === "number" ? depth : undefined));
    const text = pathText(keys);
    const now: Seen = { value: value === undefined ? null : hexOf(encode(value)), writer, tick, tock: tock as number };
    const before = this.#seen.get(text);
    this.#seen.set(text, now);
    this.world.trace.add(this.name, () => `sees ${text || "(root)"} ${seenText(now)}`);
    if (before === undefined || !isAbove(before, now)) return;
    // Two machines share a name: what the token says of it is true of the one, and the other one takes it for its own.
    if (this.world.ghost.tainted.has(before.writer)) return;
    if (this.world.ghost.tainted.size > 0 && before.value === null && now.value === null) return;
    // A rank falls by purge alone (DESIGN 4.11): who has just come writes where nobody knows of the deletion any more.
    const isPurged = this.world.ghost.of(before.writer, before.tick).some((event) => event.isPurged);
    if (before.value === null && isPurged) return;
    const what = `${text}, where it had ${seenText(before)} before`;
    throw new Violation("watch", `${this.name} at ${machine} is shown ${seenText(now)} at ${what}, and no resync`);
  }

  /** What the node shows. */
  #shownBy(life: Life): Shown {
    const { store } = life;
    const shown: Shown = new Map();
    const book = this.#rights(life)?.book;
    const top = store.find(this.keys, this.keys.length);
    if (top === undefined) return shown;
    for (const entry of walk(top, { meta: false })) {
      const keys: ElementKey[] = [];
      const length = entry.readKeys(keys);
      if (book && !book.sees(keys, this.keys.length, length)) continue;
      const { writer, tick } = entry;
      const value = hexOf(store.values.read(entry.value));
      shown.set(pathText(keys.slice(this.keys.length, length)), `${value} ${writer!.name}:${tick}`);
    }
    return shown;
  }

  /** @throws {Violation} If its copy is not what the node shows */
  #compare(shown: Shown, machine: string): void {
    const mine = new Map<string, string>();
    for (const [path, { value, writer, tick }] of this.#seen) {
      if (value !== null) mine.set(path, `${value} ${writer}:${tick}`);
    }
    for (const path of new Set([...mine.keys(), ...shown.keys()])) {
      if (mine.get(path) === shown.get(path)) continue;
      const text = `${this.name} has ${mine.get(path) ?? "nothing"} at ${path || "its root"}`;
      throw new Violation("watch", `${text}, and ${machine} shows ${shown.get(path) ?? "nothing"}`);
    }
  }

  /** At the end, when all is quiet. @throws {Violation} If its copy is not what its node shows */
  check(): void {
    if (!this.#isUpToDate) throw new Violation("watch", `${this.name} is not up to date, though all is quiet`);
    this.#compare(this.#shownBy(this.#life!), this.#life!.parts.machine);
  }
}

/** Path → value and head. */
type Shown = Map<string, string>;

function seenText({ value, writer, tick, tock }: Seen): string {
  return `${value === null ? "deleted" : value.slice(0, 20)} ${writer}:${tick}@${tock}`;
}
