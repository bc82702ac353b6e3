/**
 * Entries whose value is a mapping, with its fields as properties.
 *
 * @module
 */

import type { Value } from "../wire/value.ts";
import { ClientEntry } from "./entry.ts";
import type { SetResult } from "./results.ts";

/**
 * An entry that shows fields of its value as properties of its own.
 *
 * @example
 * ```ts
 * import { AttrClientEntry, ClientRoot, openClient } from "@moat/kv";
 *
 * class Lamp extends AttrClientEntry {
 *   static override readonly ATTRS = ["room", "watt"];
 *   declare room?: string;
 *   declare watt?: number;
 * }
 * class Lamps extends ClientRoot {
 *   static override childType() {
 *     return Lamp;
 *   }
 * }
 *
 * await using client = await openClient();
 * await using lamps = await client.mirror("home.lamps", { rootType: Lamps });
 * const lamp = lamps.get("desk") as Lamp;
 * lamp.watt = 7;
 * await lamp.save();
 * ```
 */
export class AttrClientEntry extends ClientEntry {
  /** The fields that become properties. Not inherited: list those of the superclass too. */
  static readonly ATTRS: readonly string[] = [];

  get #names(): readonly string[] {
    return (this.constructor as typeof AttrClientEntry).ATTRS;
  }

  /** Refused: set the properties, then {@linkcode AttrClientEntry.save}. */
  override update(): Promise<SetResult> {
    return Promise.reject(new TypeError("Set the attributes and call save()"));
  }

  /** Sets the properties from the value's fields. */
  override async setValue(value: Value | undefined): Promise<void> {
    await super.setValue(value);
    const fields = fieldsOf(value);
    for (const name of this.#names) {
      if (Object.hasOwn(fields, name)) Reflect.set(this, name, fields[name]);
      else Reflect.deleteProperty(this, name);
    }
  }

  /**
   * The value that the properties make. Fields that are no properties are kept from the last value.
   * @param options.skipNone Whether to leave out properties that are `null`
   */
  getValue(options: { skipNone?: boolean } = {}): { [name: string]: Value } {
    const fields: { [name: string]: Value } = { ...fieldsOf(this.value) };
    for (const name of this.#names) {
      const value = Reflect.get(this, name) as Value | undefined;
      if (value === undefined || (options.skipNone && value === null)) delete fields[name];
      else fields[name] = value;
    }
    return fields;
  }

  /** Writes the properties. @throws {ChainError} If somebody changed the entry meanwhile */
  save(options: { wait?: boolean; signal?: AbortSignal } = {}): Promise<SetResult> {
    return this.exclusively(() => this.write(this.getValue(), options));
  }
}

function fieldsOf(value: Value | undefined): { readonly [name: string]: Value } {
  const isMapping = typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
  return isMapping ? value as { readonly [name: string]: Value } : {};
}
