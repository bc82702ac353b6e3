/**
 * YAML → values, with the tags of {@link ./yaml_format.ts} and of the original. Import this file only when there is
 * something to read: npm:yaml takes 35 ms to load.
 *
 * @module
 */

import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseAllDocuments,
  type Scalar,
} from "yaml";
import { parsePath } from "../../../wire/path/parse.ts";
import { Ext, Float, type Value } from "../../../wire/value.ts";
import { mappingOf } from "../mapping.ts";
import { momentOf } from "./moment.ts";

/** YAML that cannot be read. */
export class YamlError extends Error {
  override name = "YamlError";
  /** @param reason What is wrong @param line Where, from 1 @param column Where in the line, from 1 */
  constructor(readonly reason: string, readonly line: number, readonly column: number) {
    super(`${reason} in line ${line}, column ${column}`);
  }
}

/** How to read. */
export interface YamlOptions {
  /** Looks up `!env NAME`; without it the tag is refused. */
  readonly env?: (name: string) => string | undefined;
}

/** One document: its value, and where things stand. */
export interface YamlDocument {
  readonly value: Value;
  /** The line of what is at a place, from 1. */
  lineOf(place: readonly string[]): number;
}

/** Aliases resolved in one document: more are an attack. */
const aliasesMax = 1000;

/**
 * All documents of a text.
 * @throws {YamlError} If it is no YAML, or has a tag that is unknown
 */
export function parseYaml(text: string, options: YamlOptions = {}): YamlDocument[] {
  const lines = new LineCounter();
  const parsed = parseAllDocuments(text, {
    lineCounter: lines,
    prettyErrors: false,
    intAsBigInt: true,
    logLevel: "silent",
    schema: "core",
    customTags: ["binary"],
    uniqueKeys: false, // its check compares all with all
  });
  const documents = Array.isArray(parsed) ? parsed : [];
  return documents.map((document) => {
    const error = document.errors[0];
    if (error) throw errorAt(lines, error.pos[0], error.message);
    return new Reader(document, lines, options).document();
  });
}

function errorAt(lines: LineCounter, offset: number, reason: string): YamlError {
  const { line, col } = lines.linePos(offset);
  return new YamlError(reason, line, col);
}

class Reader implements YamlDocument {
  #aliases = 0;
  value: Value = null;

  constructor(readonly source: Document, readonly lines: LineCounter, readonly options: YamlOptions) {}

  document(): this {
    this.value = this.source.contents === null ? null : this.#value(this.source.contents as Node);
    return this;
  }

  lineOf(place: readonly string[]): number {
    for (let length = place.length; length > 0; length--) {
      const node = this.source.getIn(place.slice(0, length), true);
      const offset = (node as Node | undefined)?.range?.[0];
      if (offset !== undefined) return this.lines.linePos(offset).line;
    }
    return 1;
  }

  #value(node: Node): Value {
    if (isAlias(node)) return this.#alias(node.resolve(this.source) as Node | undefined, node);
    if (isScalar(node)) return this.#scalar(node);
    const known = node.tag === undefined || /^tag:yaml\.org,2002:(?:map|seq|omap|set)$/.test(node.tag);
    if (!known) this.#fail(node, `The tag ${node.tag} is unknown`);
    if (isSeq(node)) return node.items.map((item) => this.#value(item as Node));
    if (!isMap(node)) this.#fail(node, "This cannot be read");
    const seen = new Set<string>();
    return mappingOf(node.items.map(({ key, value }) => {
      if (isScalar(key)) this.#refuseAgain(key, seen);
      return [
        key === null ? null : this.#value(key as Node),
        value === null ? null : this.#value(value as Node),
      ] as const;
    }));
  }

  #refuseAgain(key: Scalar, seen: Set<string>): void {
    const name = `${key.tag ?? typeof key.value} ${key.source}`;
    if (seen.has(name)) this.#fail(key, `The key ${key.source} is there twice`);
    seen.add(name);
  }

  #alias(target: Node | undefined, alias: Node): Value {
    if (target === undefined || ++this.#aliases > aliasesMax) {
      this.#fail(alias, "This alias leads nowhere, or there are too many");
    }
    return this.#value(target);
  }

  #scalar(node: Scalar): Value {
    const text = node.source ?? String(node.value ?? "");
    switch (node.tag) {
      case "!P":
        return this.#attempt(node, () => parsePath(text));
      case "!bin":
        return new TextEncoder().encode(text);
      case "!hex":
        return this.#attempt(node, () => Uint8Array.fromHex(text.replace(/[:\s]/g, "")));
      case "!ext":
        return this.#attempt(node, () => extOf(text));
      case "!env":
        return this.options.env?.(text) ?? this.#fail(node, `There is no environment variable ${text}`);
      case "tag:yaml.org,2002:timestamp":
        return this.#attempt(node, () => momentOf(text));
    }
    if (node.tag?.startsWith("!")) this.#fail(node, `The tag ${node.tag} is unknown`);
    return plainValue(node.value);
  }

  #attempt(node: Node, read: () => Value): Value {
    try {
      return read();
    } catch (error) {
      this.#fail(node, (error as Error).message);
    }
  }

  #fail(node: Node, reason: string): never {
    throw errorAt(this.lines, node.range?.[0] ?? 0, reason);
  }
}

/** Integers came as bigints, so a number is a float. */
function plainValue(value: unknown): Value {
  if (typeof value === "bigint") {
    return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : value;
  }
  if (typeof value === "number") return Number.isInteger(value) ? new Float(value) : value;
  if (value instanceof Uint8Array) return Uint8Array.from(value);
  return value as string | boolean | null;
}

function extOf(text: string): Ext {
  const match = /^(-?\d+):([0-9a-fA-F]*)$/.exec(text);
  if (!match || Math.abs(Number(match[1])) > 128) throw new SyntaxError(`${text} is no extension: number, colon, hex`);
  return new Ext(Number(match[1]), Uint8Array.fromHex(match[2]));
}
