import { encodeFrame, type FrameForm } from "../../../wire/link/frame.ts";
import { FrameReader } from "../../../wire/link/frame_reader.ts";
import { assertEquals, assertTrue } from "../../support/assert.ts";
import { Random } from "../../support/random.ts";

const text = new TextEncoder();

/** What a reader makes of a stream: frames as hex, console text. */
class Seen {
  frames: string[] = [];
  console: number[] = [];
  damaged = 0;
  readonly reader: FrameReader;

  constructor(form?: FrameForm) {
    this.reader = new FrameReader({
      frame: (data) => void this.frames.push(data.toHex()),
      console: (bytes) => void this.console.push(...bytes),
      damaged: () => void this.damaged++,
    }, { form });
  }

  push(...parts: Uint8Array[]): this {
    for (const part of parts) this.reader.push(part, 0);
    return this;
  }

  get text(): string {
    return new TextDecoder().decode(Uint8Array.from(this.console));
  }
}

const join = (...parts: Uint8Array[]) => Uint8Array.from(parts.flatMap((part) => [...part]));
const hi = encodeFrame(text.encode("Hi"));
const hiHex = text.encode("Hi").toHex();

Deno.test("FrameReader finds frames wherever the stream is cut, and hands out the text between them", () => {
  const stream = join(text.encode("one "), hi, text.encode("two\n"), hi, hi, text.encode("end"));
  for (let a = 0; a <= stream.length; a++) {
    for (let b = a; b <= stream.length; b++) {
      const seen = new Seen().push(stream.subarray(0, a), stream.subarray(a, b), stream.subarray(b));
      assertEquals([seen.frames, seen.text, seen.damaged], [[hiHex, hiHex, hiHex], "one two\nend", 0]);
    }
  }
});

Deno.test("FrameReader loses no intact frame behind one that is cut short, too long, empty or damaged", () => {
  const wrong = hi.slice();
  wrong[3] ^= 4;
  const cases = [hi.subarray(0, 3), Uint8Array.of(0x85, 200), Uint8Array.of(0x85, 0), wrong, Uint8Array.of(0x85)];
  for (const damage of cases) {
    const seen = new Seen().push(damage, hi, hi, encodeFrame(new Uint8Array(127).fill(0x61)));
    assertEquals(seen.frames.slice(0, 2), [hiHex, hiHex], damage.toHex());
    assertTrue(seen.damaged > 0, damage.toHex());
  }
});

Deno.test("FrameReader takes a letter in UTF-8 for text, and a frame behind a stray letter head for a frame", () => {
  const seen = new Seen().push(text.encode("Ångström: 慅\n"), hi, text.encode("Å"));
  seen.reader.time(Infinity);
  assertEquals([seen.frames, seen.text], [[hiHex], "Ångström: 慅\nÅ"]);
  const stray = new Seen().push(Uint8Array.of(0xc3), hi, hi);
  assertEquals([stray.frames, stray.console], [[hiHex, hiHex], [0xc3]]);
});

Deno.test("FrameReader gives a frame up when its bytes stop coming", () => {
  const seen = new Seen();
  seen.reader.push(hi.subarray(0, 4), 1000);
  assertEquals(seen.reader.wakeAtMs, 1100);
  seen.reader.time(1099);
  assertEquals(seen.console.length, 0);
  seen.reader.time(1100);
  assertEquals([seen.console.length, seen.damaged, seen.reader.wakeAtMs], [4, 1, Infinity]);
  seen.reader.push(hi, 1101);
  assertEquals(seen.frames, [hiHex]);
});

Deno.test("FrameReader reads lengths of two bytes where more than 255 bytes are allowed", () => {
  const form = { startByte: 0x85, dataBytesMax: 2000 };
  const sizes = [1, 127, 128, 300, 2000];
  const seen = new Seen(form).push(...sizes.map((size) => encodeFrame(new Uint8Array(size).fill(7), form)));
  assertEquals(seen.frames.map((frame) => frame.length / 2), sizes);
  assertEquals(new Seen(form).push(Uint8Array.of(0x85, 0x82, 0x00, 0x48, 0x69, 0xd8, 0xec)).frames, [hiHex]);
  assertEquals(new Seen(form).push(Uint8Array.of(0x85, 0x80, 0x00), encodeFrame(text.encode("Hi"), form)).frames, [
    hiHex,
  ]);
});

/** A stream of frames of which some bytes are damaged, and which of the frames are intact. */
function damagedStream(random: Random): { stream: Uint8Array; intact: string[]; all: Set<string> } {
  const intact: string[] = [];
  const all = new Set<string>();
  const parts: number[] = [];
  const damage = [0, 0.001, 0.01, 0.05][random.below(4)];
  for (let i = random.below(6) + 1; i > 0; i--) {
    if (random.below(4) === 0) { for (let n = random.below(12); n > 0; n--) parts.push(random.below(256)); }
    const data = Uint8Array.from(
      { length: 1 + random.below(random.below(4) === 0 ? 127 : 20) },
      () => random.below(256),
    );
    if (random.below(4) === 0) data.fill(0x85, 0, random.below(data.length) + 1);
    all.add(data.toHex());
    let isIntact = true;
    for (const byte of encodeFrame(data)) {
      if (random.next() >= damage) parts.push(byte);
      else {
        isIntact = false;
        // A lost start byte is never told from the one of the next frame, which then counts in its place.
        const kind = byte === 0x85 ? 1 : random.below(3);
        if (kind === 1) parts.push(byte ^ 1 << random.below(8));
        if (kind === 2) parts.push(byte, random.below(256));
      }
    }
    if (isIntact) intact.push(data.toHex());
  }
  return { stream: Uint8Array.from(parts), intact, all };
}

Deno.test("FrameReader delivers every intact frame of 100,000 damaged streams, in whatever pieces they come", () => {
  const random = new Random(20_261_125);
  let intactFrames = 0, lost = 0, invented = 0;
  for (let round = 0; round < 100_000; round++) {
    const { stream, intact, all } = damagedStream(random);
    const seen = new Seen();
    for (let at = 0; at < stream.length;) {
      const size = 1 + random.below(40);
      seen.reader.push(stream.subarray(at, at + size), 0);
      at += size;
    }
    seen.reader.time(Infinity);
    intactFrames += intact.length;
    let found = 0;
    for (const frame of seen.frames) if (frame === intact[found]) found++;
    lost += intact.length - found;
    invented += seen.frames.filter((frame) => !all.has(frame)).length;
    const bytes = seen.console.length + seen.frames.reduce((sum, frame) => sum + frame.length / 2 + 4, 0);
    assertEquals(bytes, stream.length, "bytes neither in a frame nor in the text");
  }
  // A checksum of 16 bits lets about one in 65,536 wrong candidates through; such a one may swallow a frame.
  assertTrue(intactFrames > 200_000, `${intactFrames} frames`);
  assertTrue(lost <= 5 && invented <= 20, `${lost} of ${intactFrames} intact frames lost, ${invented} invented`);
});
