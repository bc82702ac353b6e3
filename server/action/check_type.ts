/**
 * `check_type {path, ?type, ?record}`: which entries have a value that is not of their type, as a stream. `path` is a pattern
 * as in a match. With `type` all of them are checked by that type, with `record` by a type that is not stored; `type` then
 * only says which types lie above it.
 *
 * → items `{path, reason}`, and now and then `{checked: count}`, the last of them at the end. Nothing is changed.
 *
 * @module
 */

import { encode } from "../../wire/msgpack/encoder.ts";
import { encodePath } from "../../wire/path/keys.ts";
import { Path } from "../../wire/path/path.ts";
import { Sight } from "../meta/acl/sight.ts";
import { PatternWalk } from "../meta/pattern.ts";
import { pathIn } from "../meta/record.ts";
import type { Target } from "../meta/target.ts";
import type { TypeChecks } from "../meta/types/type_checks.ts";
import { TypeNode } from "../meta/types/type_node.ts";
import type { Call } from "./call.ts";
import { type CheckPlan, CheckSource } from "./check_source.ts";
import { checkLetter } from "./permission.ts";
import { badField, noEntry } from "./refusal.ts";
import { requireUnbound } from "./unbound.ts";

/** Answers `check_type`. */
export function checkType(call: Call): void {
  const count = call.path();
  const { client, services: { store, meta: { types } } } = call;
  const keys = call.keys.slice(0, count);
  const pattern = new PatternWalk(keys);
  const from = Math.max(pattern.literals, client.root.length);
  for (let depth = 1; depth <= from; depth++) pattern.step(depth, keys[depth - 1]);
  call.keyCount = from;
  checkLetter(call, "e");
  const { check, release } = checkOf(call, types);
  client.open(
    call,
    new CheckSource({
      store,
      start: store.find(keys, from),
      keys: keys.slice(0, from),
      pattern,
      sight: client.rights && new Sight(client.rights, keys, from, store.values),
      check,
      release,
      isLenient: !call.request.has("type") && !call.request.has("record"),
      writePath: (out, path, length) => encodePath(out, path, client.root.length, length),
    }),
  );
}

/** How values are checked. */
type Check = Pick<CheckPlan, "check" | "release">;

/** How a value is checked; it says undefined where there is no type. */
function checkOf(call: Call, types: TypeChecks): Check {
  const { request } = call;
  const type = request.has("type") ? pathIn(request.value("type")) : undefined;
  if (request.has("type") && type === undefined) throw badField("type", "a path");
  const record = request.value("record");
  if (record !== undefined) {
    // Who may not store types may not have code run either.
    requireUnbound(call);
    const node = new TypeNode(types.runner, String(type ?? "(new)"), encode(record), record);
    const nodes = [...(type === undefined ? [] : types.above(type)), node];
    const check = (value: Uint8Array, target: Target) => types.checkAll(nodes, undefined, value, target);
    return { check, release: () => node.program?.release() };
  }
  if (type === undefined) {
    const check = (value: Uint8Array, target: Target) => {
      const rule = types.rule(target.keys, target.count);
      return rule && types.check(rule, value, target);
    };
    return { check, release: () => {} };
  }
  const nodes = types.chain(type);
  if (nodes === undefined) throw noEntry(Path.of(null, "type").concat(type));
  return { check: (value, target) => types.checkAll(nodes, undefined, value, target), release: () => {} };
}
