/** Bytes that are almost right. */

import type { Random } from "../support/random.ts";

/** Head bytes and counts that are special somewhere. */
const special = [
  0x00,
  0x01,
  0x7f,
  0x80,
  0x81,
  0x8f,
  0x90,
  0x91,
  0xa0,
  0xbf,
  0xc0,
  0xc1,
  0xc4,
  0xc6,
  0xc7,
  0xc9,
  0xca,
  0xcb,
]
  .concat([0xcf, 0xd3, 0xd4, 0xd5, 0xd6, 0xd8, 0xd9, 0xdb, 0xdc, 0xdd, 0xde, 0xdf, 0xe0, 0xff]);

type Mutation = (bytes: number[], random: Random, seeds: readonly Uint8Array[]) => void;

const mutations: readonly Mutation[] = [
  function flipBit(bytes, random) {
    if (bytes.length > 0) bytes[random.below(bytes.length)] ^= 1 << random.below(8);
  },
  function setSpecial(bytes, random) {
    if (bytes.length > 0) bytes[random.below(bytes.length)] = special[random.below(special.length)];
  },
  function addOrSubtract(bytes, random) {
    if (bytes.length === 0) return;
    const at = random.below(bytes.length);
    bytes[at] = bytes[at] + random.below(5) - 2 & 0xff;
  },
  function insert(bytes, random) {
    bytes.splice(random.below(bytes.length + 1), 0, special[random.below(special.length)]);
  },
  function remove(bytes, random) {
    bytes.splice(random.below(bytes.length + 1), 1 + random.below(4));
  },
  function truncate(bytes, random) {
    bytes.length = random.below(bytes.length + 1);
  },
  function repeat(bytes, random) {
    const at = random.below(bytes.length + 1);
    const piece = bytes.slice(at, at + 1 + random.below(16));
    for (let n = random.below(8); n > 0; n--) bytes.splice(at, 0, ...piece);
  },
  function splice(bytes, random, seeds) {
    const other = seeds[random.below(seeds.length)];
    const start = random.below(other.length);
    bytes.splice(random.below(bytes.length + 1), random.below(8), ...other.subarray(start, start + random.below(64)));
  },
  function wrap(bytes, random) {
    const heads = [0x91, 0x92, 0x81, 0x82, 0xdc, 0xde];
    for (let n = random.below(random.below(20) === 0 ? 150 : 4); n > 0; n--) bytes.unshift(heads[random.below(2)]);
  },
];

/** One of `seeds`, with one to four mutations. Now and then it is left as it is. */
export function mutated(seeds: readonly Uint8Array[], random: Random): Uint8Array {
  const bytes = [...seeds[random.below(seeds.length)]];
  for (let n = random.below(5); n > 0; n--) mutations[random.below(mutations.length)](bytes, random, seeds);
  return Uint8Array.from(bytes);
}
