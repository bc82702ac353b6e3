/**
 * A JSON schema as a TypeScript type.
 *
 * | schema | type |
 * | --- | --- |
 * | `string`, `boolean`, `null` | the same |
 * | `integer`; `number` | `number`; `number \| Float`, because `21.0` arrives as a `Float` |
 * | `array` with `items`, `prefixItems` | `readonly T[]`, a tuple |
 * | `object` with `properties`, `required` | an object type |
 * | `enum`, `const` | literals |
 * | `anyOf`, `oneOf`; `allOf` | a union; an intersection |
 * | `$ref` within the schema | what is there; `unknown` where it refers to itself |
 *
 * Whatever else a schema demands cannot be said in a type.
 *
 * @module
 */

import { Float, type Value } from "../../../wire/value.ts";
import { entriesOf, getAt, isMapping, type Mapping } from "../mapping.ts";

/** Turns the parts of one schema into types. */
export class SchemaTypes {
  readonly #root: Value;
  readonly #open = new Set<string>();
  /** Whether a type mentions `Float`. */
  usesFloat = false;

  /** @param root The schema that references are relative to */
  constructor(root: Value) {
    this.#root = root;
  }

  /** The type of the whole. */
  type(): string {
    return this.#typeOf(this.#root);
  }

  #typeOf(schema: Value): string {
    if (schema === false) return "never";
    if (!isMapping(schema)) return "unknown";
    const parts = [
      this.#reference(schema),
      this.#literals(schema),
      this.#union(schema, "anyOf"),
      this.#union(schema, "oneOf"),
      ...listAt(schema, "allOf").map((part) => this.#typeOf(part)),
      this.#plain(schema),
    ];
    const known = [...new Set(parts)].filter((part) => part !== undefined && part !== "unknown") as string[];
    return known.length === 0 ? "unknown" : known.length === 1 ? known[0] : known.map(parenthesized).join(" & ");
  }

  #reference(schema: Mapping): string | undefined {
    const ref = getAt(schema, ["$ref"]);
    if (typeof ref !== "string" || !ref.startsWith("#") || this.#open.has(ref)) return undefined;
    this.#open.add(ref);
    const place = ref.slice(1).split("/").filter((part) => part !== "").map(unescape);
    const type = this.#typeOf(getAt(this.#root, place) ?? true);
    this.#open.delete(ref);
    return type;
  }

  #literals(schema: Mapping): string | undefined {
    const constant = getAt(schema, ["const"]);
    if (constant !== undefined) return literal(constant);
    const values = listAt(schema, "enum");
    return values.length === 0 ? undefined : unionOf(values.map(literal));
  }

  #union(schema: Mapping, name: string): string | undefined {
    const parts = listAt(schema, name);
    return parts.length === 0 ? undefined : unionOf(parts.map((part) => this.#typeOf(part)));
  }

  #plain(schema: Mapping): string | undefined {
    const given = getAt(schema, ["type"]);
    const names = Array.isArray(given) ? given : given === undefined ? implied(schema) : [given];
    return names.length === 0 ? undefined : unionOf(names.map((name) => this.#named(name, schema)));
  }

  #named(name: Value, schema: Mapping): string {
    switch (name) {
      case "string":
      case "boolean":
      case "null":
        return name;
      case "integer":
        return "number";
      case "number":
        this.usesFloat = true;
        return "number | Float";
      case "array":
        return this.#array(schema);
      case "object":
        return this.#object(schema);
    }
    return "unknown";
  }

  #array(schema: Mapping): string {
    const first = listAt(schema, "prefixItems").map((item) => this.#typeOf(item));
    const items = getAt(schema, ["items"]);
    const rest = items === undefined ? "unknown" : this.#typeOf(items);
    if (first.length === 0) return `readonly ${parenthesized(rest)}[]`;
    return `readonly [${[...first, ...(rest === "never" ? [] : [`...${parenthesized(rest)}[]`])].join(", ")}]`;
  }

  #object(schema: Mapping): string {
    const properties = getAt(schema, ["properties"]);
    const required = new Set(listAt(schema, "required"));
    const fields = isMapping(properties)
      ? entriesOf(properties).map(([name, part]) =>
        `readonly ${propertyName(String(name))}${required.has(name) ? "" : "?"}: ${this.#typeOf(part)}`
      )
      : [];
    const more = getAt(schema, ["additionalProperties"]);
    // With named properties, an index signature would have to allow their types, too.
    if (fields.length === 0) {
      const type = more === undefined || more === true ? "unknown" : this.#typeOf(more);
      return type === "never" ? "Record<string, never>" : `{ readonly [name: string]: ${type} }`;
    }
    return `{ ${fields.join("; ")} }`;
  }
}

/** The types that the other words of a schema make sense for. */
function implied(schema: Mapping): string[] {
  if (getAt(schema, ["properties"]) !== undefined) return ["object"];
  return getAt(schema, ["items"]) !== undefined || getAt(schema, ["prefixItems"]) !== undefined ? ["array"] : [];
}

function listAt(schema: Mapping, name: string): readonly Value[] {
  const value = getAt(schema, [name]);
  return Array.isArray(value) ? value : [];
}

function unescape(part: string): string {
  return decodeURIComponent(part).replaceAll("~1", "/").replaceAll("~0", "~");
}

/** The union of types, each once. */
export function unionOf(types: readonly string[]): string {
  const all = [...new Set(types.flatMap((type) => /^[\w| ]+$/.test(type) ? type.split(" | ") : [type]))];
  return all.includes("unknown") ? "unknown" : all.join(" | ");
}

function parenthesized(type: string): string {
  return / [|&] /.test(type) ? `(${type})` : type;
}

function literal(value: Value): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "number" || typeof value === "boolean" || value === null) return String(value);
  return typeOfValue(value);
}

/** The type of a value, as far as one value says it. */
export function typeOfValue(value: Value): string {
  if (value instanceof Float) return "number | Float";
  if (typeof value === "number") return Number.isInteger(value) ? "number" : "number | Float";
  if (value === null) return "null";
  if (typeof value !== "object") return typeof value;
  if (value instanceof Uint8Array) return "Uint8Array";
  if (Array.isArray(value)) return `readonly ${parenthesized(unionOf(value.map(typeOfValue)) || "unknown")}[]`;
  return isMapping(value) ? "{ readonly [name: string]: unknown }" : "unknown";
}

/** A name as it stands in an object type. */
export function propertyName(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name);
}
