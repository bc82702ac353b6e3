/** What every backend has to do, whatever carries its messages. */

import type { Backend, BackendEvent, Channel } from "../../server/backend/backend.ts";
import { assertEquals, assertTrue } from "../support/assert.ts";

/** How the suite gets backends that can hear each other, and takes their connection away. */
export interface BackendFixture extends AsyncDisposable {
  /** Another backend on the same network, attached. */
  open(): Promise<Backend>;
  /** Interrupts every connection, and lets it come back; resolves when all are attached again. Absent: cannot. */
  readonly interrupt?: () => Promise<void>;
  /** Whether filters with `+` and `#` are understood. */
  readonly hasWildcards: boolean;
  /** Payloads up to this size pass. */
  readonly payloadBytesMax: number;
}

/** Resolves when `backend` is attached. */
export function attached(backend: Backend): Promise<void> {
  if (backend.isAttached) return Promise.resolve();
  const { promise, resolve } = Promise.withResolvers<void>();
  const watching = backend.watch((event) => event.kind === "attached" && resolve());
  return promise.finally(() => watching[Symbol.dispose]());
}

/** Resolves when `backend` has lost its connection and has it again. */
function reattached(backend: Backend): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  let wasDetached = false;
  const watching = backend.watch((event) => {
    if (event.kind === "detached") wasDetached = true;
    else if (wasDetached) resolve();
  });
  return promise.finally(() => watching[Symbol.dispose]());
}

/** Collects what arrives on a filter. */
export class Inbox implements Disposable {
  readonly messages: { channel: Channel; payload: Uint8Array }[] = [];
  readonly #monitor: Disposable;
  #more = Promise.withResolvers<void>();

  constructor(backend: Backend, filter: Channel) {
    this.#monitor = backend.monitor(filter, (payload, channel) => {
      this.messages.push({ channel, payload });
      this.#more.resolve();
      this.#more = Promise.withResolvers<void>();
    });
  }

  /** Resolves when `count` messages have arrived in all. */
  async count(count: number): Promise<void> {
    while (this.messages.length < count) await this.#more.promise;
  }

  [Symbol.dispose](): void {
    this.#monitor[Symbol.dispose]();
  }
}

const ROOT: Channel = ["moat", "kv"];
const update: Channel = [...ROOT, "update"], info: Channel = [...ROOT, "info"], marker: Channel = [...ROOT, "marker"];

/** Subscribes, and makes sure that the subscription counts: a broker answers in its own time. */
async function listen(backend: Backend, filter: Channel, from: Backend): Promise<Inbox> {
  const inbox = new Inbox(backend, filter);
  const probe = filter.map((level) => level === "#" || level === "+" ? "probe" : level);
  while (inbox.messages.length === 0) {
    from.publish(probe, new Uint8Array([0]));
    await Promise.race([inbox.count(1), new Promise((resolve) => setTimeout(resolve, 50))]);
  }
  await settle(backend, from);
  inbox.messages.length = 0;
  return inbox;
}

/** Everything that was sent before has arrived. */
async function settle(backend: Backend, from: Backend): Promise<void> {
  using inbox = new Inbox(backend, marker);
  while (inbox.messages.length === 0) {
    from.publish(marker, new Uint8Array([1]));
    await Promise.race([inbox.count(1), new Promise((resolve) => setTimeout(resolve, 50))]);
  }
}

