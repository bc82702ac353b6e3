/**
 * Bytes and tuples as keys: one object per content, for as long as anybody holds it.
 *
 * @module
 */

import { Path, type PathElement } from "./path.ts";
import { printPath } from "./print.ts";

/** The key of a bytes or tuple element. Two with the same content are the same object. */
export class KeyObject {
  /**
   * Made by `keyOf` alone.
   * @param element What it stands for; not to be changed
   */
  constructor(readonly element: Uint8Array | Path) {}
}

/** An element as a key: equal elements are the same key. */
export type ElementKey = string | number | bigint | boolean | null | KeyObject;

/** The key of an element. */
export function keyOf(element: PathElement): ElementKey {
  return typeof element === "object" && element !== null ? keyObjectOf(element) : element;
}

/** The element of a key. */
export function elementOf(key: ElementKey): PathElement {
  return key instanceof KeyObject ? key.element : key;
}

/** Weak, so that what a client merely asks for does not stay; swept whenever it has doubled since the last sweep. */
const interned = new Map<string, WeakRef<KeyObject>>();
let sweepAt = 1024;

/** The one key of this element. */
export function keyObjectOf(element: Uint8Array | Path): KeyObject {
  const text = printPath([element], "");
  const known = interned.get(text)?.deref();
  if (known !== undefined) return known;
  if (interned.size >= sweepAt) sweep();
  const made = new KeyObject(element instanceof Path ? element : element.slice());
  interned.set(text, new WeakRef(made));
  return made;
}

function sweep(): void {
  for (const [text, ref] of interned) if (ref.deref() === undefined) interned.delete(text);
  sweepAt = Math.max(1024, interned.size * 2);
}
