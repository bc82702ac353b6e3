/**
 * `get_tock` and `get_state`: the clock, and what is known of each writer's ticks.
 *
 * `get_state {nodes, known | superseded, present, deleted, missing, remote_missing, node_drop}` → the parts asked for, and
 * `node`, `tock`. Ticks are `[1, [3, 6], 8]`: 1, 3, 4, 5, 8. Writers that have none are left out, except in `nodes`.
 *
 * @module
 */

import type { Encoder } from "../../wire/msgpack/encoder.ts";
import type { RangesByName, StateReport } from "../core/state.ts";
import type { Call } from "./call.ts";

/** Answers `get_tock`, with a number that was never given out before. */
export function getTock(call: Call): void {
  const { store } = call.services;
  store.hearTock(store.clock + 1);
  call.done();
}

const rangeParts = ["known", "present", "deleted", "missing", "remote_missing"] as const;

/** Answers `get_state`. */
export function getState(call: Call): void {
  const { request, services: { store, node } } = call;
  const asked = (name: string) => request.bool(name, false);
  const report = store.state({
    nodes: asked("nodes"),
    known: asked("known") || asked("superseded"),
    present: asked("present"),
    deleted: asked("deleted"),
    missing: asked("missing"),
    remote_missing: asked("remote_missing"),
  });
  const parts = rangeParts.filter((part) => report[part] !== undefined);
  const hasDropped = asked("node_drop");
  const hasDebug = asked("debug");
  const extra = Number(report.nodes !== undefined) + Number(hasDropped) + Number(hasDebug);
  const out = call.begin(2 + parts.length + extra);
  writeNodes(out, report);
  for (const part of parts) {
    out.str(part);
    writeRanges(out, report[part]!);
  }
  if (hasDropped) {
    out.str("node_drop");
    out.arrayHeader(0);
  }
  if (hasDebug) {
    out.str("debug");
    out.mapHeader(0);
  }
  out.str("node");
  out.str(node);
  call.tock();
  call.end();
}

function writeNodes(out: Encoder, { nodes }: StateReport): void {
  if (nodes === undefined) return;
  out.str("nodes");
  out.mapHeader(nodes.size);
  for (const [name, tick] of nodes) {
    out.str(name);
    if (tick === null) out.nil();
    else out.int(tick);
  }
}

function writeRanges(out: Encoder, parts: RangesByName): void {
  out.mapHeader(parts.size);
  for (const [name, ranges] of parts) {
    out.str(name);
    ranges.encode(out);
  }
}
