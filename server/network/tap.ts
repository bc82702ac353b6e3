/**
 * A connection to where servers speak to each other, without a server: for looking, and for sending by hand.
 *
 * @module
 */

import { KvError } from "../../wire/errors.ts";
import type { Backend } from "../backend/backend.ts";
import { MqttBackend } from "../backend/mqtt.ts";
import { SerfBackend } from "../backend/serf.ts";
import { type BrokerOptions, networkOf, type SerfOptions } from "./network_config.ts";

/** How long the broker has to take it in. */
const attachMs = 5000;

/**
 * Connects as servers of this configuration do. No broker is offered.
 * @throws {KvError} If there is to be none, or none answers
 */
export async function openTap(options: { broker?: BrokerOptions | false; serf?: SerfOptions }): Promise<Backend> {
  const network = networkOf(options, (port) => port);
  if (network.kind === "none") throw new KvError("There is no message broker: kv.server.backend is none");
  const backend = network.kind === "serf" ? SerfBackend.open(network) : await MqttBackend.open(
    network.kind === "mqtt" ? network.broker : { uri: `mqtt://127.0.0.1:${network.port}` },
  );
  if (!await attached(backend)) {
    await backend[Symbol.asyncDispose]();
    throw new KvError(`There is no connection to the ${backend.description}`);
  }
  return backend;
}

async function attached(backend: Backend): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<void>();
  using _watching = backend.watch(() => resolve());
  const timer = setTimeout(resolve, attachMs);
  if (!backend.isAttached) await promise;
  clearTimeout(timer);
  return backend.isAttached;
}
