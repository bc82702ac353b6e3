/**
 * What values may be: `:n.match.PATTERN` names a type, `:n.type.NAME` says what its values have to be. A value has to pass
 * the types above its own first: `int`, then `int.percent`.
 *
 * What peers or files have put there may make no sense, or not yet. Such an entry is inactive: whatever it should check
 * cannot be written (nobody knows whether it may), and the error says why. It becomes active as soon as it can.
 *
 * Source: `spec/client-protocol.md` 6.1, 6.2.
 *
 * @module
 */

import { decode } from "../../../wire/msgpack/decoder.ts";
import { type ElementKey, keysOf } from "../../../wire/path/keys.ts";
import type { Path } from "../../../wire/path/path.ts";
import type { Entry } from "../../core/entry.ts";
import type { Store } from "../../core/store.ts";
import { EntryCache } from "../entry_cache.ts";
import { nameOf } from "../record.ts";
import { pythonError, refusalOf } from "../stored_error.ts";
import type { Runner } from "../stored_program.ts";
import { contextOf, pathOf, type Target } from "../target.ts";
import { bestMatch } from "../wildcard.ts";
import { PatternFilter } from "./pattern_filter.ts";
import { MatchRule } from "./match_rule.ts";
import { TypeNode } from "./type_node.ts";

const matchRoot: readonly ElementKey[] = [null, "match"];
const typeRoot: readonly ElementKey[] = [null, "type"];

/** The types and their matches. */
export class TypeChecks {
  /** What the types' records say. */
  readonly nodes: EntryCache<TypeNode>;
  /** What the matches' records say. */
  readonly rules: EntryCache<MatchRule>;
  #matches: Entry | undefined;
  #filter: PatternFilter | undefined;
  #isStale = true;
  #version = 0;

  constructor(readonly store: Store, readonly runner: Runner) {
    const record = (entry: Entry) => store.values.read(entry.value);
    this.nodes = new EntryCache((entry) => {
      const bytes = record(entry);
      return new TypeNode(runner, String(nameOf(entry)), bytes, decode(bytes));
    }, (node) => node.program?.release());
    this.rules = new EntryCache((entry) => {
      const bytes = record(entry);
      return new MatchRule(String(nameOf(entry)), bytes, decode(bytes));
    });
  }

  /** Types or matches may have changed. */
  refresh(): void {
    this.#isStale = true;
    this.#version++;
  }

  /** Whether there is any match. */
  get isInUse(): boolean {
    if (this.#isStale) this.#lookAgain();
    return this.#matches !== undefined;
  }

  #lookAgain(): void {
    this.#isStale = false;
    const top = this.store.find(matchRoot, matchRoot.length);
    this.#filter = top === undefined ? undefined : new PatternFilter(top);
    this.#matches = this.#filter?.isEmpty ? undefined : top;
  }

  /** The match that a value at `keys[0 … count)` has to fit; undefined: it may be anything. */
  rule(keys: readonly ElementKey[], count: number): MatchRule | undefined {
    if (this.#isStale) this.#lookAgain();
    const matches = this.#matches;
    if (matches === undefined || keys[0] === null || !this.#filter!.mayFit(keys, count)) return undefined;
    const found = bestMatch(matches, keys, 0, count);
    return found === undefined || found === matches ? undefined : this.rules.get(found);
  }

  /** The type of that path, and those above it, topmost first; undefined if there is none. */
  chain(type: Path): TypeNode[] | undefined {
    const { nodes, entry } = this.#nodesOf(type);
    return entry?.hasValue ? nodes : undefined;
  }

  /** The types above that path, topmost first. */
  above(type: Path): TypeNode[] {
    return this.#nodesOf(type.slice(0, -1)).nodes;
  }

  #nodesOf(type: Path): { nodes: TypeNode[]; entry: Entry | undefined } {
    const nodes: TypeNode[] = [];
    let entry = this.store.find(typeRoot, typeRoot.length);
    for (const key of keysOf(type)) {
      entry = entry?.child(key);
      if (entry === undefined) break;
      if (entry.hasValue) nodes.push(this.nodes.get(entry));
    }
    return { nodes, entry };
  }

  /** Why a match checks nothing; undefined: it does, or its type is to blame. */
  fault({ type }: MatchRule): string | undefined {
    if (type === undefined) return "it names no type";
    return this.chain(type) === undefined ? `there is no type ${type}` : undefined;
  }

  /** Whether one of the types that a match leads to looks at what is there already. */
  wantsEntry(rule: MatchRule): boolean {
    const nodes = this.#chainOf(rule);
    if (nodes === undefined) return false;
    for (const { program } of nodes) if (program?.wantsEntry) return true;
    return false;
  }

  #chainOf(rule: MatchRule): readonly TypeNode[] | undefined {
    if (rule.chainVersion !== this.#version) {
      rule.chain = rule.type === undefined ? undefined : this.chain(rule.type);
      rule.chainVersion = this.#version;
    }
    return rule.chain;
  }

  /**
   * Checks a value by a match.
   * @throws {RequestError} With code `type` if it is bad, or the match or its type is inactive
   */
  check(rule: MatchRule, value: Uint8Array, target: Target): Promise<void> {
    const nodes = this.#chainOf(rule);
    if (nodes === undefined) return Promise.reject(inactiveMatch(rule, this.fault(rule), target));
    return this.checkAll(nodes, rule.record, value, target);
  }

  /** Checks a value by one type after the other. @throws {RequestError} With code `type` */
  checkAll(
    nodes: readonly TypeNode[],
    match: Uint8Array | undefined,
    value: Uint8Array,
    target?: Target,
    from: number = 0,
  ): Promise<void> {
    let at = from;
    while (at < nodes.length && nodes[at].program === undefined && nodes[at].reason === undefined) at++;
    if (at === nodes.length) return Promise.resolve();
    const done = this.#checkOne(nodes[at], match, value, target);
    return at + 1 < nodes.length ? done.then(() => this.checkAll(nodes, match, value, target, at + 1)) : done;
  }

  #checkOne(node: TypeNode, match: Uint8Array | undefined, value: Uint8Array, target?: Target): Promise<void> {
    const { program, reason } = node;
    if (program === undefined) return Promise.reject(inactive(node, reason!, target));
    const context = contextOf(program, target, () => ({ data: node.record, match }));
    return program.check(value, context).catch((error) => {
      program.failed(error);
      throw refusalOf(error, "type", whatFailed(node, target));
    });
  }
}

function whatFailed({ name }: TypeNode, target: Target | undefined): string {
  return `Cannot check ${target === undefined ? "the examples" : pathOf(target)}: the type ${name}`;
}

function inactive(node: TypeNode, reason: string, target: Target | undefined): Error {
  return pythonError("type", "RuntimeError", `${whatFailed(node, target)} is inactive: ${reason}`);
}

function inactiveMatch({ pattern }: MatchRule, fault: string | undefined, target: Target): Error {
  return pythonError(
    "type",
    "RuntimeError",
    `Cannot check ${pathOf(target)}: the match ${pattern} is inactive: ${fault}`,
  );
}
