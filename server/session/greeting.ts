/**
 * What a server says first: `{seq: 0, version, node, tick, tock, qlen, ?auth}`.
 *
 * `auth` is there if the internal entry `auth` is: the method in use or nil, then the others.
 *
 * Source: `spec/client-protocol.md` 3.1.
 *
 * @module
 */

import type { Connection } from "../auth/connections.ts";
import type { Encoder } from "../../wire/msgpack/encoder.ts";
import type { Output } from "./output.ts";
import type { SessionParts } from "./parts.ts";

/** Whom to greet. */
export interface Greeted extends Connection {
  needsLogin: boolean;
  readonly output: Output;
}

/** Greets a client. Whoever shows a certificate with a user's name has logged in by that. */
export function welcome(client: Greeted, certificateName: string | undefined, parts: SessionParts): void {
  const { auth } = parts.services;
  client.needsLogin = auth.current !== undefined;
  const identity = client.needsLogin && certificateName !== undefined ? auth.ofCertificate(certificateName) : undefined;
  if (identity !== undefined) client.become(identity);
  auth.connections.add(client);
  greeting(client.output.encoder, parts, client.needsLogin ? auth.methods : openMethods(auth.methods));
  client.output.flush();
}

/** The methods of somebody who need not log in. */
function openMethods(methods: readonly (string | null)[] | undefined): readonly (string | null)[] | undefined {
  return methods === undefined ? undefined : [null, ...methods.filter((method) => method !== null)];
}

/** Writes the greeting. */
function greeting(out: Encoder, parts: SessionParts, methods: readonly (string | null)[] | undefined): void {
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
