/**
 * Opening a client.
 *
 * @module
 */

import { Client } from "./client.ts";
import { DynamicConfig } from "./config.ts";
import { Link } from "./link.ts";
import { type ClientOptions, settingsOf } from "./options.ts";

/**
 * Opens a client. Without options it connects to the server on this machine.
 *
 * @example
 * ```ts
 * import { openClient, P } from "@moat/kv";
 *
 * await using client = await openClient();
 * await client.set(P("one.two.three"), ["Test", 42, false], { chain: null });
 * const { value, chain } = await client.get(P("one.two.three"), { nchain: 2 });
 * await client.set(P("one.two.three"), ["Test", 43, false], { chain }); // fails if somebody changed it meanwhile
 * ```
 * @throws {ConnectionError} If nobody answers in time
 * @throws {AuthError} If the server wants a login that is not given, or refuses it
 */
export async function openClient(options: ClientOptions = {}): Promise<Client> {
  const { dynamicConfig = true, signal } = options;
  const link = new Link(settingsOf(options));
  const config = new DynamicConfig(link, options.config, dynamicConfig);
  await link.open();
  const client = new Client(link, config);
  if (dynamicConfig) {
    const timer = setTimeout(() => client.close(), link.settings.initTimeoutMs);
    await config.loaded;
    clearTimeout(timer);
  }
  if (link.isClosed) throw signal?.aborted ? signal.reason : link.closedError();
  return client;
}
