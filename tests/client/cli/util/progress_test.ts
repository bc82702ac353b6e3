import { assertEquals } from "../../../support/assert.ts";
import { Progress } from "../../../../client/cli/util/progress.ts";

function terminal(isTerminal: boolean) {
  let text = "";
  const output = { write: (data: string | Uint8Array) => void (text += data), flush: () => {}, isTerminal };
  return { output: { ...output, columns: 80 }, shown: () => text };
}

Deno.test("Progress shows a count on a terminal, now and then, and takes it away", () => {
  const { output, shown } = terminal(true);
  let nowMs = 0;
  {
    using progress = new Progress(output, "records", () => nowMs);
    progress.at(1);
    nowMs = 400;
    progress.at(2);
    assertEquals(shown(), "");
    nowMs = 600;
    progress.at(1234, 5000);
    progress.at(1235, 5000);
    assertEquals(shown(), "\r\x1b[K1,234 of 5,000 (24 %) records");
    nowMs = 900;
    progress.at(6000);
  }
  assertEquals(shown(), "\r\x1b[K1,234 of 5,000 (24 %) records\r\x1b[K6,000 records\r\x1b[K");
});

Deno.test("Progress writes nothing elsewhere", () => {
  const { output, shown } = terminal(false);
  let nowMs = 0;
  {
    using progress = new Progress(output, "records", () => nowMs);
    nowMs = 1000;
    progress.at(1);
  }
  assertEquals(shown(), "");
});
