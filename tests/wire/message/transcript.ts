/**
 * The transcripts of a document: blocks of lines that begin with `>>>` (to the server) or `<<<` (from it), in the notation
 * that `wire/PROTOCOL.md` explains.
 */

import { P } from "../../../wire/path/template.ts";
import { Float, type Value } from "../../../wire/value.ts";

/** `…`: anything. */
export class Anything {}

/** `$name`: what came there before, or what to remember. */
export class Variable {
  constructor(readonly name: string) {}
}

/** A value of a transcript. */
export type Term = Value | Anything | Variable | readonly Term[] | { readonly [key: string]: Term };

/** One line. */
export interface Line {
  readonly toServer: boolean;
  readonly message: Term;
  readonly text: string;
}

/** The transcripts of a document, with the heading above each. */
export function transcripts(document: string): { readonly title: string; readonly lines: readonly Line[] }[] {
  const found: { title: string; lines: Line[] }[] = [];
  let title = "";
  for (const part of document.split(/^(#+ .*|```text\n[^]*?^```)$/m)) {
    if (part.startsWith("#")) title = part.replace(/^#+ /, "");
    if (!/^```text\n(>>>|<<<)/.test(part)) continue;
    found.push({ title, lines: part.split("\n").slice(1, -1).map(parseLine) });
  }
  return found;
}

/** The messages that a document shows by themselves: blocks of lines that begin with `{`. */
export function messages(document: string): Term[] {
  const blocks = document.match(/^```text\n\{[^]*?^```$/gm) ?? [];
  return blocks.flatMap((block) => block.split("\n").slice(1, -1)).map((line) => new Reader(line).whole());
}

function parseLine(text: string): Line {
  if (!/^(>>>|<<<) /.test(text)) throw new Error(`No line of a transcript: ${text}`);
  return { toServer: text.startsWith(">"), message: new Reader(text.slice(4)).whole(), text };
}

class Reader {
  #at = 0;

  constructor(readonly text: string) {}

  whole(): Term {
    const term = this.#term();
    if (this.#at < this.text.length) throw this.#error();
    return term;
  }

  #term(): Term {
    if (this.#take("{")) return Object.fromEntries(this.#list("}", () => this.#pair()));
    if (this.#take("[")) return this.#list("]", () => this.#term());
    if (this.#take("…")) return new Anything();
    const path = this.#match(/P\(([^)]*)\)/y);
    if (path !== undefined) return P(path.slice(2, -1));
    const bytes = this.#match(/h"[0-9a-f]*"/y);
    if (bytes !== undefined) return Uint8Array.fromHex(bytes.slice(2, -1));
    const text = this.#match(/"(?:[^"\\]|\\.)*"/y);
    if (text !== undefined) return JSON.parse(text);
    const number = this.#match(/-?\d+(\.\d+)?/y);
    if (number !== undefined) return number.endsWith(".0") ? new Float(Number(number)) : Number(number);
    const word = this.#match(/\$?\w+/y) ?? "";
    if (word.startsWith("$")) return new Variable(word);
    if (word === "nil") return null;
    if (word === "true" || word === "false") return word === "true";
    throw this.#error();
  }

  #pair(): [string, Term] {
    this.#match(/ */y);
    const key = this.#match(/\w+/y);
    if (key === undefined || !this.#take(":")) throw this.#error();
    return [key, this.#term()];
  }

  #list<T>(end: string, item: () => T): T[] {
    const items: T[] = [];
    while (!this.#take(end)) {
      if (items.length > 0 && !this.#take(",")) throw this.#error();
      items.push(item());
    }
    return items;
  }

  #take(mark: string): boolean {
    this.#match(/ */y);
    const isThere = this.text.startsWith(mark, this.#at);
    if (isThere) this.#at += mark.length;
    return isThere;
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.text)?.[0];
    this.#at += found?.length ?? 0;
    return found;
  }

  #error(): Error {
    return new Error(`Cannot read this transcript at ${this.#at}: ${this.text}`);
  }
}
