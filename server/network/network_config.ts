/**
 * How a server can be told to reach others.
 *
 * @module
 */

import { brokerPort } from "../backend/embedded.ts";
import { ConfigError } from "../config_error.ts";

/** Where the message broker is by which servers reach each other. */
export interface BrokerOptions {
  /** `mqtt://host:1883`, `mqtts:`, `ws:` or `wss:`. None: that of this machine, offered by this server if there is none. */
  uri?: string;
  /** The user's name. */
  user?: string;
  /** The user's password. */
  password?: string;
  /** Certificates of the authorities to trust (PEM), in place of the system's. */
  ca?: string;
  /** Own certificate (PEM). */
  cert?: string;
  /** Its key (PEM). */
  key?: string;
  /** The loopback port at which a broker is looked for, and offered, if no `uri` is given; default 1883. */
  embeddedPort?: number;
}

/** A Serf agent, in place of a message broker. */
export interface SerfOptions {
  /** Where its RPC is; default `localhost`. */
  host?: string;
  /** Default 7373. */
  port?: number;
  /** The agent's RPC key. */
  auth?: string;
}

/** How servers reach each other. */
export type NetworkConfig =
  | { readonly kind: "none" }
  | { readonly kind: "embedded"; readonly port: number }
  | { readonly kind: "mqtt"; readonly broker: BrokerOptions & { readonly uri: string } }
  | { readonly kind: "serf"; readonly host: string; readonly port: number; readonly auth: string | undefined };

/**
 * Fills in what was not said.
 * @param port Checks a port
 * @throws {ConfigError}
 */
export function networkOf(
  { alone, broker, serf }: { alone?: boolean; broker?: BrokerOptions | false; serf?: SerfOptions },
  port: (value: number) => number,
): NetworkConfig {
  if (alone || broker === false) return { kind: "none" };
  if (serf !== undefined) {
    return { kind: "serf", host: serf.host ?? "localhost", port: port(serf.port ?? 7373), auth: serf.auth };
  }
  const { uri } = broker ?? {};
  if (uri === undefined) return { kind: "embedded", port: port(broker?.embeddedPort ?? brokerPort) };
  if (!/^(mqtts?|wss?):\/\/[^/]/.test(uri)) {
    throw new ConfigError(`A broker is named as mqtt://HOST:PORT (or mqtts, ws, wss), unlike ${uri}`);
  }
  return { kind: "mqtt", broker: { ...broker, uri } };
}
