import { Attempts } from "../../../server/auth/attempts.ts";
import { placeOf } from "../../../server/auth/peer_place.ts";
import { AuthError, RequestError } from "../../../wire/errors.ts";
import { assertEquals, assertRejects } from "../../support/assert.ts";

class Clock {
  ms = 1_000_000;
  readonly attempts = new Attempts(() => this.ms);

  fail(place: string, user: string): Promise<AuthError> {
    return assertRejects(
      () => this.attempts.look(place, user, () => Promise.reject(new AuthError("wrong"))),
      AuthError,
      "wrong",
    );
  }

  async refuses(place: string, user: string): Promise<string> {
    const error = await assertRejects(() => this.succeed(place, user), RequestError, "Too many failed logins");
    assertEquals(error.code, "limit");
    return error.message;
  }

  succeed(place: string, user: string): Promise<string> {
    return this.attempts.look(place, user, () => Promise.resolve("in"));
  }
}

Deno.test("attempts: five failures are free, then each doubles the time until the next is looked at", async () => {
  const clock = new Clock();
  for (let i = 0; i < 5; i++) await clock.fail("here", "joe");
  assertEquals(await clock.refuses("here", "joe"), "Too many failed logins: try again in 1 s");
  clock.ms += 1000;
  await clock.fail("here", "joe");
  clock.ms += 1999;
  await clock.refuses("here", "joe");
  clock.ms += 1;
  for (let i = 0; i < 20; i++) {
    await clock.fail("here", "joe");
    clock.ms += 60_000;
  }
  assertEquals(await clock.succeed("here", "joe"), "in");
});

Deno.test("attempts: nobody is locked out from elsewhere, and other users are not", async () => {
  const clock = new Clock();
  for (let i = 0; i < 5; i++) await clock.fail("here", "joe");
  await clock.refuses("here", "joe");
  assertEquals(await clock.succeed("there", "joe"), "in");
  assertEquals(await clock.succeed("here", "jim"), "in");
});

Deno.test("attempts: who tries many users is slowed down, too; success as one of them forgives that not", async () => {
  const clock = new Clock();
  for (let i = 0; i < 30; i++) await clock.fail("here", `user${i}`);
  await clock.refuses("here", "another");
  clock.ms += 1000;
  assertEquals(await clock.succeed("here", "own"), "in");
  await clock.fail("here", "another");
  await clock.refuses("here", "own");
});

Deno.test("attempts: success forgives, and time does", async () => {
  const clock = new Clock();
  for (let round = 0; round < 5; round++) {
    for (let i = 0; i < 4; i++) await clock.fail("here", "joe");
    await clock.succeed("here", "joe");
  }
  for (let i = 0; i < 5; i++) await clock.fail("here", "joe");
  clock.ms += 15 * 60_000;
  for (let i = 0; i < 4; i++) await clock.fail("here", "joe");
  assertEquals(await clock.succeed("here", "joe"), "in");
});

Deno.test("attempts: only failures count, not what a server could not do", async () => {
  const clock = new Clock();
  for (let i = 0; i < 10; i++) {
    await assertRejects(() =>
      clock.attempts.look("here", "joe", () => Promise.reject(new RequestError("limit", "too much")))
    );
  }
  assertEquals(await clock.succeed("here", "joe"), "in");
});

Deno.test("attempts: of one user and place they are looked at one after the other, and not endlessly many wait", async () => {
  const clock = new Clock();
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  promise.catch(() => {});
  let looked = 0;
  const attempt = () => clock.attempts.look("here", "joe", () => (looked++, promise));
  const all = Array.from({ length: 32 }, () => attempt().catch((error: Error) => error.message));
  await assertRejects(attempt, RequestError, "Too many logins at once");
  assertEquals(await clock.succeed("here", "jim"), "in");
  reject(new AuthError("wrong"));
  resolve("never");
  const results = await Promise.all(all);
  assertEquals(results.filter((text) => text === "wrong").length, 5, "the rest came too early");
  assertEquals(looked, 5);
});

Deno.test("attempts: one place has so many looked at, and others come through meanwhile", async () => {
  const clock = new Clock();
  const { promise, resolve } = Promise.withResolvers<string>();
  let looked = 0;
  const crowd = Array.from(
    { length: 100 },
    (_, i) =>
      clock.attempts.look("here", `user${i}`, () => (looked++, promise)).catch(({ code }: RequestError) => code),
  );
  assertEquals(await clock.succeed("there", "joe"), "in");
  assertEquals(looked, 4);
  resolve("in");
  const results = await Promise.all(crowd);
  assertEquals(results.filter((result) => result === "in").length, 68);
  assertEquals(results.filter((result) => result === "limit").length, 32);
});

Deno.test("attempts: the memory of failures is bounded", async () => {
  const clock = new Clock();
  for (let i = 0; i < 5; i++) await clock.fail("first", "joe");
  for (let i = 0; i < 12_000; i++) await clock.fail(`place${i}`, "x");
  assertEquals(await clock.succeed("first", "joe"), "in", "the oldest is forgotten");
});

Deno.test("placeOf() is an IPv4 address, or the network of an IPv6 address", () => {
  assertEquals(placeOf("127.0.0.1:5000"), "127.0.0.1");
  assertEquals(placeOf("[::ffff:10.0.0.1]:5000"), "10.0.0.1");
  assertEquals(placeOf("[2001:db8:1:2:3:4:5:6]:80"), "2001:db8:1:2");
  assertEquals(placeOf("[2001:db8::1:2]:5000"), "2001:db8:0:0");
  assertEquals(placeOf("[2001:db8::]:5000"), "2001:db8:0:0");
  assertEquals(placeOf("[::1]:5000"), "0:0:0:0");
  assertEquals(placeOf("memory"), "memory");
});
