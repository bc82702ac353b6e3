/**
 * Several nodes write, and exchange what they have over a network that loses, repeats, delays and reorders, while some of
 * them undo what they could not log, purge, or die for ever. After every step the law of cover is checked: what a node *has*
 * is visible in its tree, or outranked there, or deleted there by a higher rank. At the end the living agree.
 */

import { Store } from "../../../server/core/store.ts";
import { purgeable, type Statement } from "../../../server/core/deletion.ts";
import { Change } from "../../../server/core/effect.ts";
import type { Entry } from "../../../server/core/entry.ts";
import type { Incoming } from "../../../server/core/incoming.ts";
import type { Version } from "../../../server/core/merge.ts";
import type { RangeSet } from "../../../server/core/range_set.ts";
import { assertEquals, assertTrue } from "../../support/assert.ts";
import { at, checkDerived, dice, dump, eventAt, haveOf, knownOf, put, remove, treeOf } from "./world.ts";

type Ticks = Map<string, RangeSet>;

/** What travels: an event, or a claim of what is superseded with everything the sender has. */
type Message =
  | { readonly to: Member; readonly event: Incoming }
  | { readonly to: Member; readonly from: string; readonly known: Ticks; readonly have: Ticks };

interface Member {
  readonly store: Store;
  isAlive: boolean;
}

/** Every event ever made, as nobody in the network knows it. */
interface Ghost {
  readonly path: string;
  readonly version: Version;
  readonly isDeletion: boolean;
}

const paths = ["p", "q", "p.x"];

class World {
  readonly roll: (n: number) => number;
  readonly members: Member[];
  readonly network: Message[] = [];
  readonly sent: Message[] = [];
  readonly ghosts: Map<string, Ghost> = new Map();
  readonly statements: Map<string, Statement> = new Map();
  readonly counts = { purged: 0, rolledBack: 0, claimed: 0, died: 0 };

  constructor(seed: number, readonly options: { readonly death: boolean; readonly links: number }) {
    this.roll = dice(seed);
    this.members = ["A", "B", "C", "D"].map((node) => ({ store: new Store({ node }), isAlive: true }));
  }

  get living(): Member[] {
    return this.members.filter((member) => member.isAlive);
  }

  pick<T>(items: readonly T[]): T {
    return items[this.roll(items.length)];
  }

  step(): void {
    const member = this.pick(this.living);
    const what = this.roll(100);
    if (what < 25) this.write(member);
    else if (what < 60) this.deliver();
    else if (what < 75) this.repair(member, this.pick(this.living));
    else if (what < 82) this.claim(member, this.pick(this.living));
    else if (what < 90) this.state(member);
    else if (what < 93) this.purge(member);
    else if (what < 94) this.hear(member);
    else if (what < 96) this.calm();
    else if (what < 99) this.late();
    else this.die();
    for (const each of this.living) this.check(each);
  }

  /** Makes an event; sometimes the log cannot be written and it never happened. */
  write(member: Member): void {
    const { store } = member;
    const before = this.roll(6) === 0 ? dump(store) : undefined;
    for (let count = 1 + this.roll(3); count > 0; count--) this.change(store);
    // Records of conflicts are among them.
    const changes = store.effects.filter((effect) => effect instanceof Change);
    if (before !== undefined) {
      store.rollback();
      this.counts.rolledBack++;
      return assertEquals(dump(store), before);
    }
    for (const change of changes) this.remember(change);
    const last = new Map(changes.map((change) => [change.entry, change]));
    store.commit();
    for (const entry of last.keys()) this.broadcast(member, entry);
  }

  change(store: Store): void {
    const path = this.pick(paths);
    if (this.roll(3) === 0) remove(store, path);
    else put(store, path, `${store.node}${store.local.tick + 1}`);
  }

  remember(change: Change): void {
    const { writer, tick, older, tock } = change;
    const version = { writer, tick, older, tock };
    const path = String(change.entry.path());
    this.ghosts.set(`${writer.name}${tick}`, { path, version, isDeletion: change.value === 0 });
  }

  broadcast(member: Member, entry: Entry): void {
    for (const to of this.members) {
      if (to !== member) this.send({ to, event: eventAt(member.store, entry, this.options.links) });
    }
  }

  send(message: Message): void {
    this.sent.push(message);
    if (this.roll(4) > 0) this.network.push(message);
  }

  /** One message of those under way arrives; it may come again. */
  deliver(): void {
    if (this.network.length === 0) return;
    const index = this.roll(this.network.length);
    const message = this.network[index];
    if (this.roll(4) > 0) this.network.splice(index, 1);
    this.receive(message);
  }

  receive(message: Message): void {
    if (!message.to.isAlive) return;
    const { store } = message.to;
    const before = this.roll(8) === 0 ? dump(store) : undefined;
    if ("event" in message) store.merge(message.event);
    else store.claim(message.from, message.known, message.have);
    store.settleClaims();
    if (before === undefined) return void store.commit();
    store.rollback();
    assertEquals(dump(store), before);
  }

  /** `member` asks `peer` for what it misses, and gets the entries that have it in their chains. */
  repair(member: Member, peer: Member, send: (message: Message) => void = (message) => this.send(message)): void {
    const entries = new Set<Entry>();
    for (const writer of member.store.writers.values()) {
      for (const tick of writer.missing()) {
        for (const entry of peer.store.writers.get(writer.name)?.entries(tick) ?? []) entries.add(entry);
      }
    }
    for (const entry of entries) send({ to: member, event: eventAt(peer.store, entry) });
  }

