/**
 * Who belongs to the network: the entries `null "member" NAME`, the names in chains, and whoever was heard. An entry's value
 * is a map:
 *
 * | field | |
 * | --- | --- |
 * | `forgotten` | the names under which it wrote when nobody wanted to wait for it any more; stays for ever |
 * | `back` | true: it has come back since, and counts again |
 *
 * A deletion is purged only when all members have it on their disks, so nobody ceases to be one by being away.
 *
 * @module
 */

import { KvError } from "../../wire/errors.ts";
import { decode } from "../../wire/msgpack/decoder.ts";
import { encode } from "../../wire/msgpack/encoder.ts";
import { field, isMap } from "../../wire/message/decoded_map.ts";
import type { ElementKey } from "../../wire/path/keys.ts";
import { Change, type Effect } from "../core/effect.ts";
import type { Entry } from "../core/entry.ts";
import type { Store } from "../core/store.ts";
import { nodeOf } from "../core/writer.ts";

const memberKeys: readonly ElementKey[] = [null, "member"];

/** Whether `keys[0 … length)` is the place of a member's entry. */
export function isMemberPath(keys: readonly ElementKey[], length: number): boolean {
  return length === memberKeys.length + 1 && memberKeys.every((key, i) => keys[i] === key);
}

/** What an entry says. */
export interface Member {
  /** The names under which it wrote when it was forgotten; empty: it never was. */
  readonly forgotten: readonly string[];
  /** Whether it has come back since. */
  readonly isBack: boolean;
}

/** So many names are taken on the word of messages alone. */
const heardMax = 1000;

const plain: Member = { forgotten: [], isBack: false };

/** See the module. */
export class Members {
  /** Names that were heard and may have no entry. */
  readonly #heard = new Set<string>();
  readonly #entries = new Map<string, Member>();

  constructor(private readonly store: Store) {
    for (const child of this.#top()?.children ?? []) this.#read(child);
  }

  #top(): Entry | undefined {
    return this.store.find(memberKeys, memberKeys.length);
  }

  #read(entry: Entry): void {
    if (typeof entry.key !== "string") return;
    if (entry.hasValue) this.#entries.set(entry.key, readMember(this.store.values.read(entry.value)));
    else this.#entries.delete(entry.key);
  }

  /** Entries may have changed. Returns whether one has. */
  committed(effects: readonly Effect[]): boolean {
    let hasChanged = false;
    for (const effect of effects) {
      if (!(effect instanceof Change) || !this.#isMember(effect.entry)) continue;
      this.#read(effect.entry);
      hasChanged = true;
    }
    return hasChanged;
  }

  #isMember(entry: Entry): boolean {
    const { parent } = entry;
    return parent !== null && parent.key === "member" && parent.parent?.key === null &&
      parent.parent.parent?.parent === null;
  }

  /** A server of that name exists. Returns whether that is new. */
  heard(name: string): boolean {
    if (this.#heard.has(name) || this.#heard.size >= heardMax) return false;
    this.#heard.add(name);
    return true;
  }

  /** All names. */
  names(): Set<string> {
    const names = new Set([this.store.node, ...this.#entries.keys(), ...this.#heard]);
    for (const { name, tick } of this.store.writers.values()) if (tick > 0) names.add(nodeOf(name));
    return names;
  }

  /** Servers that were heard (this one included) and have no entry. */
  unwritten(): string[] {
    return [this.store.node, ...this.#heard].filter((name) => !this.#entries.has(name));
  }

  /** Whether any other server was ever heard in this run. */
  get isAlone(): boolean {
    return this.#heard.size === 0;
  }

  /** What is written of a server. */
  of(name: string): Member {
    return this.#entries.get(name) ?? plain;
  }

  /** Whether nobody waits for it. */
  isForgotten(name: string): boolean {
    const { forgotten, isBack } = this.of(name);
    return forgotten.length > 0 && !isBack;
  }

  /** All that nobody waits for. */
  forgotten(): string[] {
    return [...this.#entries.keys()].filter((name) => this.isForgotten(name));
  }

  /** The entry of a server, if there is one. */
  entry(name: string): Entry | undefined {
    return this.store.find([...memberKeys, name], memberKeys.length + 1);
  }

  /** Within a turn: writes the entry of a server that has none. */
  write(name: string): void {
    this.#put(name, plain);
  }

  /** Within a turn: nobody waits for it any more, and what it alone had is given up. */
  forget(name: string): void {
    const writers = [...this.store.writers.values()].filter((writer) => writer.node === name).map(({ name }) => name);
    const forgotten = [...new Set([...this.of(name).forgotten, name, ...writers])];
    this.#put(name, { forgotten, isBack: false });
  }

  /** Within a turn: it has come back. */
  back(name: string): void {
    this.#put(name, { ...this.of(name), isBack: true });
  }

  #put(name: string, { forgotten, isBack }: Member): void {
    const value = encode({
      ...(forgotten.length > 0 ? { forgotten: [...forgotten] } : {}),
      ...(isBack ? { back: true } : {}),
    });
    this.store.write(this.store.ensure([...memberKeys, name], memberKeys.length + 1), value, 0, value.length);
  }
}

function readMember(bytes: Uint8Array): Member {
  try {
    const value = decode(bytes);
    if (!isMap(value)) return plain;
    const forgotten = field(value, "forgotten");
    const names = Array.isArray(forgotten) ? forgotten.filter((name) => typeof name === "string") : [];
    return { forgotten: names, isBack: field(value, "back") === true };
  } catch (error) {
    if (error instanceof KvError) return plain;
    throw error;
  }
}
