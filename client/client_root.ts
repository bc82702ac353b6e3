/**
 * Roots of subsystems: their place in the tree is a setting.
 *
 * @module
 */

import { Path } from "../wire/path/path.ts";
import type { Value } from "../wire/value.ts";
import type { Client } from "./client.ts";
import type { ConfigSection } from "./config.ts";
import type { ClientEntry } from "./entry.ts";
import { MirrorRoot, type MirrorSettings } from "./mirror.ts";

/** Where the shared instance of a root is. */
export interface HandlerOptions {
  /** Settings over those of the section `CFG`. */
  readonly config?: { readonly [name: string]: Value };
  /** The setting that holds the path. Default `prefix`. */
  readonly key?: string;
  /** What to append to that path. */
  readonly subpath?: Path;
}

/** A class of roots that know their section. */
export interface HandlerClass<T extends ClientRoot> {
  /** Makes a root that is not loaded yet. */
  new (client: Client, path: Path, settings?: MirrorSettings): T;
  /** The section of the configuration that says where it is. */
  readonly CFG: string;
}

/** A mirror whose class names the section of the configuration that says where it is. */
export class ClientRoot extends MirrorRoot {
  /** The section; needed by {@linkcode ClientRoot.asHandler} alone. */
  static readonly CFG: string = "";

  /**
   * The instance that everybody who uses this client and section shares. It ends with the client.
   * @throws {TypeError} If the class names no section, or the section holds no path
   */
  static async asHandler<T extends ClientRoot>(
    this: HandlerClass<T>,
    client: Client,
    options: HandlerOptions = {},
  ): Promise<T> {
    const { key = "prefix", subpath = Path.root } = options;
    if (this.CFG === "") throw new TypeError(`You need to override CFG in ${this.name}`);
    const config: ConfigSection = { ...client.config[this.CFG], ...options.config };
    const prefix = config[key];
    if (!(prefix instanceof Path)) throw new TypeError(`The setting ${this.CFG}.${key} must be a path`);
    const path = prefix.concat(subpath);
    return await client.unique(`mirror ${this.CFG} ${path}`, () => new this(client, path, { config }).start());
  }
}

/** A root that finds entries by a name other than their path, such as a serial number. */
export class NamedRoot extends ClientRoot {
  readonly #named = new Map<string, ClientEntry>();

  /** The entry that registered this name last. */
  override byName(name: string): ClientEntry | undefined {
    return this.#named.get(name);
  }

  /** Registers an entry; entries do so in their `setValue`. It is forgotten when the entry is gone. */
  addName(name: string, entry: ClientEntry): void {
    this.#named.set(name, entry);
    entry.whenRemoved(() => {
      // A newer entry of the same name stays.
      if (this.#named.get(name) === entry) this.#named.delete(name);
    });
  }
}
