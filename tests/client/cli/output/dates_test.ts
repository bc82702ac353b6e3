import { addDates, localTime } from "../../../../client/cli/output/dates.ts";
import { Float } from "../../../../wire/value.ts";
import { assertEquals, assertIncludes } from "../../../support/assert.ts";

const now = Date.UTC(2026, 0, 2, 3, 4, 5);

Deno.test("addDates() explains numbers near now, also deep within", () => {
  const seen = now / 1000 + 0.25;
  assertEquals(addDates({ seen, list: [{ t: new Float(now / 1000) }], n: 5, _t: seen, far: 1 }, now), {
    seen,
    _seen: localTime(seen),
    list: [{ t: new Float(now / 1000), _t: localTime(now / 1000) }],
    n: 5,
    _t: seen,
    far: 1,
  });
  assertEquals(addDates(seen, now), seen);
});

Deno.test("localTime() has milliseconds", () => {
  assertIncludes(localTime(now / 1000 + 0.25), /^2026-01-0[123] \d\d:\d\d:05\.250$/);
});
