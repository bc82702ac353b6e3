/**
 * What stands for all rules of an ACL in the token of a watch: whoever made each of them, at every server alike.
 *
 * @module
 */

import { Encoder } from "../../../wire/msgpack/encoder.ts";
import { encodeKey } from "../../../wire/path/keys.ts";
import type { Rule } from "./rule.ts";

/** FNV-1a over two lanes, of each rule. The order of children differs between servers, so the hashes are added up. */
export function digestOf(rules: Rule): number[] {
  const scratch = new Encoder(256);
  let [a, b] = [0, 0];
  const visit = (rule: Rule): void => {
    const start = scratch.length;
    encodeKey(scratch, rule.key);
    const end = scratch.length;
    if (rule.hasValue) {
      scratch.str(rule.writer);
      scratch.int(rule.tick);
      const [x, y] = hash(scratch.view());
      [a, b] = [a + x | 0, b + y | 0];
    }
    scratch.truncate(end);
    for (const child of rule.children) visit(child);
    scratch.truncate(start);
  };
  visit(rules);
  return [a >>> 0, b >>> 0];
}

function hash(bytes: Uint8Array): [number, number] {
  let a = 0x811c9dc5;
  let b = 0xcbf29ce4;
  for (const byte of bytes) {
    a = Math.imul(a ^ byte, 0x01000193);
    b = Math.imul(b ^ byte ^ (a >>> 24), 0x01000193);
  }
  return [a, b];
}
