/** What is mutated: everything the original was recorded to send, and forms it never sends. */

import { encode } from "../../wire/msgpack/encoder.ts";
import { Path } from "../../wire/path/path.ts";
import { Ext, Float, Timestamp, type Value } from "../../wire/value.ts";
import { bytesOf, readVectors } from "../support/vectors.ts";

/** Longer vectors are left out: most of their bytes are one text. */
const seedBytesMax = 600;

const rare: readonly Value[] = [
  [2n ** 64n, -(2n ** 63n), 2n ** 60n, new Float(-0), NaN, 1.5],
  [new Timestamp(1n, 0), new Timestamp(1n, 5), new Timestamp(-1n, 5)],
  [Path.of(), Path.of("a", [1, ["b"]], null, 2n ** 70n, 1.5, Uint8Array.of(1)), Path.of("a").marked("m")],
  [new Ext(4, Uint8Array.of(0x5f)), new Ext(5, encode("name")), new Ext(-128, new Uint8Array(0))],
  new Map<Value, Value>([[null, 1], [[1, [2]], 2], [Path.of("k"), 3], [Uint8Array.of(1), 4], ["12", 5], [1.5, {}]]),
  ["é€😀", "é".repeat(40), "x".repeat(300), { "__proto__x": { "": [] } }],
];

/** The bytes to begin with. */
export function readSeeds(): Uint8Array[] {
  const recorded = ["msgpack", "client-server", "mqtt", "server-sync-tcp"]
    .flatMap((name) => readVectors(`${name}.jsonl`)).flatMap((vector) => bytesOf(vector) ?? []);
  return [
    ...recorded.filter((bytes) => bytes.length > 0 && bytes.length <= seedBytesMax),
    ...rare.map((value) => encode(value)),
  ];
}
