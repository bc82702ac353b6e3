/**
 * Where a peer is, as far as failed logins are counted: its IPv4 address, or the /64 network of its IPv6 address, in which
 * one machine has all addresses to itself.
 *
 * @module
 */

/**
 * The place of an address with its port.
 *
 * @example `127.0.0.1:5000` is at `127.0.0.1`, `[2001:db8::1:2]:5000` at `2001:db8:0:0`, `[::ffff:10.0.0.1]:5` at `10.0.0.1`
 */
export function placeOf(peer: string): string {
  const colon = peer.lastIndexOf(":");
  const host = (colon < 0 ? peer : peer.slice(0, colon)).replace(/^\[|\]$/g, "");
  if (!host.includes(":")) return host;
  if (host.includes(".")) return host.slice(host.lastIndexOf(":") + 1);
  const [front, back] = host.split("::");
  const first = front === "" ? [] : front.split(":");
  const last = back === undefined || back === "" ? [] : back.split(":");
  const zeros = Array.from({ length: Math.max(0, 8 - first.length - last.length) }, () => "0");
  return [...first, ...back === undefined ? [] : zeros, ...last].slice(0, 4).join(":");
}
