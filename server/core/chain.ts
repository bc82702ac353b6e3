/**
 * Who changed an entry, newest first. The head is in the entry itself (`writer`, `tick`); older links hang on it as an
 * immutable list, null for an entry that one writer made: `B7 → A3` is `{writer: B, tick: 7, older: {writer: A, tick: 3}}`.
 *
 * @module
 */

import type { Writer } from "./writer.ts";

/** One older link of a chain. Immutable, shared between versions. */
export class Link {
  constructor(readonly writer: Writer, readonly tick: number, readonly prev: Link | null) {}
}
