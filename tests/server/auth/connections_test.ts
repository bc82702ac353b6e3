import { type Connection, Connections, type Verdict } from "../../../server/auth/connections.ts";
import type { Identity } from "../../../server/auth/identity.ts";
import { assertEquals } from "../../support/assert.ts";
import { ManualClock } from "../../support/manual_clock.ts";

class Fake implements Connection {
  identity: Identity | undefined;
  needsLogin = true;
  reason = "";
  become(identity: Identity): void {
    this.identity = identity;
    this.needsLogin = false;
  }
  dismiss(reason: string): void {
    this.reason = reason;
  }
}

const joe = (untilMs?: number): Identity => ({
  method: "token",
  user: "joe",
  aclName: undefined,
  convGroup: undefined,
  ...(untilMs === undefined ? {} : { untilMs }),
});

Deno.test("connections: who does not log in within a minute goes; who has logged in or left does not", () => {
  const clock = new ManualClock();
  using connections = new Connections(() => undefined, clock);
  const [idle, user, gone] = [new Fake(), new Fake(), new Fake()];
  for (const connection of [idle, user, gone]) connections.add(connection);
  user.become(joe());
  connections.delete(gone);
  clock.advance(60_000);
  assertEquals([idle.reason, user.reason, gone.reason], ["Nobody has logged in here in time", "", ""]);
});

Deno.test("connections: a login with an end is reviewed at its end, however far it is", () => {
  const clock = new ManualClock();
  const judged: Fake[] = [];
  const judge = (connection: Connection): Verdict => {
    const fake = connection as Fake;
    judged.push(fake);
    return (fake.identity?.untilMs ?? Infinity) <= clock.nowMs() ? "over" : undefined;
  };
  using connections = new Connections(judge, clock);
  const [short, long] = [new Fake(), new Fake()];
  short.become(joe(45_000));
  long.become(joe(100_000));
  connections.add(short);
  connections.add(long);
  connections.watchClock();
  clock.advance(44_999);
  assertEquals([short.reason, long.reason], ["", ""]);
  clock.advance(1);
  assertEquals([short.reason, long.reason], ["over", ""]);
  clock.advance(55_000);
  assertEquals(long.reason, "over");
  assertEquals(clock.timers, 0);
});

Deno.test("connections: without ends no clock is looked at", () => {
  const clock = new ManualClock();
  using connections = new Connections(() => undefined, clock);
  const user = new Fake();
  user.become(joe());
  connections.add(user);
  connections.review();
  assertEquals(clock.timers, 0);
});
