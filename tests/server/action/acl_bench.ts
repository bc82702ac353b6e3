/**
 * A bench whose clients are bound by ACLs, or by none.
 *
 * @module
 */

import { decode } from "../../../wire/msgpack/decoder.ts";
import { encode } from "../../../wire/msgpack/encoder.ts";
import { parsePath } from "../../../wire/path/parse.ts";
import { keysOf } from "../../../wire/path/keys.ts";
import type { Value } from "../../../wire/value.ts";
import { Bench, type BenchOptions, type TestClient } from "../session/bench.ts";

/** See the module. */
export class AclBench extends Bench {
  constructor(options: BenchOptions = {}) {
    super(options);
  }

  /** Connects a client that is bound by the ACL of that name. */
  async bound(name: string): Promise<TestClient> {
    const client = await this.connect();
    client.session.rights = this.parts.services.meta.rights(name);
    return client;
  }

  /** Stores an entry; undefined deletes it. Settles when everybody was told. */
  async write(path: string, value: Value | undefined): Promise<void> {
    const keys = keysOf(parsePath(path));
    const bytes = value === undefined ? undefined : encode(value);
    this.cycle.run(() => {
      const entry = this.store.ensure(keys, keys.length);
      if (bytes === undefined) this.store.delete(entry);
      else this.store.write(entry, bytes, 0, bytes.length);
    });
    await this.cycle.committed();
  }

  /** Stores the rules of an ACL: `{"home.#": "rx", "": "e"}`. */
  async rules(name: string, rules: Readonly<Record<string, Value | undefined>>): Promise<void> {
    for (const [pattern, value] of Object.entries(rules)) {
      await this.write(`:n.acl.${name}${pattern === "" ? "" : `.${pattern}`}`, value);
    }
  }

  /** What is stored. */
  get(path: string): Value | undefined {
    const keys = keysOf(parsePath(path));
    const entry = this.store.find(keys, keys.length);
    return entry?.hasValue ? decode(this.store.values.read(entry.value)) : undefined;
  }
}
