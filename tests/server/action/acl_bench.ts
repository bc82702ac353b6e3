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
import { Bench, type Message, type TestClient } from "../session/bench.ts";

/** See the module. */
export class AclBench extends Bench {
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

let seq = 1000;

/** Sends a request, and gathers what comes of it; a watch or monitor is left running. */
export async function attempt(client: TestClient, action: string, fields: Record<string, Value>): Promise<Message[]> {
  client.send({ action, seq: ++seq, ...fields });
  return await client.pending();
}

/** What must never be seen by who may not. */
export const secret = "HUSH";

/** Everything there is, `home.box.key` and `home.box.lid` below a few parents; values are secrets. */
export async function house(rule: string): Promise<{ bench: AclBench; client: TestClient }> {
  const bench = new AclBench();
  for (const path of ["home", "home.box", "home.box.key", "home.box.lid"]) await bench.write(path, `${secret} ${path}`);
  await bench.rules("joe", { "": rule, "#": rule });
  return { bench, client: await bench.bound("joe") };
}

/** Whether one of them is an error. */
export const isRefused = (messages: Message[]): boolean => messages.some(({ error }) => error !== undefined);
/** Whether a secret is in there. */
export const reveals = (messages: unknown): boolean => JSON.stringify(messages).includes(secret);
