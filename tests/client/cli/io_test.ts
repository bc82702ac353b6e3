import { OutputClosed } from "../../../client/cli/errors.ts";
import { SinkOutput } from "../../../client/cli/io.ts";
import { assertEquals, assertThrows } from "../../support/assert.ts";
import { ManualClock } from "../../support/manual_clock.ts";

/** A sink that takes at most so many bytes at a time, and after so many writes no more. */
class Sink {
  readonly writes: string[] = [];
  constructor(readonly bytesMax: number = Infinity, readonly writesMax: number = Infinity) {}

  writeSync(bytes: Uint8Array): number {
    if (this.writes.length >= this.writesMax) throw new Deno.errors.BrokenPipe("gone");
    const taken = bytes.subarray(0, this.bytesMax);
    this.writes.push(new TextDecoder().decode(taken));
    return taken.length;
  }

  isTerminal(): boolean {
    return false;
  }
}

Deno.test("SinkOutput writes at the end of the code that runs", async () => {
  const sink = new Sink();
  const output = new SinkOutput(sink);
  output.write("a");
  output.write("b");
  assertEquals(sink.writes, []);
  await Promise.resolve();
  assertEquals([sink.writes, output.columns], [["ab"], undefined]);
});

Deno.test("SinkOutput gathers what comes soon after, in order with bytes", async () => {
  const sink = new Sink();
  const clock = new ManualClock();
  const output = new SinkOutput(sink, clock);
  for (const part of ["a", "b", "c"]) {
    output.write(part);
    await Promise.resolve();
  }
  output.write(new TextEncoder().encode("d"));
  output.flush();
  assertEquals(sink.writes, ["a", "bc", "d"]);
  output.write("e");
  assertEquals([clock.timers, sink.writes.length], [1, 3]);
  clock.advance(10);
  assertEquals([clock.timers, sink.writes], [0, ["a", "bc", "d", "e"]]);
  output.write("f");
  clock.advance(10);
  assertEquals([clock.timers, sink.writes.at(-1)], [0, "f"]);
});

Deno.test("SinkOutput writes everything although the sink takes a part, and much at once", () => {
  const sink = new Sink(1000);
  const output = new SinkOutput(sink);
  const text = "x".repeat(70_000);
  output.write(text);
  assertEquals(sink.writes.join(""), text);
});

Deno.test("SinkOutput says at the next write that the reader is gone", async () => {
  const output = new SinkOutput(new Sink(Infinity, 0));
  output.write("a");
  await Promise.resolve();
  assertThrows(() => output.write("b"), OutputClosed);
  assertThrows(() => new SinkOutput(new Sink(Infinity, 0)).write(Uint8Array.of(1)), OutputClosed);
});
