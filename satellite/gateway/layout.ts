/**
 * Where things of satellites are in the tree. With the prefix `sat`:
 *
 * | path | value |
 * | --- | --- |
 * | `sat.NAME` | `{state, since, …}`: how the satellite is |
 * | `sat.NAME.SLOT` | the value of a slot, such as `sat.garden.air.temp` |
 * | `sat.NAME.SLOT._meta` | `{kind, unit, lo, hi, step, acc}` |
 * | `sat.NAME.SLOT._err` | why it cannot be read; only then |
 * | `sat.NAME.SLOT._set` | what it should be: clients write this |
 * | `sat.NAME.SLOT._res` | `{t, ok: false, e}`: why that did not work; only then |
 * | `sat.NAME.SLOT._do` | a momentary command: clients write it, it goes when it is done or too old |
 * | `sat.NAME._pol.SLOT` | `{min, max, db}`: when the slot is reported |
 * | `sat.NAME._cfg`, `._cfg._now` | how the board is to be configured, and what came of it |
 * | `sat.NAME._app`, `._app.FILE`, `._app._now` | the app that is wanted, its files, and what came of it |
 * | `sat.NAME._log` | `{t, sev, text}`: the last thing it said |
 * | `sat.NAME.owner` | the gateway that holds its line |
 * | `sat._new.UID` | a satellite that nobody has accepted |
 * | `:.moat.kv.satellite.known.UID` | `{name, ?key, ?security}`: one that somebody has |
 *
 * Source: `spec/satellite.md` 6.
 *
 * @module
 */

import { Path, type PathElement } from "../../wire/path/path.ts";

/** Paths of one gateway's prefix. */
export class Layout {
  constructor(readonly prefix: Path) {}

  /** A satellite. */
  satellite(name: string): Path {
    return this.prefix.child(name);
  }

  /** A slot, by the path that it was announced with. */
  slot(name: string, slotPath: string): Path {
    return this.satellite(name).concat(slotElements(slotPath));
  }

  /** A satellite that nobody has accepted. */
  unknown(uid: string): Path {
    return this.prefix.child("_new").child(uid);
  }

  /** Where a slot's policy is. */
  policy(name: string, slotPath: string): Path {
    return this.satellite(name).child("_pol").concat(slotElements(slotPath));
  }
}

/** Where satellites are made known. */
export const knownPath: Path = Path.of(".moat", "kv", "satellite", "known");

/** `air.temp` is two elements. Words that are numbers stay words. */
export function slotElements(slotPath: string): Path {
  return Path.of(...slotPath.split("."));
}

/** What a client wrote below a satellite. */
export type Wish =
  | { readonly kind: "set" | "do" | "policy"; readonly satellite: string; readonly slotPath: string }
  | { readonly kind: "owner" | "config" | "app"; readonly satellite: string }
  | { readonly kind: "file"; readonly satellite: string; readonly name: string };

/** What an entry below the prefix means for gateways; undefined: nothing. `path` is below the prefix. */
export function wishOf(path: Path): Wish | undefined {
  const [satellite, ...rest] = path.elements;
  if (typeof satellite !== "string" || satellite === "_new" || rest.length === 0) return undefined;
  const last = rest[rest.length - 1];
  if (rest[0] === "_pol" && rest.length > 1) return { kind: "policy", satellite, slotPath: joined(rest.slice(1)) };
  if (rest.length === 1 && last === "owner") return { kind: "owner", satellite };
  if (rest.length === 1 && last === "_cfg") return { kind: "config", satellite };
  if (rest[0] === "_app") return wishOfApp(satellite, rest);
  if (last === "_set") return { kind: "set", satellite, slotPath: joined(rest.slice(0, -1)) };
  if (last === "_do") return { kind: "do", satellite, slotPath: joined(rest.slice(0, -1)) };
  return undefined;
}

function wishOfApp(satellite: string, [, file, more]: readonly PathElement[]): Wish | undefined {
  if (file === undefined) return { kind: "app", satellite };
  return typeof file === "string" && file !== "_now" && more === undefined
    ? { kind: "file", satellite, name: file }
    : undefined;
}

function joined(elements: readonly PathElement[]): string {
  return elements.join(".");
}
