import { MicroPython } from "../../../../../server/meta/sandbox/child/micropython.ts";
import { assertEquals, assertFalse, assertTrue } from "../../../../support/assert.ts";

const bytesMax = 40 * 1024 * 1024;
const encoder = new TextEncoder();

function holds(python: MicroPython, text: string): boolean {
  const [first, ...rest] = encoder.encode(text);
  const { bytes } = python;
  for (let at = bytes.indexOf(first); at >= 0; at = bytes.indexOf(first, at + 1)) {
    if (rest.every((byte, i) => bytes[at + 1 + i] === byte)) return true;
  }
  return false;
}

Deno.test("an interpreter that begins from an image again has nothing of before", () => {
  const image = new MicroPython(bytesMax).image();
  const python = new MicroPython(bytesMax, image);
  python.exec("kept = ['sec' + 'ret-%d' % i for i in range(2000)] + [bytearray(3000000), 'last-' + 'one']");
  assertTrue(holds(python, "secret-1999") && holds(python, "last-one"));
  assertTrue(python.usedBytes(image) > 3_000_000);
  python.reset(image);
  assertFalse(holds(python, "secret-") || holds(python, "last-one"));
  assertEquals(python.bytes.findLastIndex((byte) => byte !== 0) < image.bytes.length, true);
  python.exec("try: kept\nexcept NameError: pass\nelse: raise ValueError('left')");
});

Deno.test("two interpreters from one image are two", () => {
  const image = new MicroPython(bytesMax).image();
  const [one, two] = [new MicroPython(bytesMax, image), new MicroPython(bytesMax, image)];
  one.exec("x = 1");
  two.exec("try: x\nexcept NameError: pass\nelse: raise ValueError('shared')");
  one.exec("assert x == 1");
});
