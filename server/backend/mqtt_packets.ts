/**
 * The bytes from a broker, in pieces of any size, to packets of MQTT 3.1.1. Only what a message at QoS 0 consists of is
 * looked into; everything else is handed on as it is.
 *
 * ```text
 * 0x30 │ length, 7 bits a byte │ topic's length, 2 bytes │ topic │ payload
 * ```
 *
 * Source: MQTT 3.1.1, 2.2 and 3.3.
 *
 * @module
 */

import type { Channel } from "./backend.ts";

/** Room offered for one read. */
const readBytes = 64 * 1024;

/** A buffer that grew beyond this is given back when it is empty. */
const keptBytesMax = 1024 * 1024;

/** Topics that are remembered as channels. */
const topicsMax = 32;

/** What becomes of packets. */
export interface PacketReceiver {
  /** A message at QoS 0. The payload is the receiver's to keep. */
  message(channel: Channel, payload: Uint8Array): void;
  /** Another packet, or what is none; the receiver's to keep, too. */
  other(bytes: Uint8Array): void;
}

/** See the module. */
export class PacketReader {
  #bytes = new Uint8Array(readBytes);
  #filled = 0;
  readonly #topics = new Topics();

  constructor(private readonly receiver: PacketReceiver) {}

  /** Room to read into. Then call {@linkcode PacketReader.advance}. */
  writable(): Uint8Array {
    if (this.#filled === 0 && this.#bytes.length > keptBytesMax) this.#bytes = new Uint8Array(readBytes);
    if (this.#bytes.length - this.#filled < readBytes) {
      const grown = new Uint8Array(2 * this.#bytes.length);
      grown.set(this.#bytes.subarray(0, this.#filled));
      this.#bytes = grown;
    }
    return this.#bytes.subarray(this.#filled);
  }

  /** So many bytes were read: hands on the packets that are complete. They are copied together: one by one costs more. */
  advance(count: number): void {
    this.#filled += count;
    let whole = 0;
    for (let end; (end = packetEnd(this.#bytes, whole, this.#filled)) > 0;) whole = end;
    if (whole === 0) return;
    const packets = this.#bytes.slice(0, whole);
    this.#bytes.copyWithin(0, whole, this.#filled);
    this.#filled -= whole;
    for (let at = 0, end; (end = packetEnd(packets, at, whole)) > 0; at = end) this.#packet(packets, at, end);
  }

  #packet(bytes: Uint8Array, start: number, end: number): void {
    const body = bodyOf(bytes, start);
    const topicEnd = body + 2 + (bytes[body] << 8 | bytes[body + 1]);
    // A message, whether repeated or retained; QoS 0.
    const isMessage = (bytes[start] & 0xf6) === 0x30 && topicEnd <= end;
    if (!isMessage) return this.receiver.other(bytes.subarray(start, end));
    this.receiver.message(this.#topics.channel(bytes, body + 2, topicEnd), bytes.subarray(topicEnd, end));
  }
}

/** Where the packet at `start` ends; 0 if it is not all there. What is no packet ends with the bytes at hand. */
function packetEnd(bytes: Uint8Array, start: number, filled: number): number {
  let length = 0;
  for (let i = 1, shift = 0; i <= 4; i++, shift += 7) {
    if (start + i >= filled) return 0;
    const byte = bytes[start + i];
    length |= (byte & 127) << shift;
    if (byte >= 128) continue;
    const end = start + i + 1 + length;
    return end <= filled ? end : 0;
  }
  return filled;
}

/** Where the body of a whole packet begins. */
function bodyOf(bytes: Uint8Array, start: number): number {
  let at = start + 1;
  while (bytes[at] >= 128) at++;
  return at + 1;
}

/** Topics as channels: there are few, so that they need not be decoded each time. */
class Topics {
  readonly #known: { readonly bytes: Uint8Array; readonly channel: Channel }[] = [];

  channel(bytes: Uint8Array, start: number, end: number): Channel {
    for (const each of this.#known) if (isAt(each.bytes, bytes, start, end)) return each.channel;
    const topic = bytes.slice(start, end);
    const channel = new TextDecoder().decode(topic).split("/");
    if (this.#known.length === topicsMax) this.#known.length = 0;
    this.#known.push({ bytes: topic, channel });
    return channel;
  }
}

function isAt(topic: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  if (topic.length !== end - start) return false;
  // Those of one network differ in their last letters.
  for (let i = topic.length - 1; i >= 0; i--) if (topic[i] !== bytes[start + i]) return false;
  return true;
}

/** Writes the head of a message at QoS 0 up to its payload into `out`, which has `headBytesMax + topic.length` bytes. */
export function writeMessageHead(out: Uint8Array, topic: Uint8Array, payloadBytes: number): number {
  let left = 2 + topic.length + payloadBytes;
  let at = 0;
  out[at++] = 0x30;
  for (; left >= 128; left >>>= 7) out[at++] = left & 127 | 128;
  out[at++] = left;
  out[at++] = topic.length >> 8;
  out[at++] = topic.length & 255;
  out.set(topic, at);
  return at + topic.length;
}

/** Bytes before the topic, at most. */
export const headBytesMax = 7;
