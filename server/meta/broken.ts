/**
 * What of types, matches, codecs and converters is inactive, and why. Code that nobody has used yet is compiled for this.
 *
 * @module
 */

import type { Path } from "../../wire/path/path.ts";
import type { Entry } from "../core/entry.ts";
import { Walk } from "../core/walk.ts";
import type { Meta } from "./meta.ts";
import { nameOf } from "./record.ts";
import { SandboxError } from "./sandbox/sandbox_error.ts";
import type { StoredProgram } from "./stored_program.ts";

/** The branches that can have something inactive. */
export const brokenKinds = ["type", "match", "codec", "conv"] as const;
/** One of them. */
export type BrokenKind = typeof brokenKinds[number];

/** Something that is inactive. */
export interface Broken {
  readonly kind: BrokenKind;
  /** Its place below the branch. */
  readonly path: Path;
  readonly reason: string;
}

/** Entries looked at before others have a turn. */
const visitsPerSlice = 200;

/** Goes through a branch; yields undefined now and then, so that the caller can let others have a turn. */
export async function* brokenIn(meta: Meta, kind: BrokenKind): AsyncGenerator<Broken | undefined> {
  const top = meta.store.find([null, kind], 2);
  if (top === undefined) return;
  const walk = new Walk(top, { empty: true });
  for (let visits = 1;; visits++) {
    const entry = walk.next();
    if (entry === undefined) return;
    const reason = entry.hasValue && entry !== top ? await reasonOf(meta, kind, entry) : undefined;
    if (reason !== undefined) yield { kind, path: nameOf(entry), reason };
    else if (visits % visitsPerSlice === 0) yield undefined;
  }
}

async function reasonOf(meta: Meta, kind: BrokenKind, entry: Entry): Promise<string | undefined> {
  const { types, codecs } = meta;
  switch (kind) {
    case "type": {
      const node = types.nodes.get(entry);
      return node.reason ?? await tryOut(node.program);
    }
    case "match":
      return types.fault(types.rules.get(entry));
    case "codec": {
      const node = codecs.nodes.get(entry);
      return node.reason ?? await tryOut(node.decode) ?? await tryOut(node.encode);
    }
    case "conv":
      // The group itself has no meaning.
      return entry.parent?.parent?.key === null ? undefined : codecs.converter(entry).fault;
  }
}

async function tryOut(program: StoredProgram | undefined): Promise<string | undefined> {
  try {
    await program?.compile();
  } catch (error) {
    if (error instanceof SandboxError) return error.text;
    throw error;
  }
}
