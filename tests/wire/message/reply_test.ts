import { replyKeys, writeError, writeSeq, writeTock } from "../../../wire/message/reply.ts";
import { decode } from "../../../wire/msgpack/decoder.ts";
import { assertEquals } from "../../support/assert.ts";
import { bytesOf, scanned } from "./support.ts";

Deno.test("the names of reply fields are what they say", () => {
  for (const [name, bytes] of Object.entries(replyKeys)) assertEquals(decode(bytes), name);
});

Deno.test("a number is echoed byte for byte", () => {
  const view = scanned(Uint8Array.of(0x81, 0xa3, 0x73, 0x65, 0x71, 0xcd, 0, 5));
  const reply = bytesOf((out) => {
    out.mapHeader(2);
    writeTock(out, 300);
    writeSeq(out, view.bytes, view.seqStart, view.seqEnd);
  });
  assertEquals(reply.toHex(), "82a4746f636bcd012ca3736571cd0005");
});

Deno.test("an error has the original's text and our code", () => {
  const text = "KeyError(P('nope'))";
  assertEquals(decode(bytesOf((out) => writeError(out, text, "not_found", 9))), {
    error: text,
    etype: "not_found",
    tock: 9,
  });
  const seq = Uint8Array.of(7);
  assertEquals((decode(bytesOf((out) => writeError(out, text, "not_found", 9, seq))) as { seq: number }).seq, 7);
});
