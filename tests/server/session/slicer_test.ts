import { assertEquals } from "../../support/assert.ts";
import { Slicer } from "../../../server/session/slicer.ts";

/** A connection that wants a number of steps, each of which takes a while. */
class Member {
  steps = 0;
  constructor(readonly name: string, readonly wanted: number, readonly trace: string[], readonly spend: () => void) {}

  step(): boolean {
    this.trace.push(this.name);
    this.spend();
    return ++this.steps < this.wanted;
  }

  flush(): void {}
}

Deno.test("connections get steps in turn, and nobody else waits longer than a slice", async () => {
  let now = 0;
  let isFree = true;
  const trace: string[] = [];
  const slicer = new Slicer(() => isFree, () => now);
  const spend = () => now += 1;
  for (const [name, wanted] of [["a", 3], ["b", 1], ["c", 2]] as const) {
    slicer.add(new Member(name, wanted, trace, spend));
  }
  slicer.run();
  assertEquals(trace, ["a", "b"], "two milliseconds");
  isFree = false;
  await new Promise((done) => setImmediate(() => setImmediate(done)));
  assertEquals(trace.length, 2, "not while a turn is open");
  isFree = true;
  slicer.run();
  for (let turn = 0; turn < 4; turn++) await new Promise((done) => setImmediate(done));
  assertEquals(trace, ["a", "b", "c", "a", "c", "a"]);
});

Deno.test("a connection that is gone gets no more steps", () => {
  const trace: string[] = [];
  const slicer = new Slicer(() => true, () => 0);
  const member = new Member("a", 5, trace, () => {});
  slicer.add(member);
  slicer.remove(member);
  slicer.run();
  assertEquals(trace, []);
});
