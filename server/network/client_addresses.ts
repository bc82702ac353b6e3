/**
 * Where other servers reach this one's clients' port: what it listens at, with "all addresses" spelled out.
 *
 * @module
 */

/**
 * `tcp://0.0.0.0:27586` is every address of this machine that others may reach; any other address is itself.
 * @param listening `tcp://127.0.0.1:27586`, one for each port
 * @param announce What is said instead
 * @param own The machine's addresses
 */
export function clientAddresses(
  listening: readonly string[],
  announce: readonly [host: string, port: number] | undefined,
  own: () => readonly string[] = machineAddresses,
): string[] {
  if (announce !== undefined) {
    const scheme = listening[0]?.startsWith("tls:") ? "tls" : "tcp";
    return [`${scheme}://${bracketed(announce[0])}:${announce[1]}`];
  }
  return [...new Set(listening.flatMap((url) => spelledOut(url, own)))];
}

function spelledOut(url: string, own: () => readonly string[]): string[] {
  const [, scheme, host, port] = /^(\w+):\/\/(.*):(\d+)$/.exec(url) ?? [];
  if (host !== "0.0.0.0" && host !== "[::]") return [url];
  const fitting = own().filter((address) => host === "[::]" || !address.includes(":"));
  const addresses = fitting.length > 0 ? fitting : [host === "[::]" ? "::1" : "127.0.0.1"];
  return addresses.map((address) => `${scheme}://${bracketed(address)}:${port}`);
}

function bracketed(host: string): string {
  return host.includes(":") && !host.startsWith("[") ? `[${host}]` : host;
}

/** IPv4 first; neither loopback nor link-local. */
function machineAddresses(): string[] {
  try {
    const all = Deno.networkInterfaces().filter(({ address }) => !/^(127\.|169\.254\.|::1$|fe80:)/i.test(address));
    return all.sort((a, b) => a.family.localeCompare(b.family)).map(({ address }) => address);
  } catch {
    return []; // not permitted to know
  }
}