  claim(to: Member, peer: Member, send: (message: Message) => void = (message) => this.send(message)): void {
    this.counts.claimed++;
    send({ to, from: peer.store.node, known: knownOf(peer.store), have: haveOf(peer.store) });
  }

  /** `member` says what it has on its disk. Statements may be old when they are used. */
  state(member: Member): void {
    const members = this.members.map((each) => each.store.node);
    this.statements.set(member.store.node, { onDisk: haveOf(member.store), members });
  }

  purge(member: Member): void {
    const { store } = member;
    const forgotten = new Set(this.members.filter((each) => !each.isAlive).map((each) => each.store.node));
    const ticks = purgeable({ members: [store.node], forgotten, statements: this.statements, writers: store.writers });
    for (const [name, set] of ticks) {
      for (const tick of set) this.counts.purged += store.purge(store.writer(name), tick);
    }
    store.commit();
  }

  /** `member` hears how many events somebody made, but none of them. */
  hear(member: Member): void {
    const { node, local } = this.pick(this.members).store;
    if (node !== member.store.node) member.store.hear(node, local.tick);
    member.store.commit();
  }

  /** For once everything arrives; everybody says so. */
  calm(): void {
    while (this.network.length > 0) this.receive(this.network.pop()!);
    this.exchange();
    for (const member of this.living) this.state(member);
  }

  /** An old copy arrives. */
  late(): void {
    if (this.sent.length > 0) this.receive(this.pick(this.sent));
  }

  die(): void {
    if (!this.options.death || this.living.length <= 2) return;
    this.pick(this.living).isAlive = false;
    this.counts.died++;
  }

  check({ store }: Member): void {
    checkDerived(store);
    for (const writer of store.writers.values()) {
      for (const tick of writer.have) this.checkCover(store, writer.name, tick);
    }
  }

  checkCover(store: Store, writer: string, tick: number): void {
    const { path, version } = this.ghosts.get(`${writer}${tick}`)!;
    const entry = at(store, path);
    if (entry !== undefined && entry.writer !== null) {
      const isHead = entry.writer.name === writer && entry.tick === tick;
      return assertTrue(isHead || isAbove(entry, version), `${store.node} covers ${writer}${tick}`);
    }
    const isDeleted = [...this.ghosts.values()].some((ghost) =>
      ghost.isDeletion && ghost.path === path && !isAbove(version, ghost.version) &&
      store.writers.get(ghost.version.writer!.name)?.have.has(ghost.version.tick)
    );
    assertTrue(isDeleted, `${store.node} has ${writer}${tick}, but neither shows nor deleted ${path}`);
  }

  /** Whole and quiet: everything arrives, everybody asks and claims. Late copies first. */
  heal(): void {
    while (this.network.length > 0) this.receive(this.network.pop()!);
    for (let round = 0; round < 4; round++) this.exchange();
  }

  /** Everybody tells everybody, and nothing is lost. */
  exchange(): void {
    for (const to of this.living) {
      for (const from of this.living) {
        if (to === from) continue;
        for (const writer of from.store.writers.values()) to.store.hear(writer.name, writer.tick);
        this.repair(to, from, (message) => this.receiveSurely(message));
        this.claim(to, from, (message) => this.receiveSurely(message));
        this.check(to);
      }
    }
  }

  receiveSurely(message: Message): void {
    const { store } = message.to;
    if ("event" in message) store.merge(message.event);
    else store.claim(message.from, message.known, message.have);
    store.settleClaims();
    store.commit();
  }

  agree(seed: number): void {
    const [first, ...others] = this.living.map(({ store }) => ({
      tree: treeOf(store).filter((line) => !line.includes(" = - ")).map((line) => line.replace(/ [A-D]\d+ .*@/, " … @"))
        .sort(),
      have: [...store.writers.values()].filter((each) => !each.have.isEmpty).map((
        each,
      ) => [each.name, each.have.toWire()]).sort(),
      digest: store.digest,
    }));
    for (const other of others) assertEquals(other, first, `seed ${seed}`);
  }
}

/** Whether the first event stands above the second, by their names: they are of different stores. */
function isAbove(a: Version, b: Version): boolean {
  if (a.tock !== b.tock) return a.tock > b.tock;
  if (a.writer!.name !== b.writer!.name) return a.writer!.name < b.writer!.name;
  return a.tick > b.tick;
}

function runs(count: number, options: World["options"]): World["counts"] {
  const sum = { purged: 0, rolledBack: 0, claimed: 0, died: 0 };
  for (let seed = 0; seed < count; seed++) {
    const world = new World(seed, options);
    for (let step = 20 + world.roll(60); step > 0; step--) world.step();
    world.heal();
    world.agree(seed);
    for (const key of Object.keys(sum) as (keyof typeof sum)[]) sum[key] += world.counts[key];
  }
  return sum;
}

Deno.test("Nodes that lose, repeat and reorder messages keep the law of cover at every step, and agree at the end", () => {
  const { purged, rolledBack, claimed } = runs(250, { death: false, links: 5 });
  assertTrue(purged > 30 && rolledBack > 50 && claimed > 200, JSON.stringify({ purged, rolledBack, claimed }));
});

Deno.test("So they do with chains cut to two links", () => {
  runs(150, { death: false, links: 2 });
});

Deno.test("So they do when nodes die for ever", () => {
  assertTrue(runs(200, { death: true, links: 5 }).died > 40);
});
