import { type Hardness, Stretcher } from "../../../server/auth/stretcher.ts";
import { RequestError } from "../../../wire/errors.ts";
import { assertEquals, assertRejects, assertTrue } from "../../support/assert.ts";

const utf8 = new TextEncoder();
const cheap: Hardness = { n: 16, r: 1, p: 1 };

Deno.test("stretcher: the scrypt of RFC 7914", async () => {
  const stretcher = new Stretcher();
  const hash = await stretcher.stretch(utf8.encode("pleaseletmein"), utf8.encode("SodiumChloride"), {
    n: 16384,
    r: 8,
    p: 1,
  });
  assertEquals(hash.toHex(), "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2");
});

Deno.test("stretcher: the strength of new hashes is bearable", async () => {
  const { hardness } = await import("../../../server/auth/stretcher.ts");
  assertEquals(hardness, { n: 2 ** 15, r: 8, p: 1 });
  assertEquals((await new Stretcher().stretch(new Uint8Array(32), new Uint8Array(16), hardness)).length, 32);
});

Deno.test("stretcher: what another server stored cannot ask for all memory and time", async () => {
  const stretcher = new Stretcher();
  for (
    const how of [
      { n: 2 ** 24, r: 8, p: 1 },
      { n: 2 ** 15, r: 8, p: 1000 },
      { n: 16, r: 2 ** 30, p: 1 },
      { n: 15, r: 8, p: 1 },
      { n: 1, r: 8, p: 1 },
      { n: 0, r: 8, p: 1 },
      { n: -16, r: 8, p: 1 },
      { n: NaN, r: 8, p: 1 },
      { n: 16, r: 0.5, p: 1 },
      { n: Infinity, r: 8, p: 1 },
    ]
  ) {
    await assertRejects(
      () => stretcher.stretch(new Uint8Array(1), new Uint8Array(1), how),
      RequestError,
      /asks for more/,
    );
  }
});

Deno.test("stretcher: of very many at once some are refused, and afterwards it works on", async () => {
  const stretcher = new Stretcher(2);
  const run = () => stretcher.stretch(new Uint8Array(1), new Uint8Array(1), cheap);
  const results = await Promise.allSettled(Array.from({ length: 200 }, run));
  const done = results.filter(({ status }) => status === "fulfilled").length;
  assertEquals(done, 66, "two run, 64 wait");
  assertTrue(
    results.every((result) => result.status === "fulfilled" || (result.reason as RequestError).code === "limit"),
  );
  assertEquals((await Promise.all([run(), run(), run()])).length, 3);
});
