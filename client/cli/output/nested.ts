/**
 * Entries of a subtree as one nested mapping.
 *
 * @module
 */

import { type ElementKey, elementOf, keyOf } from "../../../wire/path/keys.ts";
import type { Path } from "../../../wire/path/path.ts";
import type { Value } from "../../../wire/value.ts";
import { CommandError } from "../errors.ts";
import { mappingOf, valueOfKey } from "../mapping.ts";

interface Node {
  value?: Value;
  readonly children: Map<ElementKey, Node>;
}

/** Collects entries; `new Nested("_")` with `a.b` = 1 is `{a: {b: {_: 1}}}`. */
export class Nested {
  readonly #root: Node = { children: new Map() };
  readonly #key: string;

  /** @param key The key under which an entry's own value stands */
  constructor(key: string) {
    this.#key = key;
  }

  /** Adds an entry; without a value only its place. */
  add(path: Path, value: Value | undefined): void {
    let node = this.#root;
    for (const element of path) {
      const key = keyOf(element);
      let child = node.children.get(key);
      if (child === undefined) node.children.set(key, child = { children: new Map() });
      node = child;
    }
    if (value !== undefined) node.value = value;
  }

  /** The mapping. A place with neither value nor children is `null`; nothing at all is `{}`. */
  toValue(): Value {
    return this.#valueOf(this.#root);
  }

  #valueOf(node: Node): Value {
    if (node.children.size === 0 && node.value === undefined) return node === this.#root ? {} : null;
    const entries: [Value, Value][] = node.value === undefined ? [] : [[this.#key, node.value]];
    for (const [key, child] of node.children) {
      if (key === this.#key && node.value !== undefined) {
        throw new CommandError(`There is an entry named '${this.#key}': choose another key with -d`);
      }
      entries.push([valueOfKey(elementOf(key)), this.#valueOf(child)]);
    }
    return mappingOf(entries);
  }
}
