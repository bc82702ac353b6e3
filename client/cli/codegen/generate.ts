/**
 * TypeScript for a subtree: a type for each type of the tree that is used there, and an interface that has the shape of
 * `moat data PATH get -rd_`: entries below entries, values under `_`.
 *
 * @module
 */

import { Path } from "../../../wire/path/path.ts";
import type { Value } from "../../../wire/value.ts";
import { getAt } from "../mapping.ts";
import { propertyName, SchemaTypes, typeOfValue, unionOf } from "./schema_type.ts";

/** A match: a pattern, and the type that it names. */
export interface Match {
  readonly pattern: Path;
  readonly type: Path;
}

/** What is generated from. */
export interface Source {
  /** The subtree. */
  readonly path: Path;
  readonly matches: readonly Match[];
  /** Records by the type's printed path. */
  readonly types: ReadonlyMap<string, Value>;
}

/** A place in the patterns below the subtree. */
interface Place {
  readonly name: string;
  readonly children: Map<string, Place>;
  types: Set<string>;
  /** A `#` stays where it is, too. */
  readonly isOpen: boolean;
}

/** Generates the text of a module. */
export function generate(source: Source): string {
  const writer = new ModuleWriter(source);
  const root = placesBelow(source);
  const interfaces = writer.interfaces(root);
  const names = [...collect(root)].sort();
  const types = names.map((name) => writer.typeAlias(name));
  const head = [`// Made by 'moat codegen ${source.path}' from the types and matches of the tree.`];
  if (writer.usesFloat) head.push('import type { Float } from "@moat/kv";');
  return [head.join("\n"), ...types, ...interfaces].join("\n\n") + "\n";
}

function collect(place: Place, into: Set<string> = new Set()): Set<string> {
  for (const type of place.types) into.add(type);
  for (const child of place.children.values()) collect(child, into);
  return into;
}

/** The patterns that reach into the subtree, as a tree. */
function placesBelow({ path, matches }: Source): Place {
  const root = newPlace(pascal(path.length === 0 ? ["root"] : [...path].map(String)), false);
  for (const { pattern, type } of matches) {
    for (const rest of restsOf(pattern, path)) {
      let place = root;
      for (const element of rest) {
        const key = String(element);
        let child = place.children.get(key);
        if (child === undefined) {
          const word = key === "+" ? "each" : key === "#" ? "any" : key;
          place.children.set(key, child = newPlace(place.name + pascal([word]), key === "#"));
        }
        place = child;
      }
      place.types.add(String(type));
    }
  }
  return root;
}

function newPlace(name: string, isOpen: boolean): Place {
  return { name, children: new Map(), types: new Set(), isOpen };
}

/** What of a pattern is left below `path`: several possibilities, if a `#` may end here or go on. */
function restsOf(pattern: Path, path: Path): Path[] {
  let rests: Path[] = [pattern];
  for (const element of path) {
    rests = rests.flatMap((rest) => {
      const first = rest.at(0);
      if (rest.length === 0) return [];
      if (first === "#") return [rest, rest.slice(1)];
      return first === "+" || Path.of(first!).equals(Path.of(element)) ? [rest.slice(1)] : [];
    });
  }
  return rests;
}

class ModuleWriter {
  readonly #source: Source;
  usesFloat = false;

  constructor(source: Source) {
    this.#source = source;
  }

  /** `type IntPercent = …`, with everything that the types above it say. */
  typeAlias(name: string): string {
    const path = name.split(".");
    const parts: string[] = [];
    const remarks: string[] = [];
    for (let length = 1; length <= path.length; length++) {
      const record = this.#source.types.get(path.slice(0, length).join("."));
      if (record !== undefined) this.#addPart(record, parts, remarks);
    }
    const type = parts.length === 0
      ? "unknown"
      : parts.map((part) => parts.length > 1 ? `(${part})` : part).join(" & ");
    if (type.includes("Float")) this.usesFloat = true;
    return `/** The type ${name}${remarks.length > 0 ? `; ${remarks[0]}` : ""}. */\nexport type ${
      pascal(path)
    } = ${type};`;
  }

  #addPart(record: Value, parts: string[], remarks: string[]): void {
    const schema = getAt(record, ["schema"]) ?? null;
    const good = getAt(record, ["good"]);
    let part = "unknown";
    if (schema !== null) part = new SchemaTypes(schema).type();
    else if (Array.isArray(good) && good.length > 0) {
      part = unionOf(good.map(typeOfValue));
      remarks.push("from its good examples, because code says no more");
    }
    if (part !== "unknown" && !parts.includes(part)) parts.push(part);
  }

  /** The interfaces of a place and all below it. */
  interfaces(place: Place): string[] {
    const own = [...place.types].map((type) => pascal(type.split(".")));
    const fields: string[] = [];
    if (own.length > 0) fields.push(`  /** The value. */\n  readonly _?: ${own.join(" | ")};`);
    const indexed = new Set<string>();
    for (const [key, child] of place.children) {
      if (key === "+" || key === "#") indexed.add(child.name);
      else fields.push(`  readonly ${propertyName(key)}?: ${child.name};`);
    }
    if (place.isOpen) indexed.add(place.name);
    if (indexed.size > 0) {
      for (const child of place.children.values()) indexed.add(child.name);
      fields.push(`  readonly [name: string]: ${[...indexed, ...own, "undefined"].join(" | ")};`);
    }
    const below = [...place.children.values()].flatMap((child) => this.interfaces(child));
    return [`export interface ${place.name} {\n${fields.join("\n")}\n}`, ...below];
  }
}

/** Words as the name of a type: `int.percent` is `IntPercent`. */
function pascal(words: readonly string[]): string {
  const parts = words.flatMap((word) => word.split(/[^A-Za-z0-9]+/)).filter((part) => part !== "");
  const name = parts.map((part) => part[0].toUpperCase() + part.slice(1)).join("");
  return /^[A-Za-z]/.test(name) ? name : `T${name}`;
}
