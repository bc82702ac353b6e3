/**
 * Configuration that is stored in the tree: an entry `:.moat.kv.config.NAME` overrides the static section NAME, at once
 * and for every client.
 *
 * Source: the tutorial, "Dynamic configuration"; `spec/cli.md` 2.3.
 *
 * @module
 */

import { Path } from "../wire/path/path.ts";
import type { Value } from "../wire/value.ts";
import { Broadcast } from "./broadcast.ts";
import { configDefaults } from "./config_defaults.ts";
import type { Link } from "./link.ts";
import { Watch, type WatchItem } from "./watch.ts";

/** The value of a section: usually a mapping. */
export type ConfigSections = { readonly [section: string]: Value };

/** Sections that are read once, or needed before any entry can be read. */
const staticSections = new Set(["logging", "server", "conn", "connect"]);

/**
 * The configuration of a client: `config.NAME` is a section, merged; `"NAME" in config` tells whether there is one;
 * `config.watch("NAME")` iterates over its values, the present one first.
 */
export type Config =
  & {
    /** The section's value now, and whenever it changes; `undefined` while there is none. */
    watch(section: string, options?: { signal?: AbortSignal }): AsyncIterable<Value | undefined>;
  }
  // The value of a section is a mapping as a rule, but may be anything.
  & { readonly [section: string]: ConfigSection | undefined };

/** A section as most are used. Check its fields: people write them. */
export type ConfigSection = { readonly [name: string]: Value | undefined };

/** Keeps the merged sections. */
export class DynamicConfig {
  /** Fulfilled once the entries are read, or cannot be. */
  readonly loaded: Promise<void>;
  readonly #static: ConfigSections;
  readonly #dynamic = new Map<string, Value>();
  readonly #stale = new Set<string>();
  readonly #changes = new Broadcast<string>();
  #tellLoaded!: () => void;

  /** @param sections Static ones, over the defaults @param isDynamic Whether to read the entries */
  constructor(link: Link, sections: ConfigSections = {}, isDynamic: boolean = true) {
    this.#static = merge(sections, configDefaults) as ConfigSections;
    this.loaded = new Promise((resolve) => this.#tellLoaded = resolve);
    if (isDynamic) void this.#follow(new Watch(link, this.#prefix(), { fetch: true, nchain: 3 }));
    else this.#tellLoaded();
  }

  #prefix(): Path {
    const section = this.#static.config as ConfigSection | undefined;
    if (section?.prefix instanceof Path) return section.prefix;
    throw new TypeError("The configuration's config.prefix must be a path");
  }

  /** What the client cannot read is as if it were not there. */
  async #follow(watch: Watch): Promise<void> {
    try {
      for await (const item of watch) this.#note(item);
    } catch {
      // Not readable, or the connection is lost: the last known values stay.
    } finally {
      this.#tellLoaded();
      this.#changes.close();
    }
  }

  #note(item: WatchItem): void {
    if ("path" in item) return this.#set(item.path, item.value);
    if (item.state === "resync") { for (const name of this.#dynamic.keys()) this.#stale.add(name); }
    if (item.state === "uptodate") this.#settle();
  }

  /** One level only: entries further below mean nothing. */
  #set(path: Path, value: Value | undefined): void {
    const name = path.at(0);
    if (path.length !== 1 || typeof name !== "string" || staticSections.has(name)) return;
    this.#stale.delete(name);
    if (value === undefined) this.#dynamic.delete(name);
    else this.#dynamic.set(name, merge(value, this.#static[name]));
    this.#changes.send(name);
  }

  #settle(): void {
    for (const name of this.#stale) this.#set(Path.of(name), undefined);
    this.#tellLoaded();
  }

  /** The value of a section. */
  get(section: string): Value | undefined {
    const value = this.#dynamic.get(section);
    if (value !== undefined) return value;
    return Object.hasOwn(this.#static, section) ? this.#static[section] : undefined;
  }

  /** Its value now, and whenever it changes. */
  async *watch(section: string, options: { signal?: AbortSignal } = {}): AsyncGenerator<Value | undefined> {
    const changes = this.#changes.subscribe([section], options.signal);
    for await (const name of changes) if (name === section) yield this.get(section);
  }

  /** All of it as an object with the sections as properties. */
  get view(): Config {
    const sections = Object.create(null) as ConfigSection;
    return new Proxy(sections, {
      get: (_, name) => typeof name === "string" ? this.#property(name) : undefined,
      has: (_, name) => typeof name === "string" && this.get(name) !== undefined,
      ownKeys: () => [...new Set([...Object.keys(this.#static), ...this.#dynamic.keys()])],
      getOwnPropertyDescriptor: (_, name) => this.#descriptor(name),
      set: () => false,
    }) as Config;
  }

  #property(name: string): unknown {
    if (name === "watch") return this.watch.bind(this);
    return this.get(name);
  }

  #descriptor(name: string | symbol): PropertyDescriptor | undefined {
    const value = typeof name === "string" ? this.get(name) : undefined;
    return value === undefined ? undefined : { value, enumerable: true, configurable: true };
  }
}

/** `upper` over `lower`: mappings are merged field by field, anything else replaces. */
function merge(upper: Value, lower: Value | undefined): Value {
  if (!isMapping(upper) || !isMapping(lower)) return upper;
  const merged: { [name: string]: Value } = { ...lower };
  for (const name of Object.keys(upper)) merged[name] = merge(upper[name], lower[name]);
  return merged;
}

function isMapping(value: Value | undefined): value is { readonly [name: string]: Value } {
  return typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}
