/**
 * `explain_acl {path, ?user, ?typ, ?acl, ?mode="r"}` → `{acl, access, granted, ?rule, beaten, because}`: which rule decides
 * whether a user (of the login method `typ`; the one in use if it is left out), or somebody bound by `acl`, may do something
 * at a path. `acl` is nil for a user who is bound by none. For those whom no ACL binds.
 *
 * @module
 */

import { Path } from "../../wire/path/path.ts";
import type { Value } from "../../wire/value.ts";
import { explain } from "../meta/acl/explain.ts";
import { type AclLetter, aclLetters } from "../meta/acl/letters.ts";
import type { Call } from "./call.ts";
import { badField, missingField, noEntry } from "./refusal.ts";

/** Answers `explain_acl`. */
export function explainAcl(call: Call): void {
  const { services: { meta } } = call;
  const count = call.path();
  const letter = readLetter(call, "r");
  const name = aclOf(call);
  if (name === undefined) {
    const granted = aclLetters.join("");
    return reply(call, {
      acl: null,
      access: true,
      granted,
      beaten: [],
      because: "Nobody without an ACL is restricted",
    });
  }
  const isThere = meta.acls.has(name);
  const { rule, beaten, because, ...rest } = explain(meta.acls.book(name), letter, call.keys.slice(0, count));
  const why = isThere ? because : `There is no ACL of the name '${name}', and what no rule allows is forbidden`;
  reply(call, { acl: name, ...rest, ...(rule && { rule }), beaten: [...beaten], because: why });
}

/** The letter that a request asks about. */
export function readLetter(call: Call, fallback: AclLetter): AclLetter {
  const letter = call.request.has("mode") ? call.text("mode") : fallback;
  const found = aclLetters.find((each) => each === letter);
  if (found === undefined) throw badField("mode", "one of the letters r w c d x e n a");
  return found;
}

function aclOf(call: Call): string | undefined {
  const { request, services: { auth: { users } } } = call;
  if (request.has("acl")) return call.text("acl");
  if (!request.has("user")) throw missingField("user");
  const user = call.text("user");
  const current = users.settings?.current;
  const method = request.has("typ")
    ? call.text("typ")
    : typeof current === "string"
    ? current
    : users.methods[0] ?? "root";
  if (users.entry(method, user) === undefined) throw noEntry(Path.of(null, "auth", method, "user", user));
  const name = users.binding(method, user, "acl");
  return name === "*" ? undefined : name;
}

function reply(call: Call, fields: { readonly [name: string]: Value }): void {
  const named = Object.entries(fields);
  const out = call.begin(named.length + 1);
  for (const [name, value] of named) {
    out.str(name);
    out.value(value);
  }
  call.tock();
  call.end();
}
