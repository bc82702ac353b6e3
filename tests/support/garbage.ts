/** Requests that are wrong in every way: the bytes of real ones, changed; and every action with fields of any kind. */

import { actions } from "../../server/action/table.ts";
import { ProtocolError } from "../../wire/errors.ts";
import { encode } from "../../wire/msgpack/encoder.ts";
import { skip } from "../../wire/msgpack/skip.ts";
import { Path } from "../../wire/path/path.ts";
import { Ext, Float, type Value } from "../../wire/value.ts";
import { mutated } from "../fuzz/mutate.ts";
import type { Random } from "./random.ts";
import { bytesOf, readVectors } from "./vectors.ts";

/** They write files wherever they are told to, so nothing random is sent to them. */
const fileActions = ["save", "log"];

const names =
  "path value seq nchain chain prev idem ack nodes node tick tock known deleted missing ticks task topic data raw"
    .concat(
      " mode acl min_depth max_depth empty tombstones fetch tokens token with_data state qlen max current timeout force",
    )
    .split(" ");

/** Anything that may stand in a field. */
const values: readonly Value[] = [
  ...[null, true, false, 0, 1, 7, -1, 2 ** 32, 2 ** 53 - 1, -(2n ** 63n), 2n ** 64n, new Float(1), 0.5, NaN, Infinity],
  ...[
    "",
    "a",
    "test1",
    "disk",
    "#",
    "x".repeat(200),
    new Uint8Array(0),
    Uint8Array.of(0x81, 0xa1),
    new Ext(4, new Uint8Array(3)),
  ],
  ...[Path.of(), Path.of("a"), Path.of("a", 1, null), Path.of(null, "acl"), [], ["a", "b"], [null], ["a", {}], [
    [1, 4],
    7,
  ], [[4, 1]]],
  ...[{}, { a: 1 }, { node: "a", tick: 1 }, { node: "a", tick: 1, prev: { node: "a", tick: 1, prev: null } }, {
    node: 1,
  }],
  ...[{ test1: [[1, 2 ** 52]] }, { b: null }, { "": [0] }, new Map<Value, Value>([[1, 2]])],
];

/** Makes messages of all these kinds. */
export class Garbage {
  readonly #recorded: Uint8Array[];
  readonly #actions = [...actions.keys(), "sing", ""].filter((name) => !fileActions.includes(name));

  constructor(readonly random: Random) {
    this.#recorded = readVectors("client-server.jsonl")
      .filter(({ dir, msg }) =>
        dir === "c>s" && !fileActions.includes(String((msg as { action?: string } | null)?.action))
      )
      .flatMap((vector) => bytesOf(vector) ?? []).filter((bytes) => bytes.length > 0 && bytes.length < 600);
  }

  /** The next one, and whether it is well-formed msgpack as a whole. */
  next(): { bytes: Uint8Array; isWhole: boolean } {
    const bytes = this.random.below(2) === 0 ? mutated(this.#recorded, this.random) : encode(this.#request());
    return { bytes, isWhole: isWhole(bytes) };
  }

  #request(): Value {
    const fields: Record<string, Value> = { seq: this.random.below(50), action: this.#one(this.#actions) };
    for (let n = this.random.below(6); n > 0; n--) fields[this.#one(names)] = this.#one(values);
    if (this.random.below(2) === 0) fields.path = [this.random.below(5), this.random.below(5)];
    return fields;
  }

  #one<T>(items: readonly T[]): T {
    return items[this.random.below(items.length)];
  }
}

function isWhole(bytes: Uint8Array): boolean {
  try {
    let at = 0;
    while (at >= 0 && at < bytes.length) at = skip(bytes, at, bytes.length);
    return at === bytes.length;
  } catch (error) {
    if (error instanceof ProtocolError) return false;
    throw error;
  }
}
