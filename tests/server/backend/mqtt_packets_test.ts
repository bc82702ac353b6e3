import { assertEquals } from "../../support/assert.ts";
import { headBytesMax, PacketReader, writeMessageHead } from "../../../server/backend/mqtt_packets.ts";

const utf8 = new TextEncoder();

function message(topic: string, payload: Uint8Array): number[] {
  const name = utf8.encode(topic);
  const head = new Uint8Array(headBytesMax + name.length);
  return [...head.subarray(0, writeMessageHead(head, name, payload.length)), ...payload];
}

/** What a reader makes of bytes that come in the given pieces. */
function read(pieces: readonly Uint8Array[]): string[] {
  const seen: string[] = [];
  const reader = new PacketReader({
    message: (channel, payload) =>
      seen.push(`${channel.join("/")} ${payload.length}:${payload.at(0)},${payload.at(-1)}`),
    other: (bytes) => seen.push(`other ${[...bytes].join(",")}`),
  });
  for (const piece of pieces) {
    for (let at = 0; at < piece.length;) {
      const room = reader.writable();
      const count = Math.min(room.length, piece.length - at);
      room.set(piece.subarray(at, at + count));
      reader.advance(count);
      at += count;
    }
  }
  return seen;
}

const long = new Uint8Array(300).fill(7);
const bytes = Uint8Array.from([
  ...[0x20, 2, 0, 0], // CONNACK
  ...message("moat/kv/sync", Uint8Array.of(1, 2, 3)),
  ...[0x90, 3, 0, 1, 0], // SUBACK
  ...message("moat/kv/info", long),
  ...[0x32, 7, 0, 1, 97, 0, 9, 5, 5], // a message at QoS 1
  ...message("moat/kv/sync", Uint8Array.of(4)),
  ...[0xd0, 0], // PINGRESP
]);
const packets = [
  "other 32,2,0,0",
  "moat/kv/sync 3:1,3",
  "other 144,3,0,1,0",
  "moat/kv/info 300:7,7",
  "other 50,7,0,1,97,0,9,5,5",
  "moat/kv/sync 1:4,4",
  "other 208,0",
];

Deno.test("PacketReader finds the same packets wherever the bytes are split", () => {
  assertEquals(read([bytes]), packets);
  assertEquals(read([...bytes].map((byte) => Uint8Array.of(byte))), packets);
  for (let at = 1; at < bytes.length; at++) assertEquals(read([bytes.subarray(0, at), bytes.subarray(at)]), packets);
});

Deno.test("PacketReader keeps an incomplete packet to itself", () => {
  const [first] = packets;
  assertEquals(read([bytes.subarray(0, 5)]), [first]);
});

Deno.test("PacketReader passes messages that are longer than what it reads at once", () => {
  const payload = new Uint8Array(3_000_000).fill(9);
  const all = Uint8Array.from([...message("a", payload), ...message("b", Uint8Array.of(1))]);
  assertEquals(read([all]), ["a 3000000:9,9", "b 1:1,1"]);
});

Deno.test("PacketReader hands on what is no packet, and a topic that is longer than its packet", () => {
  const noLength = Uint8Array.of(0x30, 255, 255, 255, 255, 1);
  assertEquals(read([noLength]), [`other ${[...noLength].join(",")}`]);
  const noTopic = Uint8Array.of(0x30, 3, 0, 9, 97);
  assertEquals(read([noTopic]), ["other 48,3,0,9,97"]);
  assertEquals(read([Uint8Array.of(0x30, 0)]), ["other 48,0"]);
});

Deno.test("writeMessageHead() writes lengths of one to four bytes", () => {
  for (
    const [payload, lengthBytes] of [[1, 1], [124, 1], [125, 2], [16_380, 2], [16_381, 3], [2_097_148, 3], [
      2_097_149,
      4,
    ]]
  ) {
    const head = new Uint8Array(headBytesMax + 1);
    assertEquals(writeMessageHead(head, utf8.encode("a"), payload), 1 + lengthBytes + 2 + 1, String(payload));
  }
});
