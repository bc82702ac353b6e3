import { KvError, ProtocolError, RequestError } from "../../../wire/errors.ts";
import { type Chain, encodeChain, readChain } from "../../../wire/message/chain.ts";
import { FragmentJoiner } from "../../../wire/message/fragment.ts";
import { encodeChange, encodeEntry, readUpdate, type Update } from "../../../wire/message/update.ts";
import { decode } from "../../../wire/msgpack/decoder.ts";
import { encode } from "../../../wire/msgpack/encoder.ts";
import { elementOf, keysOf } from "../../../wire/path/keys.ts";
import { Path } from "../../../wire/path/path.ts";
import { PathLengthener } from "../../../wire/path/shorten.ts";
import { P } from "../../../wire/path/template.ts";
import type { Value } from "../../../wire/value.ts";
import { assertEquals, assertThrows, assertTrue } from "../../support/assert.ts";
import { readVectors } from "../../support/vectors.ts";
import { bytesOf, scanned } from "./support.ts";

interface Published {
  readonly topic?: string;
  readonly broker?: string;
  readonly hex: string;
}

interface FileRecord {
  readonly hex: string;
  readonly full_path?: string;
}

function update(value: Value): Update {
  return readUpdate(scanned(encode(value)));
}

Deno.test("the original's live updates go through unchanged, pieces joined", () => {
  let updates = 0;
  let pieces = 0;
  for (const broker of ["A", "B"]) {
    const joiner = new FragmentJoiner();
    for (const published of readVectors("mqtt.jsonl") as unknown as readonly Published[]) {
      if (published.topic !== "moat/kv/update" || published.broker !== broker) continue;
      const message = joiner.push(Uint8Array.fromHex(published.hex), 0);
      if (message === undefined) {
        pieces++;
        continue;
      }
      const read = readUpdate(scanned(message));
      assertEquals(bytesOf((out) => encodeChange(out, read)).toHex(), message.toHex());
      if (message.length > 3000) assertEquals(decode(read.value!), "z".repeat(3000));
      updates++;
    }
    assertEquals(joiner.pendingCount, 0);
  }
  assertEquals([updates, pieces], [39, 7]);
});

Deno.test("the records of the original's state files go through unchanged", () => {
  let records = 0;
  for (
    const name of ["log-dest", "log-incremental", "log-save", "log-save-full", "cli-log-dest", "cli-log-save-full"]
  ) {
    const lengthener = new PathLengthener();
    for (const { hex, full_path } of readVectors(`${name}.state.txt`) as unknown as readonly FileRecord[]) {
      const bytes = Uint8Array.fromHex(hex);
      const view = scanned(bytes);
      if (!view.has("path")) continue;
      const read = readUpdate(view);
      const encodeAgain = view.has("chain") ? encodeEntry : encodeChange;
      const hasFloatElement = /91cb3fd5|cb40/.test(hex);
      if (!hasFloatElement) assertEquals(bytesOf((out) => encodeAgain(out, read)).toHex(), hex, name);
      const path = lengthener.path(Path.from(read.keys.map(elementOf)), read.depth);
      if (!hasFloatElement) assertEquals(path.toString(), full_path);
      records++;
    }
  }
  assertTrue(records > 100, `${records}`);
});

Deno.test("a resent update names its sender beside the chain", () => {
  // `spec/server-protocol.md` 3.1
  const hex =
    "86a576616c7565a46c656674a5636861696e83a46e6f6465a26e30a47469636b04a470726576c0a4746f636b2ba470617468d503a161" +
    "a46e6f6465a26e30a47469636b07";
  const read = readUpdate(scanned(Uint8Array.fromHex(hex)));
  assertEquals(read.chain, { node: "n0", tick: 4, prev: null });
  assertEquals(read.sender, { node: "n0", tick: 7 });
  assertEquals(bytesOf((out) => encodeEntry(out, read)).toHex(), hex);
  assertEquals(update({ path: ["a"], tock: 1, node: "x", tick: null, chain: { node: "n", tick: 1 } }).sender, {
    node: "x",
    tick: null,
  });
});

Deno.test("a deletion has no value, nil is one", () => {
  const hex =
    "85a46e6f6465a26e31a47469636b02a47072657683a46e6f6465a26e30a47469636b03a470726576c0a470617468c70603a161a162a163" +
    "a4746f636b24";
  const read = readUpdate(scanned(Uint8Array.fromHex(hex)));
  assertEquals([read.value, read.keys, read.tock], [undefined, ["a", "b", "c"], 36]);
  assertEquals(read.chain, { node: "n1", tick: 2, prev: { node: "n0", tick: 3, prev: null } });
  assertEquals(bytesOf((out) => encodeChange(out, read)).toHex(), hex);
  const links: Value = { node: "n", tick: 1, path: P("a"), tock: 1 };
  assertEquals(update({ ...links, value: null }).value, Uint8Array.of(0xc0));
  assertEquals(update({ ...links, old_value: 1, new_value: 2 }).value, Uint8Array.of(2));
});

