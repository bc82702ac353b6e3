/**
 * All satellites of a gateway: by name, with what the tree wants of them.
 *
 * @module
 */

import type { Hello } from "../../wire/link/control.ts";
import type { Path } from "../../wire/path/path.ts";
import type { Value } from "../../wire/value.ts";
import { knownPath, type Layout, wishOf } from "./layout.ts";
import { isSatelliteName, type Known, Registry } from "./registry.ts";
import { Satellite } from "./satellite.ts";
import type { TreeWriter } from "./tree_writer.ts";

/** Satellites that nobody accepted and that are shown; more are not. */
const foundMax = 100;

/** What it is given. */
export interface SatellitesParts {
  readonly layout: Layout;
  readonly tree: TreeWriter;
  /** The gateway's name. */
  readonly owner: string;
  /** Whether whoever comes is accepted under its own name. */
  readonly acceptsAll: boolean;
  readonly nowMs: () => number;
  readonly report: (text: string) => void;
  readonly console: (satellite: string | undefined, line: string, text: string) => void;
  /** Gets what boards answer about themselves. */
  readonly answer: (satellite: string, rest: readonly Value[]) => void;
}

/** The satellites. */
export class Satellites {
  readonly registry = new Registry();
  readonly #parts: SatellitesParts;
  readonly #byName = new Map<string, Satellite>();
  readonly #found = new Set<string>();

  constructor(parts: SatellitesParts) {
    this.#parts = parts;
  }

  /** All that were here. */
  [Symbol.iterator](): Iterator<Satellite> {
    return this.#byName.values();
  }

  /** The satellite of this name, if it was here or anybody wants something of it. */
  get(name: string): Satellite | undefined {
    return this.#byName.get(name);
  }

  /** The satellite of this name. */
  of(name: string): Satellite {
    let satellite = this.#byName.get(name);
    if (satellite === undefined) {
      const { layout, tree, owner, nowMs, report, answer } = this.#parts;
      satellite = new Satellite({ name, layout, tree, owner, nowMs, report, answer });
      this.#byName.set(name, satellite);
    }
    return satellite;
  }

  /** A satellite came that nobody has accepted. Returns it if everybody is. */
  found(hello: Hello, line: string): Known | undefined {
    const { tree, layout, report, acceptsAll, nowMs } = this.#parts;
    const uid = hello.uid.toHex();
    if (acceptsAll && isSatelliteName(hello.name) && !this.registry.isTaken(hello.name, uid)) {
      report(`${hello.name} (${uid}) at ${line} is accepted`);
      const known = { name: hello.name };
      this.registry.update(uid, known);
      tree.set(knownPath.child(uid), known);
      return this.registry.get(uid);
    }
    if (!this.#found.has(uid)) {
      if (this.#found.size >= foundMax) return undefined;
      this.#found.add(uid);
      report(
        `A new satellite: ${hello.name} (${uid}) at ${line}; accept it with: moat kv satellite accept ${uid} NAME`,
      );
    }
    tree.set(layout.unknown(uid), {
      name: hello.name,
      link: line,
      slots: hello.slots,
      since: Math.round(nowMs() / 1000),
    });
  }

  /** An entry below `known` changed. */
  knownChanged(uid: string, value: Value | undefined): void {
    const before = this.registry.get(uid);
    const complaint = this.registry.update(uid, value);
    if (complaint !== undefined) this.#parts.report(complaint);
    if (this.registry.get(uid) !== undefined) {
      this.#found.delete(uid);
      this.#parts.tree.delete(this.#parts.layout.unknown(uid));
    }
    const now = this.registry.get(uid);
    if (before !== undefined && before.name !== now?.name) {
      this.#byName.get(before.name)?.link?.close(2, "no longer accepted");
    }
  }

  /** An entry below the prefix changed; `path` is below it. */
  changed(path: Path, value: Value | undefined): void {
    const wish = wishOf(path);
    if (wish === undefined) return this.#parts.tree.observed(this.#parts.layout.prefix.concat(path), value);
    switch (wish.kind) {
      case "set":
        return this.of(wish.satellite).wish(wish.slotPath, value);
      case "do":
        return this.of(wish.satellite).wishMomentary(wish.slotPath, value);
      case "policy":
        return this.of(wish.satellite).wishPolicy(wish.slotPath, value);
      case "owner":
        return this.#ownerChanged(wish.satellite, value);
      case "config":
        return this.of(wish.satellite).wishConfig(value);
      case "app":
        return this.of(wish.satellite).wishApp(value);
      case "file":
        return this.of(wish.satellite).wishFile(wish.name, value);
    }
  }

  /** Text from a board. */
  console(satellite: string | undefined, line: string, text: string): void {
    this.#parts.console(satellite, line, text);
  }

  /** Says anew how those are that are here. */
  refresh(): void {
    for (const satellite of this.#byName.values()) if (satellite.link !== undefined) satellite.refresh();
  }

  /** Another gateway has it now: the newest session wins. */
  #ownerChanged(name: string, owner: Value | undefined): void {
    const satellite = this.#byName.get(name);
    if (satellite?.link === undefined || typeof owner !== "string" || owner === this.#parts.owner) return;
    this.#parts.report(`${name} is at ${owner} now`);
    satellite.link.close(4, `it is at ${owner} now`);
  }
}
