import { assertEquals, assertThrows } from "../../support/assert.ts";
import { decodeActorMessage, encodeActorMessage } from "../../../wire/actor/message.ts";
import { History } from "../../../wire/actor/history.ts";
import { goesBefore } from "../../../wire/actor/priority.ts";
import { mainSettings, settingsProblem } from "../../../wire/actor/settings.ts";
import { ProtocolError } from "../../../wire/errors.ts";
import { decode } from "../../../wire/msgpack/decoder.ts";
import { encode } from "../../../wire/msgpack/encoder.ts";
import type { Value } from "../../../wire/value.ts";

const recorded = (await Deno.readTextFile(new URL("../../vectors/mqtt.jsonl", import.meta.url))).split("\n")
  .filter((line) => /"topic": "moat\/kv\/(ping|del)"/.test(line))
  .map((line) => Uint8Array.fromHex(JSON.parse(line).hex));

Deno.test("decodeActorMessage() understands everything that the original sent, and says the same", () => {
  assertEquals(recorded.length > 20, true);
  for (const bytes of recorded) {
    assertEquals(decode(encodeActorMessage(decodeActorMessage(bytes))), decode(bytes));
  }
});

Deno.test("decodeActorMessage() puts the sender first in a ping's history", () => {
  const message = decodeActorMessage(encode({ t: "ping", node: "a", value: [1, 2], history: ["b"] }));
  assertEquals(message, { type: "ping", node: "a", value: [1, 2], history: ["a", "b"] });
});

Deno.test("decodeActorMessage() refuses what would break a member later", () => {
  const vers = { t: "vers", node: "a", cycle: 10, gap: 2, nodes: 5, splits: 4, n_hosts: 10, version: 0, force_in: 0 };
  const defective: Value[] = [
    null,
    [],
    {},
    { t: "what", node: "a" },
    { t: "init" },
    { t: "init", node: "" },
    { t: "ping", node: "a", value: null },
    { t: "ping", node: "a", value: "x", history: [] },
    { t: "ping", node: "a", value: { 1: 2 }, history: ["a"] },
    { t: "hist", value: null, history: [] },
    { t: "hist", value: null, history: [1] },
    { ...vers, cycle: 1 },
    { ...vers, gap: 0 },
    { ...vers, splits: 0 },
    { ...vers, version: null },
  ];
  for (const each of defective) {
    assertThrows(() => decodeActorMessage(encode(each)), ProtocolError);
  }
  for (const bytes of recorded) {
    for (let end = 0; end < bytes.length; end++) {
      assertThrows(() => decodeActorMessage(bytes.subarray(0, end)), ProtocolError);
    }
  }
});

Deno.test("History.add() lets names fade out", () => {
  const history = new History(3);
  history.replace(["c", "a", "b"]);
  history.add("d");
  assertEquals(history.names, ["d", "c", "a"]);
  history.add("c");
  assertEquals(history.names, ["c", "d"]);
  history.add("d");
  assertEquals(history.names, ["d", "c"]);
  const all = new History(0);
  for (const name of "abcdefgh") all.add(name);
  assertEquals(all.names.join(""), "hgfedcba");
});

Deno.test("goesBefore(): a value before none, the greater value, then the lower name", () => {
  assertEquals(goesBefore("b", [1, 1], "a", null), true);
  assertEquals(goesBefore("a", null, "b", [0, 0]), false);
  assertEquals(goesBefore("b", [2, 0], "a", [1, 9]), true);
  assertEquals(goesBefore("b", [2, 3], "a", [2, 2]), true);
  assertEquals(goesBefore("a", [2, 2], "b", [2, 2]), true);
  assertEquals(goesBefore("b", 5, "a", 5), false);
});

Deno.test("settingsProblem() names what cannot work", () => {
  assertEquals(settingsProblem(mainSettings), undefined);
  assertEquals(
    settingsProblem({ ...mainSettings, cycleMs: 5000 }),
    "the cycle must be at least three gaps: 5 s and 2 s given",
  );
});
