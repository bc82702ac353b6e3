/**
 * What a server says first: `{seq: 0, version, node, tick, tock, qlen, ?auth}`.
 *
 * `auth` is there if the internal entry `auth` is: the method in use or nil, then the others.
 *
 * Source: `spec/client-protocol.md` 3.1.
 *
 * @module
 */

import type { Encoder } from "../../wire/msgpack/encoder.ts";
import type { SessionParts } from "./parts.ts";

/** The methods of somebody who need not log in. */
export function openMethods(methods: readonly (string | null)[] | undefined): readonly (string | null)[] | undefined {
  return methods === undefined ? undefined : [null, ...methods.filter((method) => method !== null)];
}

/** Writes the greeting. */
export function greeting(out: Encoder, parts: SessionParts, methods: readonly (string | null)[] | undefined): void {
  const { store, node } = parts.services;
  out.mapHeader(methods === undefined ? 6 : 7);
  out.str("seq");
  out.int(0);
  out.str("version");
  out.arrayHeader(parts.version.length);
  for (const number of parts.version) out.int(number);
  out.str("node");
  out.str(node);
  out.str("tick");
  out.int(store.local.tick);
  out.str("tock");
  out.int(store.clock);
  out.str("qlen");
  out.int(parts.window);
  if (methods === undefined) return;
  out.str("auth");
  out.arrayHeader(methods.length);
  for (const method of methods) {
    if (method === null) out.nil();
    else out.str(method);
  }
}
