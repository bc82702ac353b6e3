/**
 * Keeps `[null, "hostmap", NAME] = [HOST, PORT]`, by which originals find where this server's clients connect: they copy from
 * here, and ask here.
 *
 * @module
 */

import { equalValues } from "../../../wire/msgpack/deep_equal.ts";
import { encode } from "../../../wire/msgpack/encoder.ts";
import type { ReplicatorParts } from "../parts.ts";

/** See the module. */
export class Hostmap {
  constructor(private readonly parts: ReplicatorParts) {}

  /** Whether the entry has to be written. */
  get isWrong(): boolean {
    const place = this.#place();
    if (place === undefined) return false;
    const { store, node } = this.parts;
    const keys = [null, "hostmap", node];
    const entry = store.find(keys, keys.length);
    if (entry === undefined || !entry.hasValue) return true;
    const there = store.values.read(entry.value);
    return !equalValues(there, 0, there.length, place, 0, place.length);
  }

  /** Writes it; to be called within a turn. */
  write(): void {
    const place = this.#place();
    if (place === undefined) return;
    const { store, node } = this.parts;
    const keys = [null, "hostmap", node];
    store.write(store.ensure(keys, keys.length), place, 0, place.length);
  }

  /** The first address without TLS, which the original's servers cannot do as clients. */
  #place(): Uint8Array | undefined {
    for (const address of this.parts.addresses()) {
      const [, host, port] = /^tcp:\/\/\[?(.*?)\]?:(\d+)$/.exec(address) ?? [];
      if (host !== undefined) return encode([host, Number(port)]);
    }
    return undefined;
  }
}
