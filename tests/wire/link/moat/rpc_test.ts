import { MoatRemoteError, MoatRpc } from "../../../../wire/link/moat/rpc.ts";
import { Ext, type Value } from "../../../../wire/value.ts";
import { assertEquals, assertRejects, assertTrue } from "../../../support/assert.ts";

function end(serve?: ConstructorParameters<typeof MoatRpc>[0]["serve"]): { rpc: MoatRpc; sent: Value[] } {
  const sent: Value[] = [];
  return { rpc: new MoatRpc({ send: (message) => void sent.push(message), serve }), sent };
}

Deno.test("MoatRpc: numbers are even where an exchange begins, and odd in its answers", async () => {
  const { rpc, sent } = end();
  const first = rpc.call(["f", "stat"], { p: "x" });
  const second = rpc.call(["_sys", "ping"], { m: 1 });
  assertEquals(sent, [{ i: 2, a: ["f", "stat"], d: { p: "x" } }, { i: 4, a: ["_sys", "ping"], d: { m: 1 } }]);
  rpc.receive({ i: 5, d: { m: 1 } });
  assertEquals(await second, { m: 1 });
  rpc.receive({ i: 3, e: new Ext(4, new TextEncoder().encode("_FnErr")), d: ["x"] });
  const error = await assertRejects(() => first, MoatRemoteError, "_FnErr: x");
  assertEquals([error.kind, error.args], ["_FnErr", ["x"]]);
});

Deno.test("MoatRpc: small numbers are used again", async () => {
  const { rpc, sent } = end();
  for (let i = 0; i < 200; i++) {
    const call = rpc.call(["x"]);
    const { i: id } = sent.at(-1) as { i: number };
    assertTrue(id % 2 === 0 && id < 128, `number ${id}`);
    rpc.receive({ i: id ^ 1, d: i });
    assertEquals(await call, i);
  }
});

Deno.test("MoatRpc: an iteration hands out each value once, and ends by either side", () => {
  const { rpc, sent } = end();
  const values: Value[] = [];
  let ended = 0;
  const stop = rpc.iterate(["adc", "r"], {}, 250, (value) => values.push(value), () => ended++);
  assertEquals(sent, [{ i: 2, a: ["adc", "r"], d: {}, r: 250 }]);
  rpc.receive({ i: 3, r: 250 });
  for (const [d, n] of [[1, 1], [1, 1], [2, 2], [5, 9]]) rpc.receive({ i: 3, d, n });
  assertEquals(values, [1, 2, 5]);
  stop();
  assertEquals(sent.at(-1), { i: 2 });
  rpc.receive({ i: 3, d: 7, n: 10 });
  assertEquals([values.length, ended], [3, 0]);
  rpc.iterate(["adc", "r"], {}, 250, () => {}, () => ended++);
  rpc.receive({ i: 5, r: false });
  assertEquals(ended, 1);
});

Deno.test("MoatRpc: requests of the other end are answered, and refused where nothing is served", async () => {
  const served = end((path, args) => Promise.resolve([...path, args.x ?? null]));
  served.rpc.receive({ i: 8, a: ["a", 1], d: { x: 5 } });
  const refused = end();
  refused.rpc.receive({ i: 8, a: "ab", d: {} });
  await Promise.resolve();
  await Promise.resolve();
  await Promise.resolve();
  assertEquals(served.sent, [{ i: 9, d: ["a", 1, 5] }]);
  assertEquals(refused.sent, [{ i: 9, e: "E:nothing is served here" }]);
});

Deno.test("MoatRpc: nonsense is counted, a lost link fails what is open", async () => {
  const { rpc } = end();
  for (const odd of [null, 3, [1], { d: 1 }, { i: "x" }] as Value[]) rpc.receive(odd);
  assertEquals(rpc.oddMessages, 5);
  const call = rpc.call(["x"]);
  rpc.lost("unplugged");
  await assertRejects(() => call, Error, "unplugged");
});
