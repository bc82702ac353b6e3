/**
 * Logging in.
 *
 * `diffie_hellman {pubkey, ?length=1024}` → `{pubkey}`: both sides have a key now, once per connection.
 * `auth {typ, ident, ?data, …}` → a stream without items: whoever it ends without an error for is logged in. On a connection
 * that needs no login any more it only tells whether it would do.
 *
 * Source: `spec/client-protocol.md` 3.10, 4.2, 4.3.
 *
 * @module
 */

import { AuthError, RequestError } from "../../wire/errors.ts";
import { groupOf } from "../../wire/login/group.ts";
import { exponentBytes, publicKey, sharedKey } from "../../wire/login/key_exchange.ts";
import { RequestView, scanRequest } from "../../wire/message/request.ts";
import type { Shown } from "../auth/method.ts";
import { outOfPlace, unreadable } from "../auth/refusals.ts";
import { tokenName } from "../auth/token.ts";
import type { Call } from "./call.ts";
import { Dialogue } from "./dialogue.ts";
import { badField, clientError, missingField } from "./refusal.ts";
import type { Client } from "./services.ts";

/** Answers `diffie_hellman`. */
export function diffieHellman(call: Call): void {
  const { request, client } = call;
  const peer = request.value("pubkey");
  if (!(peer instanceof Uint8Array)) throw peer === undefined ? missingField("pubkey") : badField("pubkey", "bytes");
  const length = request.int("length", 1024);
  if (Number.isNaN(length)) throw badField("length", "an integer");
  if (client.sharedKey !== undefined) throw outOfPlace("Can't call dh twice");
  const group = groupOf(length);
  const exponent = crypto.getRandomValues(new Uint8Array(exponentBytes));
  client.sharedKey = sharedKey(group, exponent, peer);
  const out = call.begin(2);
  out.str("pubkey");
  out.bin(publicKey(group, exponent));
  call.tock();
  call.end();
}

/** Answers `auth`. */
export function authenticate(call: Call): void {
  const { client, services: { auth, turn } } = call;
  if (call.request.has("root") && call.request.value("root") !== null) checkRoot(call);
  const method = call.text("typ");
  const shown = shownBy(call);
  client.open(
    call,
    new Dialogue(async (talk) => {
      const identity = await auth.identify(client, method, shown, () => talk.isOver);
      await turn.committed();
      if (!client.needsLogin || talk.isOver) return;
      client.become(identity);
      auth.connections.check(client); // users may have changed meanwhile
    }),
  );
}

/** What a request shows. It outlives the request. */
export function shownBy(call: Call): Shown {
  const { client } = call;
  const request = copyOf(call.request);
  const ident = request.text("ident") ?? tokenName(request.value("token"));
  if (ident === undefined) throw request.has("ident") ? badField("ident", "a text") : missingField("ident");
  return {
    ident,
    field: (name) => request.value(name),
    boxed: (name) => openField(request, name, client),
  };
}

async function openField(request: RequestView, name: string, { sharedKey }: Client): Promise<Uint8Array> {
  const box = request.value(name);
  if (!(box instanceof Uint8Array)) throw box === undefined ? missingField(name) : badField(name, "bytes");
  if (sharedKey === undefined) throw outOfPlace("The client has not executed DH key exchange");
  const { openBox } = await import("../../wire/login/secret_box.ts");
  try {
    return openBox(sharedKey, box);
  } catch (error) {
    throw error instanceof AuthError ? unreadable(error.message) : error;
  }
}

function copyOf({ bytes, start, end }: RequestView): RequestView {
  const copy = bytes.slice(start, end);
  const view = new RequestView();
  scanRequest(copy, 0, copy.length, view);
  return view;
}

/** Users below another root than the tree's are a plan of the original's that nobody ever carried out. */
function checkRoot(call: Call): void {
  const root = call.request.value("root");
  const isEmpty = Array.isArray(root) ? root.length === 0 : (root as { length?: number }).length === 0;
  if (!isEmpty) throw new RequestError("unsupported", "Users live in the root of the tree alone");
}

/** The kind of a record that a request names; there are users only. */
export function kindOf(call: Call): string {
  const kind = call.request.has("kind") ? call.text("kind") : "user";
  if (kind === "user") return kind;
  throw clientError(`There are no records of kind '${kind.slice(0, 64)}'`);
}
