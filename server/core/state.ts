/**
 * What a node knows of everybody's ticks, as `get_state` and state files say it.
 *
 * @module
 */

import { RangeSet } from "./range_set.ts";
import type { Writer } from "./writer.ts";

/** Which parts are asked for. */
export interface StateFlags {
  /** The highest tick heard of. */
  readonly nodes?: boolean;
  /** Superseded ticks. */
  readonly known?: boolean;
  /** Ticks in the chains of entries here, tombstones included. */
  readonly present?: boolean;
  /** Ticks in the chains of tombstones: a part of `present`. */
  readonly deleted?: boolean;
  /** Ticks heard of that are neither had nor given up. */
  readonly missing?: boolean;
  /** Ticks that somebody asked for. */
  readonly remote_missing?: boolean;
  /** Ticks that nobody waits for any more. */
  readonly given_up?: boolean;
}

/** Ranges by writer name, empty ones left out. */
export type RangesByName = Map<string, RangeSet>;

/** The parts that were asked for. */
export interface StateReport {
  /** Highest ticks by writer name; null if none is known. */
  nodes?: Map<string, number | null>;
  known?: RangesByName;
  present?: RangesByName;
  deleted?: RangesByName;
  missing?: RangesByName;
  remote_missing?: RangesByName;
  given_up?: RangesByName;
}

/** The state of `writers`. */
export function reportState(writers: Iterable<Writer>, flags: StateFlags): StateReport {
  const all = [...writers];
  const report: StateReport = {};
  const ranges = (of: (writer: Writer) => RangeSet): RangesByName => collect(all, of);
  if (flags.nodes) report.nodes = new Map(all.map((writer) => [writer.name, writer.tick === 0 ? null : writer.tick]));
  if (flags.known) report.known = ranges((writer) => writer.superseded());
  if (flags.present) report.present = ranges((writer) => writer.present());
  if (flags.deleted) report.deleted = deleted(all);
  if (flags.missing) report.missing = ranges((writer) => writer.missing());
  if (flags.remote_missing) report.remote_missing = ranges((writer) => writer.remoteMissing);
  if (flags.given_up) report.given_up = ranges((writer) => writer.givenUp);
  return report;
}

function collect(writers: readonly Writer[], of: (writer: Writer) => RangeSet): RangesByName {
  const result: RangesByName = new Map();
  for (const writer of writers) {
    const ranges = of(writer);
    if (!ranges.isEmpty) result.set(writer.name, ranges);
  }
  return result;
}

/** All ticks in the chains of tombstones. */
function deleted(writers: readonly Writer[]): RangesByName {
  const result: RangesByName = new Map();
  const add = (writer: Writer, tick: number) => {
    const ranges = result.get(writer.name) ?? new RangeSet();
    ranges.add(tick);
    result.set(writer.name, ranges);
  };
  for (const writer of writers) {
    for (const tick of writer.tombstones) {
      add(writer, tick);
      for (const entry of writer.entries(tick)) {
        if (!entry.isTombstone || entry.writer !== writer) continue;
        for (let link = entry.older; link !== null; link = link.prev) add(link.writer, link.tick);
      }
    }
  }
  return result;
}
