/**
 * Where other servers may be reached: what they say themselves, what the network says (`[null, "hostmap", NODE]`, as servers
 * of the original have it), the configuration, their names.
 *
 * @module
 */

import { decode } from "../../wire/msgpack/decoder.ts";
import type { ElementKey } from "../../wire/path/keys.ts";
import { clientPort } from "../config.ts";
import type { Store } from "../core/store.ts";
import type { CopySource } from "../replicate/copy.ts";
import type { Peer } from "../replicate/peer.ts";
import type { PeerOptions } from "../replicate/peer_options.ts";

/** See the module. */
export class Places {
  constructor(
    private readonly store: Store,
    private readonly peers: () => ReadonlyMap<string, Peer> | undefined,
    private readonly options: PeerOptions,
  ) {}

  /** The places of a node, best first. */
  of(node: string): CopySource[] {
    const { auth, tls, hostmap } = this.options;
    const places: CopySource[] = [];
    for (const address of this.peers()?.get(node)?.addresses ?? []) {
      const [, scheme, host, port] = /^(tcp|tls):\/\/\[?(.*?)\]?:(\d+)$/.exec(address) ?? [];
      if (host !== undefined) {
        places.push({ node, host, port: Number(port), auth, tls: scheme === "tls" ? tls || true : tls });
      }
    }
    if (places.length > 0) return places;
    const [host, port] = this.#mapped(node) ?? hostmap?.[node] ?? [node, clientPort];
    return [{ node, host: this.inDomain(host), port, auth, tls }];
  }

  /** A host name, with the configured domain if it has none. */
  inDomain(host: string): string {
    const { domain } = this.options;
    return domain && host !== "localhost" && !/[.:]/.test(host) ? `${host}.${domain}` : host;
  }

  #mapped(node: string): [host: string, port: number] | undefined {
    const keys: ElementKey[] = [null, "hostmap", node];
    const entry = this.store.find(keys, keys.length);
    if (entry === undefined || !entry.hasValue) return undefined;
    const value = decode(this.store.values.read(entry.value));
    if (!Array.isArray(value) || typeof value[0] !== "string") return undefined;
    return [value[0], typeof value[1] === "number" ? value[1] : clientPort];
  }
}
