/**
 * The sections of the configuration that clients read, as the original ships them.
 *
 * Source: `spec/cli.md` 2.2; without the stray quotes of `runner.prefix` and `runner.state`.
 *
 * @module
 */

import { P } from "../wire/path/template.ts";
import type { ConfigSections } from "./config.ts";

/** The defaults: where things live in the tree. */
export const configDefaults: ConfigSections = {
  config: { prefix: P(":.moat.kv.config") },
  errors: { prefix: P(":.moat.kv.error") },
  codes: { prefix: P(":.moat.kv.code.proc") },
  modules: { prefix: P(":.moat.kv.code.module") },
  runner: {
    name: "run",
    prefix: P(":.moat.kv.run"),
    state: P(":.moat.kv.state"),
    start_delay: 1,
    ping: -15,
    actor: { cycle: 20, nodes: -1, splits: 5, n_hosts: 3, version: 1 },
    sub: { group: "any", single: "at", all: "all" },
  },
};