Deno.test("chains are cut where asked", () => {
  const chain: Chain = { node: "c", tick: 3, prev: { node: "b", tick: 2, prev: { node: "a", tick: 1, prev: null } } };
  const cut = (links: number) => decode(bytesOf((out) => encodeChain(out, chain, links)));
  const tail = (count: number): Value => count === 0 ? null : { node: "a", tick: 1, prev: null };
  assertEquals(cut(1), { node: "c", tick: 3 });
  assertEquals(cut(2), { node: "c", tick: 3, prev: { node: "b", tick: 2 } });
  assertEquals(cut(3), { node: "c", tick: 3, prev: { node: "b", tick: 2, prev: tail(1) } });
  for (const links of [-1, 4, 99]) assertEquals(cut(links), cut(3));
  assertEquals(readChain(cut(2)), { node: "c", tick: 3, prev: { node: "b", tick: 2, prev: undefined } });
  assertEquals(cut(2), decode(bytesOf((out) => encodeChain(out, readChain(cut(2)), -1))));
  assertEquals(decode(bytesOf((out) => encodeChain(out, null))), null);
  const live = { keys: keysOf(P("a")), chain, tock: 5 };
  assertEquals(decode(bytesOf((out) => encodeChange(out, live, 1))), { node: "c", tick: 3, path: P("a"), tock: 5 });
});

function nested(links: number): Value {
  let chain: Value = null;
  for (let i = 1; i <= links; i++) chain = { node: `n${i}`, tick: i, prev: chain };
  return chain;
}

Deno.test("readChain() takes 64 links and refuses what is no chain", () => {
  assertEquals([readChain(null), readChain(undefined), readChain({}), readChain({ node: null })], [
    null,
    null,
    null,
    null,
  ]);
  assertEquals(readChain({ node: "a" }), { node: "a", tick: 0, prev: undefined });
  assertEquals(readChain(new Map<Value, Value>([["node", "a"], ["tick", 1], [3, 4]]))?.tick, 1);
  assertEquals(readChain(nested(64))?.tick, 64);
  const refused: readonly (readonly [Value, string])[] = [
    [nested(65), "more than 64 links"],
    [{ node: "a", tick: 2, prev: { node: "b", tick: 1, prev: { node: "a", tick: 1 } } }, "names a node twice"],
    [{ node: 5, tick: 1 }, "a node that is no text"],
    [{ node: "a", tick: 2n ** 53n }, "a tick that is no counter"],
    [{ node: "a", tick: -1 }, "a tick that is no counter"],
    [{ node: "a", tick: 1.5 }, "a tick that is no counter"],
    [{ node: "a", tick: 1, prev: 5 }, "must be a map"],
    [5, "must be a map"],
    [["a", 1], "must be a map"],
    [P("a"), "must be a map"],
  ];
  for (const [value, text] of refused) assertThrows(() => readChain(value), RequestError, text);
});

Deno.test("an update that lacks something is refused", () => {
  const whole = { node: "n", tick: 1, path: P("a"), tock: 1, value: 1 };
  assertEquals(update(whole).keys, ["a"]);
  for (const name of ["node", "path", "tock"] as const) {
    assertThrows(() => update({ ...whole, [name]: null }), KvError);
    const { [name]: _, ...rest } = whole;
    assertThrows(() => update(rest), ProtocolError);
  }
  assertThrows(() => update({ ...whole, tock: -1 }), ProtocolError, "no tock");
  assertThrows(() => update({ ...whole, tock: 2 ** 53 }), ProtocolError, "no tock");
  assertThrows(() => update({ ...whole, depth: 1.5 }), ProtocolError, "no depth");
  assertThrows(() => update({ ...whole, path: "abc" }), RequestError, "not a text");
});

Deno.test("a path that lacks its beginning is an array, with its depth", () => {
  const base = { chain: { node: "n", tick: 1, prev: null }, tock: 1, keys: ["b"] };
  assertEquals(decode(bytesOf((out) => encodeChange(out, { ...base, depth: 2 }))), {
    node: "n",
    tick: 1,
    prev: null,
    path: ["b"],
    tock: 1,
    depth: 2,
  });
  assertEquals((decode(bytesOf((out) => encodeEntry(out, { ...base, depth: 0 }))) as { path: Value }).path, P("b"));
});
