/**
 * The configuration without any file or option.
 *
 * Source: `spec/cli.md` 2.2.
 *
 * @module
 */

import { Path } from "../../wire/path/path.ts";
import type { ConfigMap } from "./context.ts";

/** A fresh copy of the defaults. */
export function configDefaults(): ConfigMap {
  return {
    kv: {
      conn: { host: "localhost", port: 27586, ssl: false, init_timeout: 5, auth: null, name: null },
      config: { prefix: Path.of(".moat", "kv", "config") },
      errors: { prefix: Path.of(".moat", "kv", "error") },
      codes: { prefix: Path.of(".moat", "kv", "code", "proc") },
      modules: { prefix: Path.of(".moat", "kv", "code", "module") },
      runner: {
        prefix: Path.of(".moat", "kv", "run"),
        state: Path.of(".moat", "kv", "state"),
        name: "run",
        start_delay: 1,
        ping: -15,
        actor: { cycle: 20, nodes: -1, splits: 5, n_hosts: 3, version: 1 },
        sub: { group: "any", single: "at", all: "all" },
      },
      server: {
        buffer: 10,
        backend: "mqtt",
        mqtt: { uri: "mqtt://localhost:1883" },
        serf: { host: "localhost", port: 7373 },
        root: Path.of("moat", "kv"),
        paranoia: false,
        bind: [{}],
        bind_default: { host: "localhost", port: 27586, ssl: false },
        change: { length: 5 },
        ping: { cycle: 10, gap: 2 },
        delete: { cycle: 100, gap: 10, version: 1 },
      },
      paranoia: false,
      domain: null,
      hostmap: { test1: ["localhost", 27586], test2: ["does-not-exist.invalid", 27586] },
    },
    logging: {},
  };
}
