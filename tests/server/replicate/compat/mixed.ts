/**
 * Networks of servers of ours and of servers that follow the original's rules, on one bus, with a clock that stands still.
 *
 * @module
 */

import type { InProcessBackend } from "../../../../server/backend/in_process.ts";
import { compatWith, type OriginalsCompat } from "../../../../server/replicate/compat/compat.ts";
import type { CompatOptions, OriginalAsker } from "../../../../server/replicate/compat/options.ts";
import { decode } from "../../../../wire/msgpack/decoder.ts";
import { askerOf } from "../../../support/original_asker.ts";
import type { RuleOptions } from "../../../support/original_options.ts";
import { OriginalRules } from "../../../support/original_rules.ts";
import { Network, type Node, type NodeOptions } from "../network.ts";

/** One of ours that also speaks to originals. */
export interface Ours extends Node {
  readonly compat: OriginalsCompat;
}

/** What went over a channel. */
export interface Heard {
  readonly atMs: number;
  readonly word: string;
  // deno-lint-ignore no-explicit-any -- messages of all kinds
  readonly message: any;
}

/** See the module. */
export class MixedNetwork extends Network {
  readonly originals: Map<string, OriginalRules> = new Map();
  readonly backends: Map<string, InProcessBackend> = new Map();
  readonly heard: Heard[] = [];

  constructor(seed: number = 1) {
    super(seed);
    const ear = this.bus.join("ear");
    ear.monitor(["moat", "kv", "+"], (payload, channel) => {
      const word = channel[2];
      if (word === "sync") return;
      try {
        this.heard.push({ atMs: this.nowMs, word, message: decode(payload) });
      } catch { /* a test's rubbish */ }
    });
  }

  /** A server of ours. */
  ours(member: string, options: CompatOptions = {}, more: NodeOptions = {}): Ours {
    let compat: OriginalsCompat | undefined;
    const make = compatWith({ ask: this.asker, ...options });
    const node = this.add(member, { ...more, compat: (host) => compat = make(host) });
    return Object.assign(node, { compat: compat! });
  }

  /** A server that follows the original's rules. */
  original(name: string, options: Partial<RuleOptions> = {}): OriginalRules {
    const backend = this.bus.join(name);
    const random = () => this.random.next();
    const rules = new OriginalRules({
      name,
      backend,
      root: ["moat", "kv"],
      nowMs: () => this.nowMs,
      random,
      ...options,
    });
    this.originals.set(name, rules);
    this.backends.set(name, backend);
    this.others.push(rules);
    rules.start();
    return rules;
  }

  /** What the servers of ours use to ask originals. */
  get asker(): OriginalAsker {
    return askerOf((node) => this.#alive(node));
  }

  #alive(node: string): OriginalRules | undefined {
    const rules = this.originals.get(node);
    return rules?.death === undefined ? rules : undefined;
  }

  /** What was heard on a channel since a moment, as decoded maps. */
  since(atMs: number, word: string): Heard["message"][] {
    return this.heard.filter((each) => each.atMs >= atMs && each.word === word).map((each) => each.message);
  }
}
