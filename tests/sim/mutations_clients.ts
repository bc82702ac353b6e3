/**
 * Protections of what clients were told, of originals, and of memory, each with a change that switches it off, and the run that has to fail then.
 *
 * @module
 */

import type { Mutation } from "./mutations.ts";

/** See the module. */
export const clientMutations: readonly Mutation[] = [
  {
    name: "a node that is behind a token says so",
    edits: [{
      file: "server/session/token.ts",
      find: `return "behind";`,
      replace: `return "resume";`,
    }],
    run: ["--script", "token at a node that is behind"],
  },
  {
    name: "a token names writers that are new",
    edits: [{
      file: "client/resume_point.ts",
      find: "    const [life, before] = Array.isArray(known) ? known : [null, []];",
      replace: "    if (!Array.isArray(known)) continue;\n    const [life, before] = known;",
    }],
    run: ["--script", "token of a writer that is new"],
  },
  {
    name: "a token from before a purge is worth nothing",
    edits: [{
      file: "server/session/token.ts",
      find: `return "purged";`,
      replace: "continue;",
    }],
    run: ["--script", "token over a purge"],
  },
  {
    name: "a token of other access rules is worth nothing",
    edits: [{
      file: "server/session/token.ts",
      find: `return equalBytes(itsScope, scope) ?`,
      replace: `return itsScope.length > 0 ?`,
    }],
    run: ["--script", "token after an ACL change"],
  },
  {
    name: "nodes: N counts what is on disks",
    edits: [{
      file: "server/replicate/acknowledge.ts",
      find: "peer.isMemoryOnly ? peer.have : peer.onDisk",
      replace: "peer.have",
    }],
    run: ["--script", "nodes: 2 outlives the loss of one disk"],
  },
  {
    name: "a conflict that was dropped stays away",
    edits: [{
      file: "server/core/local_store.ts",
      find: "    this.#writeAbove(entry, this.values.put(out.bytes, 0, out.length), null, conflict.tock);",
      replace: "    this.write(entry, out.bytes, 0, out.length);",
    }],
    run: ["--script", "a dropped conflict stays away"],
  },
  {
    name: "originals are not flooded",
    edits: [{
      file: "server/replicate/compat/pace.ts",
      find: "    const spanMs =",
      replace: "    if (servers > 0) return nowMs;\n    const spanMs =",
    }],
    run: ["--script", "an original is not flooded"],
  },
  {
    name: "what a late copy revived at one who copied goes",
    edits: [{
      file: "server/replicate/bootstrap.ts",
      find: "    if (this.#hasTombstones) this.#joined({ have, known });",
      replace: "",
    }],
    run: ["--script", "a late copy of what is purged comes to one who copies"],
  },
  {
    name: "what was replaced is freed",
    edits: [{
      file: "server/core/local_store.ts",
      find: "this.turn.commit((value) => this.values.free(value));",
      replace: "this.turn.commit(() => {});",
    }],
    run: ["--script", "a dropped conflict stays away"],
  },
  {
    name: "a part of a state does not have what replaced the rest",
    edits: [{
      file: "server/persist/state_loader.ts",
      find: "if (!here.covers(RangeSet.range(1, tick))) return false;",
      replace: "if (!here.covers(RangeSet.range(1, tick))) continue;",
    }],
    run: ["--script", "a part of the state is saved, and loaded on an empty disk"],
  },
  {
    name: "whoever never wrote under a name does not know whose it was",
    edits: [{
      file: "server/core/store.ts",
      find: "    if (before.tick === 0) before.lifeId = null;",
      replace: "",
    }],
    run: ["--script", "an old file is loaded where something was deleted since"],
  },
];
