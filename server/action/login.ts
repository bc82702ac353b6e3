/**
 * Users and logins, which this server does not have yet: `auth_info` says so truthfully, the others refuse.
 *
 * @module
 */

import { RequestError } from "../../wire/errors.ts";
import { entriesOf, isMap } from "../../wire/message/decoded_map.ts";
import { decode } from "../../wire/msgpack/decoder.ts";
import type { Call } from "./call.ts";

/** Answers `auth_info`: the value of the internal entry `auth`, as fields. */
export function authInfo(call: Call): void {
  const { store } = call.services;
  const auth = store.find([null, "auth"], 2);
  const value = auth?.hasValue ? decode(store.values.read(auth.value)) : null;
  const fields = isMap(value) ? [...entriesOf(value)].filter(([name]) => name !== "seq" && name !== "tock") : [];
  const out = call.begin(1 + fields.length);
  for (const [name, field] of fields) {
    out.value(name);
    out.value(field);
  }
  call.tock();
  call.end();
}

/** Answers what needs users. */
export function noLogin(call: Call): void {
  throw new RequestError("unsupported", `This server has no users: '${call.request.action}' is not there yet`);
}
