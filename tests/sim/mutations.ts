/**
 * Protections of replication, each with a change that switches it off, and the run that has to fail then.
 *
 * @module
 */

/** A piece of source text, and what takes its place. */
export interface Edit {
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

/** A protection that is switched off. */
export interface Mutation {
  readonly name: string;
  readonly edits: readonly Edit[];
  /** Arguments of the simulator; it has to fail. */
  readonly run: readonly string[];
}

/** See the module. */
export const mutations: readonly Mutation[] = [
  {
    name: "on a tie the lower writer name wins",
    edits: [{
      file: "server/core/merge.ts",
      find: "if (a.writer !== b.writer) return a.writer!.name < b.writer!.name;",
      replace: "if (a.writer !== b.writer) return true;",
    }],
    run: ["--script", "tie between two nodes"],
  },
  {
    name: "the higher rank stays",
    edits: [{
      file: "server/core/merge.ts",
      find: 'return outranks(incoming, current) ? "apply" : "stale";',
      replace: 'return "apply";',
    }],
    run: ["--script", "delete against concurrent set"],
  },
  {
    name: "an exact link decides before the rank",
    edits: [{
      file: "server/core/merge.ts",
      find: 'if (isKnown !== knows) return knows ? "apply-exact" : "stale-exact";',
      replace: "",
    }],
    run: ["--script", "an original's tock race"],
  },
  {
    name: "a higher tick of a writer decides nothing",
    edits: [{
      file: "server/core/merge.ts",
      find: "    if (link.writer === other.writer) return link.tick === other.tick;",
      replace: "    if (link.writer === other.writer) return link.tick >= other.tick;",
    }, {
      file: "server/core/merge.ts",
      find: "export function names(version: Version, other: Version): boolean {",
      replace: "export function names(version: Version, other: Version): boolean {\n" +
        "  if (version.writer === other.writer) return version.tick >= other.tick;",
    }],
    run: ["--script", "three-way cycle C2 > C1 > B1"],
  },
  {
    name: "an event that is had is dropped",
    edits: [{
      file: "server/core/merger.ts",
      find: "    if (writer.have.has(tick)) {",
      replace: "    if (false as boolean) {",
    }],
    run: ["--script", "late copy after purge"],
  },
  {
    name: "superseded is believed as a pair only",
    edits: [{
      file: "server/core/claims.ts",
      find: "    const good = this.#complete();",
      replace: "    const good = new Set(this.#open);",
    }, {
      file: "server/core/claims.ts",
      find: "    if (this.#open.every((claim) => this.#isLacking(claim))) return;",
      replace: "",
    }],
    run: ["--script", "known-without-winner (Y dies)"],
  },
  {
    name: "a claim keeps to itself what it was made of",
    edits: [{
      file: "server/replicate/claim_parts.ts",
      find: "known: copyOf(source.known)",
      replace: "known: source.known",
    }],
    run: ["--script", "a later claim does not make an earlier one say more"],
  },
  {
    name: "a new writer name after a power cut",
    edits: [{
      file: "server/persist/identity.ts",
      find: '  return "the machine stopped before everything was on the disk";',
      replace: "  return undefined;",
    }],
    run: ["--script", "power cut, same path written again while alone"],
  },
  {
    name: "a new writer name in a copy of the directory",
    edits: [{
      file: "server/persist/identity.ts",
      find: '  if (!last.isAtHome) return "the state directory is a copy or comes from a backup";',
      replace: "",
    }],
    run: ["--script", "cold copy restored, other half cut off at tick 90"],
  },
  {
    name: "a confirmation counts only what is on the disk",
    edits: [{
      file: "server/persist/durable_have.ts",
      find: "    const { written, durable } = this.log;",
      replace: "    const { written, durable } = this.log;\n    if (durable <= written) return undefined;",
    }],
    run: ["--script", "confirmation lost with the tail"],
  },
  {
    name: "what an earlier run wrote counts as synced only after the first write",
    edits: [{
      file: "server/persist/durable_have.ts",
      find: "    if (written > 0 && durable >= written) {",
      replace: "    if (durable >= written) {",
    }],
    run: ["--script", "killed, restarted, power cut"],
  },
  {
    name: "with fsync always, a killed run's writes are synced before anybody sees them",
    edits: [{
      file: "server/persist/tenure.ts",
      find: "    if (this.#isUnsettled) syncLogs(this.#options.disk);",
      replace: "",
    }],
    run: ["--script", "killed before the sync, restarted, power cut"],
  },
  {
    name: "the loser is logged with the winner",
    edits: [{
      file: "server/persist/record_writer.ts",
      find: "        this.lost(effect);\n        return true;",
      replace: "        return false;",
    }],
    run: ["--script", "crash between applying the winner and writing the record"],
  },
  {
    name: "only heads are purged",
    edits: [{
      file: "server/core/purger.ts",
      find: "      each.isTombstone && each.writer === writer && each.tick === tick",
      replace: "      each.tick > 0",
    }, {
      file: "server/core/versions.ts",
      find: "      writer.tombstones.remove(entry.tick);",
      replace: "",
    }],
    run: ["--script", "re-created while its deletion is purged elsewhere"],
  },
  {
    name: "tombstones stay until every member has confirmed",
    edits: [{
      file: "server/core/deletion.ts",
      find: "    if (statement === undefined) return undefined;",
      replace: "    if (statement === undefined) continue;",
    }],
    run: ["--script", "member known to one side only"],
  },
  {
    name: "statements name the sender's members",
    edits: [{
      file: "server/core/deletion.ts",
      find: "    open.push(...statement.members);",
      replace: "",
    }],
    run: ["--script", "joiner known to one side only"],
  },
  {
    name: "a deletion leaves a tombstone",
    edits: [{
      file: "server/core/deletion.ts",
      find: "      ticks = theirs === undefined ? ticks.difference(ticks) : ticks.intersection(theirs);",
      replace: "      if (theirs === undefined || ticks.isEmpty) continue;",
    }],
    run: ["--script", "deleted while one is away"],
  },
  {
    name: "what is missing is asked for",
    edits: [{
      file: "server/replicate/gaps.ts",
      find: "    for (const ask of this.#asks) if (ask.nextMs <= nowMs) this.#send(ask, nowMs);",
      replace: "",
    }],
    run: ["--script", "a lost update is asked for"],
  },
  {
    name: "with fsync always, everything is synced before it leaves",
    edits: [{
      file: "server/persist/journal.ts",
      find: 'const mustSync = level === "disk" || this.policy === "always";',
      replace: 'const mustSync = level === "disk";',
    }],
    run: ["--script", "fsync always keeps the name over a power cut"],
  },
  {
    name: "the log is written before the store is final",
    edits: [{
      file: "server/persist/journal.ts",
      find: "      appendAll(file, this.#encoder.bytes, 0, this.#encoder.length);",
      replace: "      appendAll(file, this.#encoder.bytes, 0, this.#encoder.length >> 1);",
    }],
    run: ["--script", "A1 loses to B1 at A, A writes A2, crash between"],
  },
  {
    name: "a forgotten node compares before it shares",
    edits: [{
      file: "server/replicate/homecoming.ts",
      find: '    return this.comparison.wanted === "resync" || this.#isTold;',
      replace: "    return false;",
    }, {
      file: "server/replicate/homecoming.ts",
      find: '      this.comparison.want("resync");\n      report(',
      replace: "      report(",
    }],
    run: ["--script", "forgotten node returns with a write on a purged entry"],
  },
];
