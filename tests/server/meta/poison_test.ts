import fc from "fast-check";
import { encode } from "../../../wire/msgpack/encoder.ts";
import type { ElementKey } from "../../../wire/path/keys.ts";
import { P } from "../../../wire/path/template.ts";
import { Path } from "../../../wire/path/path.ts";
import type { Value } from "../../../wire/value.ts";
import { anyValue } from "../../support/arbitrary_value.ts";
import { assertEquals } from "../../support/assert.ts";
import { breakDown, FakeSandbox, reject } from "../../support/fake_sandbox.ts";
import { Bench } from "../session/bench.ts";

const codes = {
  ok: () => 1,
  no: () => reject("no"),
  slow: () => breakDown("timeout", "TimeoutError('50 ms')"),
  crash: () => breakDown("crash", "RuntimeError('gone')"),
};

const name = fc.constantFrom<ElementKey>("a", "b", "+", "#", 1, "g");
const path = fc.array(name, { maxLength: 3 });
const code = fc.constantFrom<Value>("ok", "no", "slow", "crash", "nonsense", null, 5);
/** Records that nearly make sense, and anything. */
const record: fc.Arbitrary<Value> = fc.oneof(
  anyValue,
  fc.record({ code, schema: fc.constantFrom<Value>(null, true), lang: fc.constantFrom<Value>("js", "python", 7) }),
  fc.record({ type: fc.constantFrom<Value>(P("a"), "a.b", ["a"], "", 5, P(":"), [[]]) }),
  fc.record({ decode: code, encode: code, in: anyValue }),
  fc.record({ codec: fc.constantFrom<Value>(P("a"), "b", [], null) }),
) as fc.Arbitrary<Value>;
const poison = fc.tuple(fc.constantFrom("type", "match", "codec", "conv"), path, record);

Deno.test("whatever lies in the hidden tree, requests are answered, and nothing is the server's fault", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(poison, { maxLength: 12 }), path, fc.integer(), async (poisons, at, value) => {
      await using bench = new Bench({ sandbox: new FakeSandbox(codes) });
      const client = await bench.connect();
      client.session.conversion = bench.parts.services.meta.conversion("g");
      for (const [branch, keys, content] of poisons) {
        const whole = [null, branch, ...keys];
        const bytes = encode(content);
        bench.cycle.run(() => void bench.store.write(bench.store.ensure(whole, whole.length), bytes, 0, bytes.length));
      }
      await bench.cycle.committed();
      const target = Path.of(...at as (string | number)[]);
      const replies = [
        await client.ask("set_value", { path: target, value }),
        await client.ask("get_value", { path: target }),
        await client.ask("delete_value", { path: target }),
        await client.ask("list_broken"),
        await client.ask("enum", { path: P(":"), with_data: true }),
      ];
      const items = [
        ...await client.stream("get_tree", { path: P(":") }),
        ...await client.stream("check_type", { path: P("#") }),
      ];
      for (const { etype } of [...replies, ...items]) assertEquals(etype === "internal", false);
      assertEquals(bench.defects, []);
    }),
    { numRuns: 300 },
  );
});

Deno.test("whatever a client stores in the hidden tree, it is taken or refused, and nothing is the server's fault", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(poison, { maxLength: 8 }), async (poisons) => {
      await using bench = new Bench({ sandbox: new FakeSandbox(codes) });
      const client = await bench.connect();
      for (const [branch, keys, value] of poisons) {
        const path = Path.of(branch, ...keys as (string | number)[]);
        assertEquals((await client.ask("set_internal", { path, value })).etype === "internal", false);
        assertEquals((await client.ask("set_value", { path: P("a.b"), value: 1 })).etype === "internal", false);
      }
      assertEquals(bench.defects, []);
    }),
    { numRuns: 300 },
  );
});
