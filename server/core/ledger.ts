/**
 * Who has which ticks: all writers, and every change to what is known of them, so that a turn can be taken back.
 *
 * @module
 */

import type { RangeSet } from "./range_set.ts";
import type { Turn } from "./turn.ts";
import { Writer } from "./writer.ts";

/** All writers. */
export class Ledger {
  readonly writers: Map<string, Writer> = new Map();
  /** Rises with every tick that becomes had. */
  haveVersion = 0;
  readonly #turn: Turn;
  /** Writers whose numbers may differ from those at the last commit. */
  #touched: Writer[] = [];

  /** @param turn Where changes are noted */
  constructor(turn: Turn) {
    this.#turn = turn;
  }

  /** The writer of that name, made if new. */
  writer(name: string): Writer {
    const known = this.writers.get(name);
    if (known !== undefined) return known;
    const made = new Writer(name);
    this.writers.set(name, made);
    this.#save(made, true);
    return made;
  }

  /** Remembers a writer's numbers for a rollback; before the first change of a turn. */
  touch(writer: Writer): void {
    if (writer.saved === null) this.#save(writer, false);
  }

  #save(writer: Writer, isNew: boolean): void {
    const { tick, topTick, topTock, purgedUpTo } = writer;
    writer.saved = { tick, topTick, topTock, purgedUpTo, isNew };
    this.#touched.push(writer);
  }

  /** The writer's highest tick is at least `tick`. Returns whether that was new. */
  hear(writer: Writer, tick: number): boolean {
    if (tick <= writer.tick) return false;
    this.touch(writer);
    writer.tick = tick;
    return true;
  }

  /** The same without an event at hand, so that it has to be told. */
  hearOnly(writer: Writer, tick: number): boolean {
    const isNew = this.hear(writer, tick);
    if (isNew) this.#turn.note({ kind: "heard", writer, tick });
    return isNew;
  }

  /** The event with this tick and tock was seen. */
  seen(writer: Writer, tick: number, tock: number): void {
    if (tick < writer.topTick || (tick === writer.topTick && tock <= writer.topTock)) return;
    this.touch(writer);
    writer.topTick = tick;
    writer.topTock = tock;
  }

  /** A tick is had from now on. Returns whether that is new. */
  addHave(writer: Writer, tick: number): boolean {
    this.touch(writer);
    if (!writer.have.add(tick)) return false;
    this.haveVersion++;
    if (tick <= writer.saved!.tick) this.#turn.undo(() => writer.have.remove(tick));
    if (tick > writer.tick) writer.tick = tick;
    if (!writer.remoteMissing.isEmpty) writer.remoteMissing.remove(tick);
    if (!writer.givenUp.isEmpty && writer.givenUp.remove(tick)) this.#turn.undo(() => writer.givenUp.add(tick));
    return true;
  }

  /** Ticks are had from now on without being in any chain, as a peer said. */
  believe(writer: Writer, ticks: RangeSet): void {
    const fresh = ticks.difference(writer.have);
    if (fresh.isEmpty) return;
    const found = writer.givenUp.intersection(fresh);
    this.touch(writer);
    writer.have.addAll(fresh);
    writer.givenUp.removeAll(found);
    writer.remoteMissing.removeAll(fresh);
    writer.tick = Math.max(writer.tick, fresh.max);
    this.haveVersion++;
    this.#turn.note({ kind: "believed", writer, ticks: fresh }, () => {
      writer.have.removeAll(fresh);
      writer.givenUp.addAll(found);
    });
  }

  /** One tick is had from now on without being in any chain. */
  supersede(writer: Writer, tick: number): void {
    if (this.addHave(writer, tick)) this.#turn.note({ kind: "superseded", writer, first: tick, last: tick });
  }

  /** Gives up those of `ticks` that are missing. */
  giveUp(writer: Writer, ticks: RangeSet): void {
    const lost = ticks.intersection(writer.missing());
    if (lost.isEmpty) return;
    writer.givenUp.addAll(lost);
    this.#turn.note({ kind: "gave_up", writer, ticks: lost }, () => writer.givenUp.removeAll(lost));
  }

  /** Forgets a writer that no chain names. */
  drop(writer: Writer): void {
    this.writers.delete(writer.name);
    this.#turn.note({ kind: "dropped", writer }, () => this.writers.set(writer.name, writer));
  }

  /** Makes the turn's numbers final. */
  commit(): void {
    for (const writer of this.#touched) writer.saved = null;
    this.#touched.length = 0;
  }

  /** Puts the numbers of the last commit back; what was noted as undo steps has been undone before. */
  rollback(): void {
    for (const writer of this.#touched) {
      const { tick, topTick, topTock, purgedUpTo, isNew } = writer.saved!;
      writer.have.removeRange(tick + 1, Infinity);
      Object.assign(writer, { tick, topTick, topTock, purgedUpTo, saved: null });
      if (isNew && this.writers.get(writer.name) === writer) this.writers.delete(writer.name);
    }
    this.#touched.length = 0;
    this.haveVersion++;
  }
}