/** Registers the suite for one kind of backend. */
export function testBackend(name: string, ignore: boolean, open: () => Promise<BackendFixture>): void {
  const test = (what: string, body: (fixture: BackendFixture) => Promise<void>) =>
    Deno.test({
      name: `${name}: ${what}`,
      ignore,
      fn: async () => {
        await using fixture = await open();
        await body(fixture);
      },
    });

  test("everybody hears a message, the sender included, byte for byte", async (fixture) => {
    await using a = await fixture.open();
    await using b = await fixture.open();
    using atA = await listen(a, update, a);
    using atB = await listen(b, update, a);
    await settle(a, a);
    atA.messages.length = 0;
    const payload = new Uint8Array(256).map((_, i) => i);
    assertEquals(a.publish(update, payload), true);
    payload.fill(0); // the sender may use its buffer again at once
    for (const inbox of [atA, atB]) {
      await inbox.count(1);
      assertEquals(inbox.messages[0].channel, update);
      assertEquals([...inbox.messages[0].payload], [...new Uint8Array(256).map((_, i) => i)]);
    }
  });

  test("channels are kept apart", async (fixture) => {
    await using a = await fixture.open();
    await using b = await fixture.open();
    using updates = await listen(b, update, a);
    using infos = await listen(b, info, a);
    a.publish(update, new Uint8Array([1]));
    a.publish(info, new Uint8Array([2]));
    await updates.count(1);
    await infos.count(1);
    await settle(b, a);
    assertEquals([updates.messages.length, updates.messages[0].payload[0]], [1, 1]);
    assertEquals([infos.messages.length, infos.messages[0].payload[0]], [1, 2]);
  });

  test("messages of one channel keep their order when nothing is lost", async (fixture) => {
    await using a = await fixture.open();
    using inbox = await listen(a, update, a);
    for (let i = 0; i < 200; i++) a.publish(update, new Uint8Array([i]));
    await inbox.count(200);
    assertEquals(inbox.messages.map((each) => each.payload[0]), Array.from({ length: 200 }, (_, i) => i));
  });

  test("a receiver that was taken away hears nothing more; another on the same channel does", async (fixture) => {
    await using a = await fixture.open();
    const first = await listen(a, update, a);
    using second = await listen(a, update, a);
    first[Symbol.dispose]();
    first.messages.length = 0;
    a.publish(update, new Uint8Array([1]));
    await second.count(1);
    assertEquals(first.messages, []);
  });

  test("a channel that is left and taken up again at once is heard", async (fixture) => {
    await using a = await fixture.open();
    await using b = await fixture.open();
    for (let i = 0; i < 20; i++) {
      using _other = new Inbox(b, info);
      await settle(b, a);
    }
  });

  test("a large message passes", async (fixture) => {
    await using a = await fixture.open();
    await using b = await fixture.open();
    using inbox = await listen(b, update, a);
    const size = fixture.payloadBytesMax;
    a.publish(update, new Uint8Array(size).fill(7));
    await inbox.count(1);
    assertEquals(inbox.messages[0].payload.length, size);
    assertTrue(inbox.messages[0].payload.every((byte) => byte === 7));
  });

  test("wildcards", async (fixture) => {
    if (!fixture.hasWildcards) return;
    await using a = await fixture.open();
    using one = await listen(a, ["talk", "+", "x"], a);
    a.publish(["talk", "b", "x"], new Uint8Array([1]));
    a.publish(["talk", "b", "y"], new Uint8Array([2]));
    a.publish(["talk", "c", "x"], new Uint8Array([3]));
    await one.count(2);
    assertEquals(one.messages.map((each) => each.payload[0]), [1, 3]);
    assertEquals(one.messages[1].channel, ["talk", "c", "x"]);
  });

  test("it comes back after an interruption, says so, and its channels with it", async (fixture) => {
    if (!fixture.interrupt) return;
    await using a = await fixture.open();
    await using b = await fixture.open();
    using inbox = await listen(b, update, a);
    const events: BackendEvent["kind"][] = [];
    using _watching = b.watch((event) => events.push(event.kind));
    const back = Promise.all([reattached(a), reattached(b)]);
    await fixture.interrupt();
    await back;
    assertEquals(events, ["detached", "attached"]);
    assertEquals(b.counters.connects, 2);
    a.publish(update, new Uint8Array([9]));
    await inbox.count(1);
    assertEquals(inbox.messages[0].payload[0], 9);
  });

  test("what is closed drops, and counts what it dropped", async (fixture) => {
    const a = await fixture.open();
    await a[Symbol.asyncDispose]();
    assertEquals(a.publish(update, new Uint8Array([1])), false);
    assertEquals(a.counters.dropped, 1);
  });
}
