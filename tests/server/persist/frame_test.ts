/** Frames: what is damaged is named, what is intact is found. */
import { Encoder } from "../../../wire/msgpack/encoder.ts";
import { crc32 } from "../../../server/persist/crc32.ts";
import { closeFrame, fileSalt, openFrame } from "../../../server/persist/frame.ts";
import { FrameReader } from "../../../server/persist/frame_reader.ts";
import { decodeFileHeader, encodeFileHeader } from "../../../server/persist/file_header.ts";
import { assertEquals, assertTrue } from "../../support/assert.ts";
import { MemoryDisk } from "../../support/memory_disk.ts";

const SALT = fileSalt(0x12345678, "log-1");

/** One frame per number, each holding `[number, "xx…"]`; returns their bytes and where each begins. */
function framesOf(numbers: number[], salt = SALT): { bytes: Uint8Array; starts: number[] } {
  const encoder = new Encoder();
  const starts = numbers.map((number) => {
    const start = openFrame(encoder);
    encoder.arrayHeader(2);
    encoder.int(1);
    encoder.str("x".repeat(number));
    closeFrame(encoder, start, salt);
    return start;
  });
  return { bytes: encoder.take(), starts: [...starts, encoder.length] };
}

/** Everything a reader says of these bytes: `7` for a frame with seven x, `damaged 3-9`, `torn 3-9`. */
function read(bytes: Uint8Array, salt = SALT): (number | string)[] {
  const disk = new MemoryDisk();
  disk.put("log", bytes);
  const reader = new FrameReader(disk.open("log", "read"), salt, 0);
  const found: (number | string)[] = [];
  for (let outcome = reader.next(); outcome !== "end"; outcome = reader.next()) {
    if (outcome === "frame") found.push(reader.end - reader.start - 3 - (reader.end - reader.start > 34 ? 1 : 0));
    else found.push(`${outcome} ${reader.from}-${reader.to}`);
  }
  return found;
}

Deno.test("crc32() agrees with the published check value, at every split", () => {
  const text = new TextEncoder().encode("123456789 and the lazy dog");
  assertEquals(crc32(text, 0, 9) >>> 0, 0xcbf43926);
  for (let split = 0; split <= text.length; split++) {
    assertEquals(crc32(text, split, text.length, crc32(text, 0, split)), crc32(text, 0, text.length));
  }
});

Deno.test("FrameReader: frames are read back, also across its window and far larger than it", () => {
  const numbers = [1, 2, 3, 20, ...Array<number>(60).fill(30)];
  assertEquals(read(framesOf(numbers).bytes), numbers);
  const encoder = new Encoder();
  for (const size of [5, 1_048_560, 3_000_000, 7, 1_048_576, 9]) {
    const start = openFrame(encoder);
    encoder.arrayHeader(1);
    encoder.bin(new Uint8Array(size));
    encoder.bytes[start + 9] = 1;
    closeFrame(encoder, start, SALT);
  }
  assertEquals(read(encoder.take()).length, 6);
});

Deno.test("FrameReader: at every truncation point the whole frames are there and the rest is torn", () => {
  const numbers = [1, 5, 9, 3];
  const { bytes, starts } = framesOf(numbers);
  for (let size = 0; size <= bytes.length; size++) {
    const whole = starts.filter((start, i) => i > 0 && start <= size).length;
    const end = starts[whole];
    const expected = numbers.slice(0, whole);
    assertEquals(
      read(bytes.slice(0, size)),
      end === size ? expected : [...expected, `torn ${end}-${size}`],
      `at ${size}`,
    );
  }
});

Deno.test("FrameReader: any flipped bit is damage of exactly its frame, never a torn end", () => {
  const numbers = [1, 5, 9, 3];
  const { bytes, starts } = framesOf(numbers);
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const damaged = bytes.slice();
    damaged[bit >> 3] ^= 1 << (bit & 7);
    const hit = starts.findLastIndex((start) => start <= bit >> 3);
    const expected = numbers.map((n, i) => i === hit ? `damaged ${starts[hit]}-${starts[hit + 1]}` : n);
    assertEquals(read(damaged), expected, `bit ${bit}`);
  }
});

Deno.test("FrameReader: zeros at the end, as after a power cut, are damage; what stands before is kept", () => {
  const { bytes } = framesOf([4, 4]);
  for (const zeros of [8, 9, 100, 5000]) {
    const padded = new Uint8Array(bytes.length + zeros);
    padded.set(bytes);
    assertEquals(read(padded), [4, 4, `damaged ${bytes.length}-${padded.length}`]);
  }
});

Deno.test("FrameReader: a frame inside a value is not taken for one without the salt", () => {
  const forged = framesOf([8], 0).bytes;
  const encoder = new Encoder();
  const start = openFrame(encoder);
  encoder.arrayHeader(2);
  encoder.int(1);
  encoder.bin(forged);
  closeFrame(encoder, start, SALT);
  const bytes = encoder.take();
  bytes[4] ^= 1;
  assertEquals(read(bytes), [`damaged 0-${bytes.length}`]);
});

Deno.test("FrameReader: what the disk cannot read is damage, and the rest is read", () => {
  const { bytes, starts } = framesOf(Array<number>(3000).fill(20));
  const disk = new MemoryDisk();
  disk.put("log", bytes);
  const file = disk.open("log", "read");
  const readWhole = file.read.bind(file);
  const bad = 50_000;
  file.read = (into, position) => {
    if (position <= bad && position + into.length > bad) disk.failAt = disk.steps;
    try {
      disk.step("read");
    } finally {
      disk.failAt = Infinity;
    }
    return readWhole(into, position);
  };
  const reader = new FrameReader(file, SALT, 0);
  let frames = 0;
  const damage: number[][] = [];
  for (let outcome = reader.next(); outcome !== "end"; outcome = reader.next()) {
    if (outcome === "frame") frames++;
    else damage.push([reader.from, reader.to]);
  }
  assertEquals(damage.length, 1);
  assertTrue(damage[0][0] <= bad && bad < damage[0][1] && damage[0][1] - damage[0][0] < 4096 + 100);
  const hit = (damage[0][1] - damage[0][0]) / (starts[1] - starts[0]);
  assertEquals(frames, 3000 - hit);
});

Deno.test("fileSalt() never makes a word of zeros a header", () => {
  for (let i = 0; i < 100_000; i++) {
    const salt = fileSalt(i * 2654435761, `log-${i}`);
    const zeros = new Uint8Array(64);
    if (i % 1000 === 0) assertEquals(read(zeros, salt), ["damaged 0-64"]);
    const length = salt >>> 4;
    const check = [0, 4, 8, 12, 16, 20, 24].reduce((sum, shift) => sum ^ (length >>> shift & 15), 0);
    assertTrue(check !== (salt & 15) || length < 2, `salt ${salt}`);
  }
});

Deno.test("file header: one of its two copies is enough, and says that the other is bad", () => {
  const header = encodeFileHeader("snapshot", 7, -5);
  const expected = { kind: "snapshot" as const, version: 1, number: 7, directorySalt: -5, isIntact: true };
  assertEquals(decodeFileHeader(header), expected);
  for (let bit = 0; bit < header.length * 8; bit++) {
    const damaged = header.slice();
    damaged[bit >> 3] ^= 1 << (bit & 7);
    assertEquals(decodeFileHeader(damaged), { ...expected, isIntact: false });
  }
  for (let size = 0; size < header.length; size++) {
    assertEquals(decodeFileHeader(header.slice(0, size))?.isIntact, size < 32 ? undefined : false);
  }
});
