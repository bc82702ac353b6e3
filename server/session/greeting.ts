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
import { decode } from "../../wire/msgpack/decoder.ts";
import type { Store } from "../core/store.ts";
import type { SessionParts } from "./parts.ts";

/** The login methods: the one in use or null, then the others. Undefined if there never were any. */
export function loginMethods(store: Store): (string | null)[] | undefined {
  const auth = store.find([null, "auth"], 2);
  if (auth === undefined) return undefined;
  const methods: string[] = [];
  for (const child of auth.children ?? []) if (typeof child.key === "string") methods.push(child.key);
  let current: string | null = null;
  if (auth.hasValue) {
    const value = decode(store.values.read(auth.value)) as { readonly current?: unknown } | null;
    if (typeof value?.current === "string" && methods.includes(value.current)) current = value.current;
  }
  return [current, ...methods.filter((method) => method !== current)];
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
