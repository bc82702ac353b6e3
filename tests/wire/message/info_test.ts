import fc from "fast-check";
import { RequestError } from "../../../wire/errors.ts";
import { encodeInfo, type Info, readInfo } from "../../../wire/message/info.ts";
import { encodeRanges, type Range, readRanges } from "../../../wire/message/ranges.ts";
import { decode } from "../../../wire/msgpack/decoder.ts";
import { encode } from "../../../wire/msgpack/encoder.ts";
import type { Value } from "../../../wire/value.ts";
import { assertEquals, assertThrows } from "../../support/assert.ts";
import { readVectors } from "../../support/vectors.ts";
import { bytesOf } from "./support.ts";

function again(info: Info, ticksName?: "nodes"): Value {
  return decode(bytesOf((out) => encodeInfo(out, info, ticksName)));
}

Deno.test("the original's info messages are read and written", () => {
  // `spec/server-protocol.md` 3.2
  const hex = "84a76d697373696e6781a26e3091920408a4746f636b3ca46e6f6465a26e32a47469636b00";
  const info = readInfo(decode(Uint8Array.fromHex(hex)));
  assertEquals(info, { node: "n2", tick: 0, tock: 60, missing: new Map([["n0", [[4, 7]] as Range[]]]) });
  assertEquals(bytesOf((out) => encodeInfo(out, info)).toHex(), hex);
  const examples: Value[] = [
    { ticks: { n0: 1, n1: 0, n2: null }, tock: 16, node: "n0", tick: 1 },
    { missing: {}, tock: 27, node: "n0", tick: 1 },
    { known: { n0: [5] }, deleted: {}, tock: 62, node: "n0", tick: 7 },
    { node_drop: ["zz"], node: "n0", tick: null, tock: 3 },
  ];
  for (const example of examples) assertEquals(again(readInfo(example)), example);
});

Deno.test("the states of the original's files and replies go through unchanged", () => {
  let states = 0;
  for (const name of ["log-dest", "log-incremental", "log-save", "cli-log-dest"]) {
    for (const { hex } of readVectors(`${name}.state.txt`) as unknown as readonly { hex: string }[]) {
      const message = decode(Uint8Array.fromHex(hex));
      if ("path" in (message as object)) continue;
      assertEquals(bytesOf((out) => encodeInfo(out, readInfo(message), "nodes")).toHex(), hex);
      states++;
    }
  }
  assertEquals(states, 6);
  for (
    const { ev, state } of readVectors("mqtt.jsonl") as unknown as readonly {
      ev?: string;
      state: Record<string, Value>;
    }[]
  ) {
    if (ev !== "state") continue;
    const { seq: _, ...rest } = state;
    assertEquals(sorted(again(readInfo(state), "nodes") as Record<string, Value>), sorted(rest));
  }
});

function sorted(map: Readonly<Record<string, Value>>): unknown {
  return Object.fromEntries(Object.entries(map).sort());
}

Deno.test("both spellings are understood, stray fields are passed over", () => {
  const info = readInfo({
    superseded: { zz: [1] },
    known: { zz: [9] },
    deleted: { zz: [2] },
    node: "",
    action: "fake_info_send",
    seq: 3,
    tick: 0,
    tock: 45,
    node_drop: ["yy", ["zz", null]],
  });
  assertEquals(info.known, new Map([["zz", [[1, 1]] as Range[]]]));
  assertEquals(info.nodeDrop, ["yy"]);
  assertEquals([info.node, info.tick, info.tock], ["", 0, 45]);
  assertEquals(readInfo({ nodes: { a: 5 } }).ticks, new Map([["a", 5]]));
});

Deno.test("what is no info is refused", () => {
  const wrong: Value[] = [
    5,
    [],
    { ticks: [] },
    { ticks: { a: "x" } },
    { ticks: { a: -1 } },
    { ticks: new Map([[1, 2]]) },
    { missing: 5 },
    { missing: { a: 5 } },
    { missing: { a: [[3, 3]] } },
    { missing: { a: [[1, 2, 3]] } },
    { missing: { a: ["x"] } },
    { missing: { a: [2n ** 60n] } },
    { known: new Map([[1, [2]]]) },
    { node_drop: "zz" },
  ];
  for (const value of wrong) assertThrows(() => readInfo(value), RequestError);
});

Deno.test("sets of ticks are read in any order and written in one", () => {
  const wire = (ranges: readonly Range[]) => decode(bytesOf((out) => encodeRanges(out, ranges)));
  assertEquals(bytesOf((out) => encodeRanges(out, [[2, 3], [5, 5], [7, 9]])).toHex(), "93920204059207" + "0a");
  assertEquals(readRanges([1, [3, 6], 8]), [[1, 1], [3, 5], [8, 8]]);
  assertEquals(readRanges([[7, 8], 8, [1, 4], 2, 4]), [[1, 4], [7, 8]]);
  assertEquals(readRanges([]), []);
  const set = fc.uniqueArray(fc.nat(30)).map((ticks) => ticks.toSorted((a, b) => a - b));
  fc.assert(fc.property(set, (ticks) => {
    const ranges = readRanges(ticks);
    assertEquals(
      ranges.flatMap(([first, last]) => Array.from({ length: last - first + 1 }, (_, i) => first + i)),
      ticks,
    );
    assertEquals(readRanges(wire(ranges)), ranges);
  }));
  assertThrows(() => readRanges(5), RequestError, "must be an array");
  assertEquals(encode([]), encode(wire([])));
});
