import { Broadcast } from "../../client/broadcast.ts";
import { ItemQueue } from "../../client/queue.ts";
import { assertEquals, assertRejects } from "../support/assert.ts";

Deno.test("ItemQueue hands items over in order and refuses what has no room", async () => {
  const queue = new ItemQueue<number>(2);
  assertEquals([queue.push(1), queue.push(2), queue.push(3)], [true, true, false]);
  assertEquals((await queue.next()).value, 1);
  assertEquals(queue.push(4), true);
  assertEquals([(await queue.next()).value, (await queue.next()).value], [2, 4]);
  const waiting = queue.next();
  queue.push(5);
  assertEquals(await waiting, { done: false, value: 5 });
});

Deno.test("ItemQueue ends after its items, and throws its error once", async () => {
  const queue = new ItemQueue<number>(9);
  queue.push(1);
  queue.close(new Error("over"));
  queue.push(2);
  assertEquals((await queue.next()).value, 1);
  await assertRejects(() => queue.next(), Error, "over");
  assertEquals((await queue.next()).done, true);
  const other = new ItemQueue<number>(9);
  const waiting = other.next();
  await assertRejects(() => other.next(), TypeError, "Only one task");
  other.close();
  assertEquals((await waiting).done, true);
});

Deno.test("ItemQueue stays small over many items", async () => {
  const queue = new ItemQueue<number>(5000);
  let next = 0;
  for (let i = 0; i < 20_000; i++) {
    queue.push(i);
    if (i > 3000) assertEquals((await queue.next()).value, next++);
  }
  assertEquals(queue.length, 20_000 - next);
});

Deno.test("Broadcast tells every reader, drops the oldest for the slow, and ends with a break", async () => {
  const events = new Broadcast<number>();
  const slow = events.subscribe([-1]);
  const left = events.subscribe();
  for (let i = 0; i < 150; i++) events.send(i);
  assertEquals((await slow.next()).value, 50);
  for await (const event of left) if (event === 60) break;
  events.send(150);
  events.close();
  let last = 0;
  for await (const event of slow) last = event;
  assertEquals(last, 150);
  assertEquals((await events.subscribe([7]).next()).value, 7);
});
