/** Loses whole MQTT packets on their way: what a broker does to a slow reader. */

/** A filter of a stream of MQTT packets that loses those for which `isLost` says so. */
export function losing(isLost: (packet: Uint8Array) => boolean): (chunk: Uint8Array) => Uint8Array {
  let rest = new Uint8Array();
  return (chunk) => {
    const bytes = joined([rest, chunk]);
    const kept: Uint8Array[] = [];
    let at = 0;
    for (let end; (end = packetEnd(bytes, at)) !== undefined; at = end) {
      const packet = bytes.subarray(at, end);
      if (!isLost(packet)) kept.push(packet);
    }
    rest = bytes.slice(at);
    return joined(kept);
  };
}

/** Where the packet at `at` ends; undefined: it is not all there. MQTT 3.1.1, 2.2.3: seven bits of the length a byte. */
function packetEnd(bytes: Uint8Array, at: number): number | undefined {
  let length = 0;
  for (let i = at + 1, shift = 0; i < bytes.length; i++, shift += 7) {
    length += (bytes[i] & 127) << shift;
    if (bytes[i] >= 128) continue;
    const end = i + 1 + length;
    return end <= bytes.length ? end : undefined;
  }
  return undefined;
}

function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
